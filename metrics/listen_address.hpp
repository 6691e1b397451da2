// SPDX-License-Identifier: Apache-2.0
// "ADDRESS:PORT" of a server, and the socket that listens there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

struct ListenAddress {
    std::string ip;  // "127.0.0.1", "::1"
    bool ipv6 = false;
    std::uint16_t port = 0;  // 0 = any free one
    bool loopback = false;   // only this machine reaches it

    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// Of "127.0.0.1:9177", "[::1]:0" or "localhost:9177", which is 127.0.0.1. Usage error for anything else: names are not
// looked up, because what they mean may change.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

// A TCP socket that listens there; the caller closes it. "[::]" takes IPv4, too. Failed if it cannot be bound.
[[nodiscard]] Result<int> open_listening_socket(const ListenAddress& address);

}  // namespace ballast
