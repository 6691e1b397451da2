// SPDX-License-Identifier: Apache-2.0
// Signs that VMs or hosts do not get what they ask for. An absent sign was not measured, and decides nothing.
//
// All of them are sustained: each is the least of what was measured in the intervals of the last minute, or in the last
// interval if that is longer. A burst is not in them, and the first interval without it takes a sign back.
#pragma once

#include <optional>

namespace ballast {

inline constexpr double pressure_window_s = 60.0;

struct VmPressure {
    // Share of the time it wanted CPUs in which it had none (ready time), 0 to 1. A VM that wants less than half a CPU
    // counts as wanting half of one: whoever hardly runs waits for a large part of very little.
    std::optional<double> cpu_wait;
    std::optional<double> swap_bytes_per_s;  // the guest's own swapping, in and out
    double ballooned_bytes = 0.0;            // of its configured memory: taken from it by its balloon

    friend bool operator==(const VmPressure&, const VmPressure&) = default;
};

// Of a host as a whole. The shares are those of Linux's pressure stall information, "some": the share of the time in
// which at least one task stood still for want of it, 0 to 1.
struct HostPressure {
    std::optional<double> cpu_some;
    std::optional<double> memory_some;
    std::optional<double> io_some;
    std::optional<double> swap_bytes_per_s;  // in and out

    friend bool operator==(const HostPressure&, const HostPressure&) = default;
};

}  // namespace ballast
