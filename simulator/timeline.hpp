// SPDX-License-Identifier: Apache-2.0
// What a run looked like over time: one value per interval. Kept only when a report is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ballast {

struct Timeline {
    double interval_s = 0.0;
    std::vector<double> power_w;            // mean over the interval, all hosts
    std::vector<std::uint32_t> hosts_on;    // at the end of the interval
    std::vector<std::uint32_t> migrations;  // started in the interval
    std::vector<double>
        sla_violation;  // SLATAH of the interval alone: overloaded share of the hosts' active time, 0..1
    std::vector<double> contention_vm_hours;
    // Mean CPU utilisation of hosts, interval-major, 0..100 %, 255 = off the whole interval. With very many hosts a row
    // stands for several: rows = ceil(hosts / hosts_per_row), each the mean of those that were on.
    std::vector<std::uint8_t> host_percent;
    std::size_t rows = 0;
    std::size_t hosts_per_row = 1;
};

}  // namespace ballast
