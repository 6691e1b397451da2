// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/host_pressure.hpp"

#include <algorithm>
#include <array>
#include <future>
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
    std::array<std::future<Result<std::map<std::string, double>>>, signs.size()> answers;
    for (std::size_t i = 0; i < signs.size(); ++i) {
        if (signs[i].query.expression.empty()) continue;
        answers[i] = std::async(std::launch::async,
                                [&, &query = signs[i].query] { return ask_for_hosts(client, query, label, hosts); });
    }
    std::map<std::string, HostPressure> pressure;
    for (std::size_t i = 0; i < signs.size(); ++i) {
        if (!answers[i].valid()) continue;
        const Sign& sign = signs[i];
        const Result<std::map<std::string, double>> values = answers[i].get();
        if (!values) return tl::unexpected(values.error());
        for (const auto& [host, value] : *values) {
            if (value >= 0.0) pressure[host].*(sign.sign) = std::min(value, sign.max);
        }
    }
    return pressure;
}

}  // namespace ballast
