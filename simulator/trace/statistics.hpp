// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "core/result.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

// Of one column beside CPU, in its unit (TraceColumn).
struct ColumnStatistics {
    double mean = 0.0;  // over the VM-intervals of the VMs' lives
    float max = 0.0F;   // of one VM
    // Of the sums over all VMs, the greatest: what the cluster was asked for at once. Of no meaning for percentages.
    double sum_max = 0.0;
};

struct TraceStatistics {
    std::uint64_t vm_intervals = 0;     // of the VMs' lives
    double mean_percent = 0.0;          // over these
    double busiest_mean_percent = 0.0;  // of the VMs that live in the busiest interval
    std::size_t busiest_interval = 0;
    float max_percent = 0.0F;  // of one VM
    std::size_t vms_alive_min = 0;
    std::size_t vms_alive_max = 0;
    std::size_t vms_with_vcpus = 0;  // size recorded
    std::size_t vms_with_mhz = 0;
    std::size_t vms_with_memory = 0;
    ByColumn<std::optional<ColumnStatistics>> others;  // of the columns that are recorded
};

// Reads all of `source`, and so checks it. `progress`, if given, is called after every interval of every
// column. Errors: the source's.
[[nodiscard]] Result<TraceStatistics> trace_statistics(
    TraceSource& source, const std::function<void(std::size_t done, std::size_t all)>& progress = {});

}  // namespace ballast
