// SPDX-License-Identifier: Apache-2.0
#include "executor/this_machine.hpp"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

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

// In words, to be compared; without the port and the zone. An IPv4 address in an IPv6 one is the former. Empty if it is
// neither.
std::string address_of(const sockaddr* address) {
    std::array<char, NI_MAXHOST> text{};
    if (address == nullptr || (address->sa_family != AF_INET && address->sa_family != AF_INET6)) return {};
    const socklen_t length = address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (getnameinfo(address, length, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return {};
    std::string_view words = text.data();
    constexpr std::string_view mapped = "::ffff:";
    if (words.starts_with(mapped) && words.find('.') != std::string_view::npos) words.remove_prefix(mapped.size());
    return std::string(words.substr(0, words.find('%')));
}

std::vector<std::string> addresses_of(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (host.empty() || getaddrinfo(host.c_str(), nullptr, &hints, &raw) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(raw, freeaddrinfo);
    std::vector<std::string> addresses;
    for (const addrinfo* one = all.get(); one != nullptr; one = one->ai_next) {
        if (std::string address = address_of(one->ai_addr); !address.empty()) addresses.push_back(std::move(address));
    }
    return addresses;
}

std::vector<std::string> own_addresses() {
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) return {};
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(raw, freeifaddrs);
    std::vector<std::string> addresses;
    for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
        if (std::string address = address_of(one->ifa_addr); !address.empty()) addresses.push_back(std::move(address));
    }
    return addresses;
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

std::optional<bool> has_address_of_this_machine(const HostEndpoint& host) {
    const std::vector<std::string> theirs = addresses_of(host_in(host.uri));
    const std::vector<std::string> ours = own_addresses();
    if (theirs.empty() || ours.empty()) return std::nullopt;
    return std::any_of(theirs.begin(), theirs.end(), [&](const std::string& address) {
        return is_loopback(address) || std::find(ours.begin(), ours.end(), address) != ours.end();
    });
}

}  // namespace ballast
