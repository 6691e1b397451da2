// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/host_pressure.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "metrics/prometheus/host_query.hpp"

namespace ballast {

Result<std::map<std::string, HostPressure>> ask_for_pressure(const PrometheusClient& client,
                                                             const PressureQueries& queries, const std::string& label,
                                                             const std::set<std::string>& hosts) {
    struct Sign {
        HostQuery query;
        std::optional<double> HostPressure::*sign;
        double max;
    };
    const std::array<Sign, 4> signs = {
        Sign{{"cpu_stall", queries.cpu_stall}, &HostPressure::cpu_some, 1.0},
        Sign{{"memory_stall", queries.memory_stall}, &HostPressure::memory_some, 1.0},
        Sign{{"io_stall", queries.io_stall}, &HostPressure::io_some, 1.0},
        Sign{{"swap_bytes_per_s", queries.swap_bytes_per_s},
             &HostPressure::swap_bytes_per_s,
             std::numeric_limits<double>::max()},
    };
    std::map<std::string, HostPressure> pressure;
    for (const Sign& sign : signs) {
        if (sign.query.expression.empty()) continue;
        const Result<std::map<std::string, double>> values = ask_for_hosts(client, sign.query, label, hosts);
        if (!values) return tl::unexpected(values.error());
        for (const auto& [host, value] : *values) {
            if (value >= 0.0) pressure[host].*(sign.sign) = std::min(value, sign.max);
        }
    }
    return pressure;
}

}  // namespace ballast
