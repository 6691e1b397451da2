// SPDX-License-Identifier: Apache-2.0
// [watts], [host.watts], [prometheus] and [energy]: how hosts' power is measured, and what energy costs.
#pragma once

#include <string>

#include "cli/toml/prometheus_settings.hpp"
#include "cli/toml/table_reader.hpp"
#include "metrics/energy/energy_monitor.hpp"
#include "metrics/energy/watts_meter.hpp"

namespace ballast::toml_io {

// What is not said is as in `otherwise`.
[[nodiscard]] WattsOptions read_watts(TableReader table, const WattsOptions& otherwise);

// The options with {host} replaced by the host's name.
[[nodiscard]] WattsOptions for_host(WattsOptions options, const std::string& host);

// [prometheus]: whom to ask, and for what.
[[nodiscard]] PrometheusSettings read_prometheus(TableReader table);

[[nodiscard]] EnergyFactors read_energy_factors(TableReader table);

}  // namespace ballast::toml_io
