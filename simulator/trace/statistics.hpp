// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "core/result.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

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
};

// Reads all of `source`, and so checks it. `progress`, if given, is called after every interval. Errors: the source's.
[[nodiscard]] Result<TraceStatistics> trace_statistics(
    TraceSource& source, const std::function<void(std::size_t intervals_done, std::size_t intervals)>& progress = {});

}  // namespace ballast
