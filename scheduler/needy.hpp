// SPDX-License-Identifier: Apache-2.0
// Which hosts something has to leave, and why: those in maintenance, those that are too hot, and those that do not give
// their VMs what these ask for (pressure_signs.hpp).
#pragma once

#include <vector>

#include "core/reason.hpp"
#include "core/resources.hpp"
#include "core/vm.hpp"
#include "scheduler/draft.hpp"
#include "scheduler/placement.hpp"
#include "scheduler/relief.hpp"

namespace ballast {

// A host that something has to leave, and why.
struct Needy {
    HostId host;
    bool all = false;  // in maintenance: everything has to leave
    bool cpu = false;  // hot in this resource, or under pressure
    bool memory = false;
    Reason reason;          // of the moves off it
    double cpu_goal = 0.0;  // fractions of what is usable: relieved until at or below
    double memory_goal = 0.0;
    Priority highest = Priority::low;  // of the VMs on it
    bool helped_by_waking = false;
};

// In the order in which they are helped: maintenance first, then by the highest priority of their VMs, then the
// hottest, then by id. Adds their verdicts to `draft`, and what is to be said of hosts that have been hot for too short
// a time. O(hosts * sustain + VMs on needy hosts).
[[nodiscard]] std::vector<Needy> find_needy(Draft& draft, const ReliefOptions& options);

// What has to leave in this resource, in its unit: what the host carries above its goal.
[[nodiscard]] double excess(const Placement& placement, const Needy& needy, Resource resource);

}  // namespace ballast
