// SPDX-License-Identifier: Apache-2.0
// A management controller spoken to by IPMI 2.0 over the network, through ipmitool. Sleep is the ACPI shutdown
// ("soft"), so that the host's system ends in order; IPMI has no suspend.
#pragma once

#include <string>
#include <vector>

#include "executor/power/host_switch.hpp"
#include "executor/power/options.hpp"

namespace ballast::power {

class IpmiSwitch final : public HostSwitch {
  public:
    explicit IpmiSwitch(const PowerOptions& options);

    [[nodiscard]] std::string text() const override;
    [[nodiscard]] Status sleep() override;
    [[nodiscard]] Status wake() override;
    [[nodiscard]] Result<PowerSight> look() override;

  private:
    [[nodiscard]] Result<std::string> chassis_power(const char* command) const;

    PowerOptions options_;
};

}  // namespace ballast::power
