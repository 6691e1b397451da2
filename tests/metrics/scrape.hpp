// SPDX-License-Identifier: Apache-2.0
// A listener without more ado, and one GET /metrics on the loopback address, as a Prometheus makes it.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "metrics/listener_options.hpp"

namespace ballast::test {

inline ListenerOptions listening_on(const std::string& address) {
    ListenerOptions options;
    options.address = address;
    return options;
}

// The answer with its header; empty if anything goes wrong.
inline std::string scrape(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    std::string answer;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
        std::array<char, 1 << 16> buffer;
        for (ssize_t n = read(fd, buffer.data(), buffer.size()); n > 0; n = read(fd, buffer.data(), buffer.size())) {
            answer.append(buffer.data(), static_cast<std::size_t>(n));
        }
    }
    close(fd);
    return answer;
}

}  // namespace ballast::test
