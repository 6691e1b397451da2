// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/prometheus_access_reader.hpp"

namespace ballast::toml_io {

void read_prometheus_access(TableReader& table, PrometheusAccess& access) {
    access.client.user = table.text("user");
    access.password_file = table.text("password_file");
    access.client.ca_file = table.text("ca_file");
    access.client.timeout_s = table.number("timeout_s", access.client.timeout_s, {0.1, 600.0});
    if (access.client.user.empty() != access.password_file.empty()) {
        table.error("user", "\"user\" and \"password_file\" go together");
    }
}

}  // namespace ballast::toml_io
