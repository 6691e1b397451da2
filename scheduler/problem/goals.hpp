// SPDX-License-Identifier: Apache-2.0
// The goals there are. Each refers to what it is made from while it lives, and looks at the working placement.
#pragma once

#include <memory>

#include "core/cluster.hpp"
#include "core/models/migration_model.hpp"
#include "scheduler/joint_load.hpp"
#include "scheduler/placement.hpp"
#include "scheduler/problem/goal.hpp"

namespace ballast {

// MHz that hosts are expected to lack on average within the hour: per host JointLoad::lacking_mhz() above `level` of
// its usable CPU (fraction).
[[nodiscard]] std::unique_ptr<Goal> contention_goal(const Cluster& cluster, JointLoad& joint, double level);

// Watts of the hosts: by its power curve under the load it has for a host that carries VMs, those of sleep for one that
// carries none. Hosts without a power curve draw nothing. That a host could not be put to sleep is for constraints.
[[nodiscard]] std::unique_ptr<Goal> energy_goal(const Cluster& cluster, const Placement& placement);

// Watts that moving VMs and emptying hosts takes, spread over the `stable_s` seconds for which things are expected to
// stay as they are: migration_joules() per VM that is not where it was, switching_joules() per host with a power curve
// that carries VMs in the cluster and none now.
[[nodiscard]] std::unique_ptr<Goal> effort_goal(const Cluster& cluster, const Placement& placement,
                                                const MigrationModel& model, double stable_s);

// MHz for memory that migrates: a VM that is not where it was costs the CPU that goes with its memory over all hosts
// (usable MHz / usable bytes * its bytes). What a migration is worth is this goal's weight.
[[nodiscard]] std::unique_ptr<Goal> moved_memory_goal(const Cluster& cluster, const Placement& placement);

// Weight times what is broken, per soft rule: VMs off or on its hosts, VMs outside of the host where most of an
// affinity group is, VMs too many in fault domains.
[[nodiscard]] std::unique_ptr<Goal> soft_rules_goal(const Cluster& cluster, const Placement& placement);

// How uneven: per host its usable CPU (MHz) times the square of its CPU utilisation. For a given sum of load it is
// least where all hosts have the same utilisation.
[[nodiscard]] std::unique_ptr<Goal> balance_goal(const Cluster& cluster, const Placement& placement);

}  // namespace ballast
