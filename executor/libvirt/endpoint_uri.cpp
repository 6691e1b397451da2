// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/endpoint_uri.hpp"

namespace ballast::virt {

std::string host_of_uri(const std::string& uri) {
    const std::size_t scheme = uri.find("://");
    if (scheme == std::string::npos) return {};
    const std::size_t begin = scheme + 3;
    std::string authority = uri.substr(begin, uri.find('/', begin) - begin);
    if (const std::size_t at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at + 1);
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) authority.erase(colon);
    return authority;
}

bool may_ask_a_person(const std::string& uri) {
    const std::string scheme = uri.substr(0, uri.find("://"));
    return scheme.ends_with("+ext") || (scheme.ends_with("+ssh") && uri.find("no_tty=1") == std::string::npos);
}

std::string migration_uri(const HostEndpoint& destination) {
    std::string host =
        destination.migration_address.empty() ? host_of_uri(destination.uri) : destination.migration_address;
    if (host.empty()) return {};
    const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
    return "tcp://" + (bare_ipv6 ? "[" + host + "]" : host);
}

}  // namespace ballast::virt
