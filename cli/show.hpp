// SPDX-License-Identifier: Apache-2.0
// How clusters, decisions and plans look to a person.
#pragma once

#include <string>

#include "core/plan.hpp"
#include "core/proposal.hpp"
#include "core/snapshot.hpp"

namespace ballast {

// One row per host: state, CPU and memory in use, its VMs.
[[nodiscard]] std::string show_hosts(const Snapshot& snapshot);
// One row per VM: host, CPU, memory, and what keeps it from moving, if anything.
[[nodiscard]] std::string show_vms(const Snapshot& snapshot);
// "migrate a  h1 -> h2", "power-off h1".
[[nodiscard]] std::string action_in_words(const Action& action, const Cluster& cluster);
// The plan's actions in order with their reasons and predicted cost. If there are none: why.
[[nodiscard]] std::string show_plan(const Plan& plan, const Cluster& cluster);
// Why the other VMs stay and what becomes of the hosts. Equal reasons of VMs on one host are one line unless
// `every_vm`.
[[nodiscard]] std::string show_stays(const Proposal& proposal, const Cluster& cluster, bool every_vm);

}  // namespace ballast
