// SPDX-License-Identifier: Apache-2.0
// A policy of Ballast in the reference world: what it sees of the datacenter, and what becomes of its plan.
//
// It sees hosts that are always on: there switching is free and instant, so an empty host can be had at once. Memory is
// as the world has it: where it does not bind after the start, every host seems to have room for all VMs. VMs that are
// gone are not in the cluster. The plan's migrations all start at once, in its order; power actions have no meaning.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/history.hpp"
#include "core/models/migration_model.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "scheduler/policy.hpp"
#include "simulator/cloudsim/datacenter.hpp"
#include "simulator/cloudsim/optimiser.hpp"

namespace ballast::cloudsim {

class PolicyDecider {
  public:
    // Datacenter and policy must outlive it.
    PolicyDecider(const Datacenter& datacenter, const Policy& policy, std::uint64_t seed, double period_s);

    // The moves to start at `time_s`, in order. No VM may be in migration. O(hosts + VMs * samples) and the policy.
    // Errors: as of decide() (scheduler/engine.hpp).
    [[nodiscard]] Result<std::vector<Move>> decide(double time_s, std::size_t samples);

  private:
    [[nodiscard]] Result<Cluster> look();
    [[nodiscard]] History past(double time_s, std::size_t samples) const;

    const Datacenter& dc_;
    const Policy& policy_;
    Rng random_;
    double period_s_;
    MigrationModel model_;
    std::vector<HostSpec> hosts_;
    std::vector<VmIndex> vms_;     // of the last cluster, by their id there
    std::vector<PastMove> moves_;  // of the last day; VMs by VmIndex
    std::shared_ptr<const Inventory> inventory_;
};

}  // namespace ballast::cloudsim
