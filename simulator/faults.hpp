// SPDX-License-Identifier: Apache-2.0
// When hosts fail. Failures come from an explicit list, from a failure rate and a seed, or from both.
//
// With a mean time between failures each host works for an exponentially distributed time, fails, is repaired for an
// exponentially distributed time, and so on, whatever it is doing meanwhile. Every host has random numbers of its own,
// so that adding a host does not change when the others fail.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ids.hpp"

namespace ballast {

struct HostFailure {
    HostId host;
    double at_s = 0.0;      // since the begin of the trace
    double repair_s = 0.0;  // until it can be switched on again

    friend bool operator==(const HostFailure&, const HostFailure&) = default;
};

struct FailureRate {
    double mtbf_s = 0.0;  // mean time from the end of a repair to the next failure; 0 = never fails
    double mttr_s = 0.0;  // mean time to repair
};

// The failures of all hosts before `until_s`, one rate per host, in order of time, then host. O(failures * log).
[[nodiscard]] std::vector<HostFailure> draw_failures(std::span<const FailureRate> rates, double until_s,
                                                     std::uint64_t seed);

// Puts two lists together, in order of time, then host.
[[nodiscard]] std::vector<HostFailure> merge_failures(std::vector<HostFailure> a, std::span<const HostFailure> b);

}  // namespace ballast
