// SPDX-License-Identifier: Apache-2.0
// How explanations look to a person.
#pragma once

#include <string>
#include <vector>

#include "cli/explain_groups.hpp"
#include "core/cluster.hpp"
#include "scheduler/explain.hpp"

namespace ballast {

// What is decided and why, what would change it, the VM, and the hosts it could go to: the first few, the others
// counted by why not.
[[nodiscard]] std::string show(const VmExplanation& explanation, const Cluster& cluster, const Decision& decision);
// What is decided and why, what would change it, the host, and a line for each of its VMs.
[[nodiscard]] std::string show(const HostExplanation& explanation, const Cluster& cluster, const Decision& decision);
// A line per group with a few names, or with a line for each member if `every_one`.
[[nodiscard]] std::string show_groups(const Explainer& explainer, const Cluster& cluster, const Decision& decision,
                                      bool every_one);

}  // namespace ballast
