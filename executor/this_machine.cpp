// SPDX-License-Identifier: Apache-2.0
#include "executor/this_machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace ballast {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
    return result;
}

// "h2" of "qemu+ssh://root@h2:22/system"; "::1" of "qemu+tcp://[::1]/system"; empty if the URI names none.
std::string host_in(std::string_view uri) {
    const std::size_t scheme = uri.find("://");
    if (scheme == std::string_view::npos) return {};
    std::string_view rest = uri.substr(scheme + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
    if (rest.starts_with('[')) return lower(rest.substr(1, rest.find(']') - 1));
    return lower(rest.substr(0, rest.find(':')));
}

bool is_loopback(const std::string& host) {
    return host.starts_with("127.") || host.starts_with("localhost") || host == "ip6-localhost" || host == "::1" ||
           host == "0:0:0:0:0:0:0:1" || host.starts_with("::ffff:127.") || host == "0.0.0.0" || host == "::";
}

bool is_address(const std::string& name) {
    return name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
}

bool same(const std::string& a, const std::string& b) {
    if (a.empty() || b.empty()) return false;
    if (a == b) return true;
    if (is_address(a) || is_address(b)) return false;
    return a.substr(0, a.find('.')) == b.substr(0, b.find('.'));
}

}  // namespace

std::string this_machine() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

bool is_this_machine(const HostEndpoint& host, const std::string& machine) {
    const std::string in_uri = host_in(host.uri);
    const std::string ours = lower(machine);
    return in_uri.empty() || is_loopback(in_uri) || same(in_uri, ours) || same(lower(host.name), ours);
}

}  // namespace ballast
