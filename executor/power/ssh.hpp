// SPDX-License-Identifier: Apache-2.0
// Puts a host to sleep by a command on the host itself, through ssh: `systemctl suspend`, or what the operator names.
// ssh cannot wake it: that takes a magic packet (wake_on_lan.hpp).
#pragma once

#include <string>
#include <vector>

#include "executor/power/host_switch.hpp"
#include "executor/power/options.hpp"

namespace ballast::power {

class SshSwitch final : public HostSwitch {
  public:
    explicit SshSwitch(const PowerOptions& options) : options_(options) {}

    [[nodiscard]] std::string text() const override { return "ssh to " + options_.address; }
    [[nodiscard]] Status sleep() override;
    [[nodiscard]] Status wake() override;
    // `on` if it lets us in; otherwise unknown, because a host may be silent for other reasons than sleep.
    [[nodiscard]] Result<PowerSight> look() override;

  private:
    [[nodiscard]] std::vector<std::string> ssh(const std::vector<std::string>& command) const;

    PowerOptions options_;
};

}  // namespace ballast::power
