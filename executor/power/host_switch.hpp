// SPDX-License-Identifier: Apache-2.0
// One way to put one host to sleep, to wake it and to see which it is. The parts of a PowerControl.
#pragma once

#include <string>

#include "core/ports/power.hpp"
#include "core/result.hpp"

namespace ballast::power {

class HostSwitch {
  public:
    virtual ~HostSwitch() = default;
    [[nodiscard]] virtual std::string text() const = 0;  // as PowerMethod::text
    // As PowerControl's, for this host.
    [[nodiscard]] virtual Status sleep() = 0;
    [[nodiscard]] virtual Status wake() = 0;
    [[nodiscard]] virtual Result<PowerSight> look() = 0;
};

}  // namespace ballast::power
