// SPDX-License-Identifier: Apache-2.0
// The part of `consolidate` that empties hosts and puts them to sleep: steps 2 and 3 of consolidate.hpp.
#pragma once

#include <cstddef>

#include "scheduler/draft.hpp"
#include "scheduler/packer.hpp"
#include "scheduler/problem/problem.hpp"

namespace ballast {

struct ConsolidationOptions {
    double low;               // fraction of usable CPU: hosts below it are emptied
    double target;            // fraction: what destinations are planned to carry at most
    double headroom;          // fraction, of what stays on
    std::size_t spare_hosts;  // of which so many may fail
    double rise_mhz;          // CPU that all VMs are expected to need more than now
    double min_saving_watts;  // of a host that is emptied
    double stable_s;          // over which the cost of switching is spread
};

// Adds moves, stays and verdicts to `draft`. `energy` is a goal of its problem, whose objective is in watts.
// Complexity: see consolidate.hpp.
void empty_hosts(Draft& draft, Packer& packer, Problem::GoalId energy, const ConsolidationOptions& options);

}  // namespace ballast
