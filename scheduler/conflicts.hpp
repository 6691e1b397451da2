// SPDX-License-Identifier: Apache-2.0
// Hard rules that no placement can keep all at once, whatever the capacities: three VMs apart on two hosts, two VMs
// together and apart. What cannot be kept shows otherwise only as VMs that never move, for a reason that names one rule
// of several.
//
// Method. VMs that affinity binds are one item. Items that an anti-affinity rule ties together, over several rules, are
// one group; groups are looked at one by one. An item may go where all pins and no forbid of its VMs lead. A group is
// hopeless if an item has nowhere to go, if an item alone is too much for an anti-affinity rule, or if a rule's items
// cannot be matched to domains (maximum bipartite matching by augmenting paths, each domain taking as many as the rule
// allows); otherwise items are placed one by one, fewest hosts first, with backtracking. From the rules of a hopeless
// group one after the other is left out as long as the rest remains hopeless (a deletion filter): what remains is
// minimal. Then the group is looked at again without these.
//
// The search has a budget of steps. A group for which it is used up is reported as not decided.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"

namespace ballast {

struct Conflict {
    std::vector<RuleId> rules;  // in rule order. Without any one of them the others can be kept …
    bool decided = true;        // … if this is true; otherwise it is not known whether all can be kept
};

inline constexpr std::uint64_t conflict_steps_max = 2'000'000;

// No two with the same rules; by the first VM of their group. O(VMs with rules + steps).
[[nodiscard]] std::vector<Conflict> find_conflicts(const Cluster& cluster,
                                                   std::uint64_t steps_max = conflict_steps_max);

// One sentence with each rule, its VMs and its hosts.
[[nodiscard]] std::string describe(const Conflict& conflict, const Cluster& cluster);

}  // namespace ballast
