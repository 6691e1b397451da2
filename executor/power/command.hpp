// SPDX-License-Identifier: Apache-2.0
// The operator's own programs: one to put the host to sleep, one to wake it, and perhaps one to see which it is, which
// ends with exit code 0 for "on", 1 for "asleep" and anything else for "cannot tell".
#pragma once

#include <string>

#include "executor/power/host_switch.hpp"
#include "executor/power/options.hpp"

namespace ballast::power {

class CommandSwitch final : public HostSwitch {
  public:
    explicit CommandSwitch(const PowerOptions& options) : options_(options) {}

    [[nodiscard]] std::string text() const override { return "command " + options_.sleep.front(); }
    [[nodiscard]] Status sleep() override;
    [[nodiscard]] Status wake() override;
    [[nodiscard]] Result<PowerSight> look() override;

  private:
    PowerOptions options_;
};

}  // namespace ballast::power
