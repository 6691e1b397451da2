// SPDX-License-Identifier: Apache-2.0
// Wakes a host by a magic packet: six bytes 0xFF and sixteen times its network card's address, sent by UDP to everybody
// in its network (AMD, "Magic Packet Technology", publication 20213). Whoever is asleep cannot say that it came.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "executor/power/host_switch.hpp"

namespace ballast::power {

using MacAddress = std::array<std::uint8_t, 6>;

// "52:54:00:12:34:56", also with '-'.
[[nodiscard]] std::optional<MacAddress> parse_mac(std::string_view text);

[[nodiscard]] std::array<std::uint8_t, 102> magic_packet(const MacAddress& mac);

// Sends it a few times, because UDP may lose it. `broadcast` is an IPv4 address; port 9 is the usual one.
[[nodiscard]] Status send_magic_packet(const MacAddress& mac, const std::string& broadcast, int port);

// Another way of switching, but for the wake.
class WakeOnLanSwitch final : public HostSwitch {
  public:
    WakeOnLanSwitch(std::unique_ptr<HostSwitch> inner, const MacAddress& mac, std::string broadcast, int port)
        : inner_(std::move(inner)), mac_(mac), broadcast_(std::move(broadcast)), port_(port) {}

    [[nodiscard]] std::string text() const override { return inner_->text() + ", woken by Wake-on-LAN"; }
    [[nodiscard]] Status sleep() override { return inner_->sleep(); }
    [[nodiscard]] Status wake() override { return send_magic_packet(mac_, broadcast_, port_); }
    [[nodiscard]] Result<PowerSight> look() override { return inner_->look(); }

  private:
    std::unique_ptr<HostSwitch> inner_;
    MacAddress mac_;
    std::string broadcast_;
    int port_;
};

}  // namespace ballast::power
