// SPDX-License-Identifier: Apache-2.0
// A management controller that speaks Redfish (DMTF DSP0266): HTTPS and JSON, through libcurl. Sleep is
// GracefulShutdown, so that the host's system ends in order.
#pragma once

#include <string>

#include "executor/power/host_switch.hpp"
#include "executor/power/options.hpp"

namespace ballast::power {

class RedfishSwitch final : public HostSwitch {
  public:
    explicit RedfishSwitch(const PowerOptions& options);

    [[nodiscard]] std::string text() const override;
    [[nodiscard]] Status sleep() override { return reset("GracefulShutdown"); }
    [[nodiscard]] Status wake() override { return reset("On"); }
    [[nodiscard]] Result<PowerSight> look() override;

  private:
    // The path of the one system that the controller is of.
    [[nodiscard]] Result<std::string> system() const;
    [[nodiscard]] Status reset(const char* type) const;
    // One request; `body` empty = GET. The answer's text; an error for any but a 2xx answer.
    [[nodiscard]] Result<std::string> request(const std::string& path, const std::string& body) const;
    [[nodiscard]] tl::unexpected<Error> error(ErrorKind kind, const std::string& what) const;

    PowerOptions options_;
};

}  // namespace ballast::power
