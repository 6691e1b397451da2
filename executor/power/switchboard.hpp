// SPDX-License-Identifier: Apache-2.0
// The PowerControl port over the ways of switching that the operator configured, one per host.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/ports/power.hpp"
#include "executor/power/host_switch.hpp"
#include "executor/power/options.hpp"

namespace ballast::power {

class Switchboard final : public PowerControl {
  public:
    // By host name; those without a method have none. check_power_options() must be happy with each.
    explicit Switchboard(const std::map<std::string, PowerOptions>& options);
    ~Switchboard() override;

    [[nodiscard]] std::optional<PowerMethod> method(const std::string& host) const override;
    [[nodiscard]] Status sleep(const std::string& host) override;
    [[nodiscard]] Status wake(const std::string& host) override;
    [[nodiscard]] Result<PowerSight> look(const std::string& host) override;

  private:
    struct Entry {
        std::unique_ptr<HostSwitch> way;
        bool wake_vouched = false;
    };
    [[nodiscard]] HostSwitch& way(const std::string& host);

    std::map<std::string, Entry> entries_;
};

}  // namespace ballast::power
