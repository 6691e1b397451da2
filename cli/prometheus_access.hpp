// SPDX-License-Identifier: Apache-2.0
// The way in to a Prometheus.
#pragma once

#include "cli/toml/prometheus_settings.hpp"
#include "core/result.hpp"
#include "metrics/prometheus/client.hpp"

namespace ballast {

// The one whom the settings name, with the password from its file. Errors: of reading that.
[[nodiscard]] Result<PrometheusClient> prometheus_client(const PrometheusAccess& access);

}  // namespace ballast
