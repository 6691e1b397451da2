// SPDX-License-Identifier: Apache-2.0
#include "metrics/listen_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace ballast {

namespace {

constexpr int backlog = 64;

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return port;
}

std::optional<ListenAddress> ipv4(const std::string& ip) {
    in_addr address{};
    if (inet_pton(AF_INET, ip.c_str(), &address) != 1) return std::nullopt;
    return ListenAddress{ip, false, 0, ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET};
}

std::optional<ListenAddress> ipv6(const std::string& ip) {
    in6_addr address{};
    if (inet_pton(AF_INET6, ip.c_str(), &address) != 1) return std::nullopt;
    return ListenAddress{ip, true, 0, IN6_IS_ADDR_LOOPBACK(&address) != 0};
}

std::optional<ListenAddress> ip_of(std::string_view text) {
    if (text == "localhost") return ipv4("127.0.0.1");
    if (text.starts_with('[') && text.ends_with(']')) return ipv6(std::string(text.substr(1, text.size() - 2)));
    return ipv4(std::string(text));
}

bool bind_to(int fd, const ListenAddress& address) {
    if (!address.ipv6) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(address.port);
        inet_pton(AF_INET, address.ip.c_str(), &to.sin_addr);
        return bind(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    const int off = 0;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.ip.c_str(), &to.sin6_addr);
    return bind(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const std::optional<std::uint16_t> port =
        colon == std::string_view::npos ? std::nullopt : port_of(text.substr(colon + 1));
    std::optional<ListenAddress> address = port ? ip_of(text.substr(0, colon)) : std::nullopt;
    if (!address) {
        return fail(ErrorKind::usage,
                    "\"" + std::string(text) +
                        "\" is no address to listen on; write IP:PORT, such as 127.0.0.1:9177 or [2001:db8::1]:9177");
    }
    address->port = *port;
    return *address;
}

Result<int> open_listening_socket(const ListenAddress& address) {
    const int fd = socket(address.ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;  // so that it can be bound again right after a restart
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && bind_to(fd, address) &&
        listen(fd, backlog) == 0) {
        return fd;
    }
    const int error = errno;
    if (fd >= 0) close(fd);
    return fail(ErrorKind::failed, std::strerror(error));
}

}  // namespace ballast
