// SPDX-License-Identifier: Apache-2.0
#include "executor/power/wake_on_lan.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace ballast::power {

namespace {

constexpr int copies = 3;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int lower = std::tolower(static_cast<unsigned char>(c));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<MacAddress> parse_mac(std::string_view text) {
    MacAddress mac{};
    if (text.size() != 3 * mac.size() - 1) return std::nullopt;
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const int high = hex_digit(text[3 * i]);
        const int low = hex_digit(text[3 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        if (i + 1 < mac.size() && text[3 * i + 2] != ':' && text[3 * i + 2] != '-') return std::nullopt;
        mac[i] = static_cast<std::uint8_t>(16 * high + low);
    }
    return mac;
}

std::array<std::uint8_t, 102> magic_packet(const MacAddress& mac) {
    std::array<std::uint8_t, 102> packet{};
    auto* const end = std::fill_n(packet.begin(), mac.size(), std::uint8_t{0xFF});
    for (auto* at = end; at != packet.end();) at = std::copy(mac.begin(), mac.end(), at);
    return packet;
}

Status send_magic_packet(const MacAddress& mac, const std::string& broadcast, int port) {
    const auto failed = [&](const char* what) {
        return fail(ErrorKind::failed,
                    std::string("Wake-on-LAN to ") + broadcast + ": " + what + ": " + std::strerror(errno));
    };
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET, broadcast.c_str(), &to.sin_addr) != 1) {
        return fail(ErrorKind::usage, "\"" + broadcast + "\" is no IPv4 address to send a magic packet to");
    }
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return failed("no socket");
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    const auto packet = magic_packet(mac);
    Status sent;
    for (int i = 0; i < copies && sent; ++i) {
        const auto size =
            sendto(fd, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        if (size != static_cast<ssize_t>(packet.size())) sent = failed("cannot send");
    }
    close(fd);
    return sent;
}

}  // namespace ballast::power
