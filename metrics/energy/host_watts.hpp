// SPDX-License-Identifier: Apache-2.0
// What a host draws now, and how that is known. In order of precedence:
//   1. measured, if the reading is fresh: by the operator's command (an IPMI controller, a PDU), the kernel's hwmon or
//      RAPL, whichever the configuration names for the host; or else as a Prometheus has it;
//   2. calibrated: the host's power table, fitted to what was measured before (power_calibration.hpp);
//   3. model: the host's power table as configured.
// Without any of these a host has no watts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/cluster.hpp"
#include "core/models/power_curve.hpp"

namespace ballast {

enum class WattsSource : std::uint8_t { command, hwmon, rapl, prometheus, calibrated, model };

// As the label `source` has it.
[[nodiscard]] std::string_view name(WattsSource source);

struct HostWatts {
    double watts = 0.0;  // finite, not negative
    WattsSource source = WattsSource::model;

    friend bool operator==(const HostWatts&, const HostWatts&) = default;
};

// `measured`: a fresh reading, if there is one. `calibrated`: the fitted curve, if there is one. A host that does not
// answer and is not known to sleep has watts only if they were measured. A sleeping host draws its sleep_watts, one
// that is being switched its boot_watts (the curve's peak if that is 0).
[[nodiscard]] std::optional<HostWatts> host_watts(const Cluster& cluster, HostId host,
                                                  const std::optional<HostWatts>& measured,
                                                  const std::optional<PowerCurve>& calibrated);

}  // namespace ballast
