// SPDX-License-Identifier: Apache-2.0
// The operator's rules against what can be seen of the cluster: a rule may name a VM that is shut off, paused, or on a
// host that does not answer, and none of these may stop the rest of the cluster from being looked after.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/rules.hpp"
#include "metrics/collector_options.hpp"

namespace ballast {

// All VM names that hosts have told of.
struct VmSightings {
    std::set<std::string> in_cluster;         // VMs of the snapshot
    std::map<std::string, std::string> held;  // paused or arriving only -> the host where
    std::set<std::string> shut_off;           // only defined somewhere
    std::vector<std::string> silent_hosts;    // hosts that do not answer
};

struct ScopedRules {
    std::vector<RuleSpec> rules;                // naming VMs of the snapshot only; a rule left without effect is gone
    std::map<std::string, std::string> frozen;  // VM -> why it may not move for now (an immovable_because)
};

// Takes out of each rule the VMs that are not in the snapshot:
//   held, or perhaps on a silent host   its companions in an affinity or anti-affinity rule are frozen, because where
//                                       they may go depends on it; the other rules are about each VM alone
//   shut off                            it cannot break a rule now
//   known nowhere, every host answers   usage error
// VMs that a rule selects by label (`vms` tells whose they are) freeze companions in the same way; one that is known
// nowhere is no error. Rules that are not in force at this time stay as they are.
[[nodiscard]] Result<ScopedRules> scope_rules(std::span<const RuleSpec> rules, std::span<const VmOptions> vms,
                                              const VmSightings& sightings, double unix_time_s);

}  // namespace ballast
