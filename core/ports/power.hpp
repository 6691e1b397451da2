// SPDX-License-Identifier: Apache-2.0
// The port through which hosts are put to sleep and woken: a management controller, a magic packet, a command of the
// operator's. Implemented by executor/power and by the fault-injecting fake of the tests. Thread-safe: hosts are
// switched side by side.
//
// Every call ends within a time that the implementation was given. An error is a hint, as with migrations: a command
// that was cut off may have worked. Only a look afterwards tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

enum class PowerSight : std::uint8_t {
    on,
    asleep,   // suspended or off
    unknown,  // this way of switching cannot see it
};

[[nodiscard]] std::string_view name(PowerSight sight);

struct PowerMethod {
    std::string text;           // for people: "ipmi at 10.0.0.7"
    bool wake_vouched = false;  // the operator says that waking works; nobody needs to have tried it
};

class PowerControl {
  public:
    virtual ~PowerControl() = default;

    // How this host (by name) is switched; nothing if there is no way.
    [[nodiscard]] virtual std::optional<PowerMethod> method(const std::string& host) const = 0;

    // Asks for it and returns; the host takes its time. Only for a host with a method.
    [[nodiscard]] virtual Status sleep(const std::string& host) = 0;
    [[nodiscard]] virtual Status wake(const std::string& host) = 0;

    // Error: what would know it does not answer.
    [[nodiscard]] virtual Result<PowerSight> look(const std::string& host) = 0;
};

}  // namespace ballast
