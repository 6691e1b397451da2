// SPDX-License-Identifier: Apache-2.0
#include "executor/power/wake_on_lan.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ballast::power {
namespace {

constexpr MacAddress some_mac = {0x52, 0x54, 0x00, 0xAB, 0xcd, 0x01};

TEST(WakeOnLan, AddressesAreReadStrictly) {
    EXPECT_EQ(parse_mac("52:54:00:ab:CD:01"), some_mac);
    EXPECT_EQ(parse_mac("52-54-00-ab-cd-01"), some_mac);
    for (const char* wrong : {"", "52:54:00:ab:cd", "52:54:00:ab:cd:0g", "52:54:00:ab:cd:01:02", "525400abcd01",
                              "52:54:00:ab:cd:1 ", "52 54 00 ab cd 01"}) {
        EXPECT_FALSE(parse_mac(wrong)) << wrong;
    }
}

// A socket on the loopback, on any free port.
class Listener {
  public:
    Listener() : fd_(socket(AF_INET, SOCK_DGRAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        socklen_t size = sizeof address;
        EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { close(fd_); }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string receive() const {
        pollfd ready{fd_, POLLIN, 0};
        if (poll(&ready, 1, 5000) != 1) return "nothing came";
        std::string packet(2000, '\0');
        packet.resize(static_cast<std::size_t>(recv(fd_, packet.data(), packet.size(), 0)));
        return packet;
    }

  private:
    int fd_;
    int port_ = 0;
};

TEST(WakeOnLan, ThePacketArrives) {
    const Listener listener;
    ASSERT_TRUE(send_magic_packet(some_mac, "127.0.0.1", listener.port()));
    std::string expected(6, '\xFF');
    for (int i = 0; i < 16; ++i) expected += std::string("\x52\x54\x00\xAB\xCD\x01", 6);
    EXPECT_EQ(listener.receive(), expected);
    EXPECT_EQ(listener.receive(), expected) << "more than once: UDP may lose it";
}

TEST(WakeOnLan, WhatCannotBeSentIsSaidSo) {
    EXPECT_EQ(send_magic_packet(some_mac, "nowhere", 9).error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace ballast::power
