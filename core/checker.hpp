// SPDX-License-Identifier: Apache-2.0
// The independent checker: does this plan keep every hard constraint at every state it can pass through?
//
// It shares no code with the policies, and lets soft rules be. What it guarantees, for every action order and every
// overlap that the plan's dependencies allow: a VM that is being moved takes its whole footprint on both hosts; a
// destination never takes more than its usable capacity; no move creates a broken rule. What was already broken before
// the plan (an overloaded host, two VMs of an anti-affinity group on one host) is not the plan's fault and is not
// reported, unless a move adds to it.
//
// Method. Take any state the plan can be in, and let `a` be the arrival at a host that started last. Every other
// arrival that has started is not a successor of `a`; whatever precedes `a` or one of those arrivals is done. So the
// use of the host is at most
//     initial + a - (departures preceding a) + sum over the other arrivals b of max(0, b - (departures preceding b)),
// each departure counted once, and it is enough to check that bound once per arrival. The same argument serves
// anti-affinity with at most N VMs of a group per host, rack or zone. Take a state, and let `a` be the arrival from
// outside the domain that started last among those that brought in a VM which is there. Any other VM there came by an
// arrival that is not a successor of `a` (or was there at the begin), and its leaving does not precede `a`; so it is
// enough to count, once per arrival, the VMs with such a stay. A move within a domain changes nothing in it.
// An affinity group may be apart while it travels, if it was together before and is together after the plan.
#pragma once

#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/plan.hpp"

namespace ballast {

struct Violation {
    ActionId action;      // the action that would break something; invalid for what concerns the plan as a whole
    std::string message;  // one line: the VM, the host, the constraint, the numbers
};

// All violations, in action order; empty = the plan may be executed.
// O(A^2 / 64 + sum over hosts of arrivals^2 * departures) for A actions.
[[nodiscard]] std::vector<Violation> check_plan(const Cluster& cluster, const Plan& plan);

}  // namespace ballast
