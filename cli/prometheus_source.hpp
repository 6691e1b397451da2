// SPDX-License-Identifier: Apache-2.0
// What the configured Prometheus is asked for, as the ports that want it.
#pragma once

#include "cli/toml/config.hpp"
#include "core/result.hpp"
#include "metrics/energy/watts_poller.hpp"
#include "metrics/libvirt/collector.hpp"

namespace ballast {

// The watts of the configured hosts; null if nobody is asked. Errors of prometheus_client().
[[nodiscard]] Result<WattsOfMany> watts_from_prometheus(const Config& config);

// The pressure on the configured hosts; null if nobody is asked. A password that cannot be read is an error of every
// look, not of the configuration: who may not read it can do without.
[[nodiscard]] PressureOfHosts pressure_from_prometheus(const Config& config);

}  // namespace ballast
