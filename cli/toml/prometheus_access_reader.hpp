// SPDX-License-Identifier: Apache-2.0
// The keys that say how to get in to a Prometheus, which two tables have.
#pragma once

#include "cli/toml/prometheus_settings.hpp"
#include "cli/toml/table_reader.hpp"

namespace ballast::toml_io {

// user, password_file, ca_file, timeout_s; what is not said stays as it is in `access`.
void read_prometheus_access(TableReader& table, PrometheusAccess& access);

}  // namespace ballast::toml_io
