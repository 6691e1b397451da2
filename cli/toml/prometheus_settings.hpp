// SPDX-License-Identifier: Apache-2.0
// Which Prometheus is asked, and for what.
#pragma once

#include <string>

#include "metrics/prometheus/client.hpp"
#include "metrics/prometheus/host_pressure.hpp"

namespace ballast {

struct PrometheusAccess {
    PrometheusOptions client;   // its password is in the file
    std::string password_file;  // its first line; empty = no password
};

struct PrometheusSettings {
    PrometheusAccess access;
    std::string host_label = "instance";  // names the host in every answer
    // The watts of hosts, one series each; empty = not asked for. The default is what node_exporter reads from RAPL.
    std::string watts = "sum by (instance) (rate(node_rapl_package_joules_total[2m]))";
    PressureQueries pressure;
};

}  // namespace ballast
