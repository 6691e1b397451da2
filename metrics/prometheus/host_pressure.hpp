// SPDX-License-Identifier: Apache-2.0
// What Prometheus knows of the pressure on hosts, which libvirt does not: Linux's pressure stall information and the
// host's swapping, as node_exporter has them.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/pressure.hpp"
#include "core/result.hpp"
#include "metrics/prometheus/client.hpp"

namespace ballast {

// One expression per sign, with one series per host; empty = not asked for. What they give is taken as it is, so each
// should be sustained (core/pressure.hpp). The defaults are: irate() is the mean of the last scrape interval, and the
// least of it over the last minute does not see a burst. What follows "and" is gone as soon as a scrape fails.
struct PressureQueries {
    std::string cpu_stall =
        "min_over_time(irate(node_pressure_cpu_waiting_seconds_total[2m])[1m:15s])"
        " and node_pressure_cpu_waiting_seconds_total";
    std::string memory_stall =
        "min_over_time(irate(node_pressure_memory_waiting_seconds_total[2m])[1m:15s])"
        " and node_pressure_memory_waiting_seconds_total";
    std::string io_stall =
        "min_over_time(irate(node_pressure_io_waiting_seconds_total[2m])[1m:15s])"
        " and node_pressure_io_waiting_seconds_total";
    // Pages have 4096 bytes but on few machines.
    std::string swap_bytes_per_s =
        "4096 * (min_over_time(irate(node_vmstat_pswpin[2m])[1m:15s])"
        " + min_over_time(irate(node_vmstat_pswpout[2m])[1m:15s])) and node_vmstat_pswpin";

    [[nodiscard]] bool any() const {
        return !(cpu_stall.empty() && memory_stall.empty() && io_stall.empty() && swap_bytes_per_s.empty());
    }
};

// By host (name); hosts that no answer names are not there. Shares above 1 count as 1, negative values as none.
// Asks all at once, so that it takes no longer than one query may. Errors: those of ask_for_hosts(), of the first query
// that fails.
[[nodiscard]] Result<std::map<std::string, HostPressure>> ask_for_pressure(const PrometheusClient& client,
                                                                           const PressureQueries& queries,
                                                                           const std::string& label,
                                                                           const std::set<std::string>& hosts);

}  // namespace ballast
