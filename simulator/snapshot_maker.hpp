// SPDX-License-Identifier: Apache-2.0
// What the collectors of the simulated cluster would see: the engine's state and the past as a Snapshot.
//
// A Snapshot has only the VMs that run. While all VMs of the recording do, its inventory is the engine's; otherwise it
// is one of its own, with VM ids of its own, made anew when a VM started or ended since the last snapshot, or another
// rule is in force.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/history.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "metrics/week_of_load.hpp"
#include "simulator/demands.hpp"
#include "simulator/engine.hpp"
#include "simulator/observer.hpp"
#include "simulator/rule_clock.hpp"
#include "simulator/workload.hpp"

namespace ballast {

class SnapshotMaker final : public Observer {
  public:
    // Keeps `samples_max` samples of every VM; 0 = no past is kept, and a snapshot's history is empty. `length_s`: of
    // the replay; if it is longer than a day the usual week of every VM is learnt, and snapshots have an outlook.
    SnapshotMaker(const Workload& start, std::size_t samples_max, double period_s, double length_s);

    // One sample per VM; those of VMs that do not run count as missing. O(VMs).
    void push(std::span<const double> mhz, const Engine& engine);
    // `demands`: as they are seen. O(hosts + VMs); if not all VMs run, times samples.
    [[nodiscard]] Result<Snapshot> make(const Engine& engine, const Demands& demands);
    // As an observer of the engine it notes what becomes of migrations, and which hosts sleep and wake.
    void on_migration_end(const Migration& migration) override;
    void on_migration_abort(const Migration& migration) override;
    void on_power(HostId host, PowerState from, PowerState to, double now_s) override;

    // The inventory of the last snapshot; none before the first.
    [[nodiscard]] const std::shared_ptr<const Inventory>& inventory() const { return inventory_; }
    // The engine's id of a VM of the last snapshot.
    [[nodiscard]] VmId engine_id(VmId seen) const { return vms_[seen.index()]; }
    [[nodiscard]] std::size_t vm_count() const { return vms_.size(); }

  private:
    void choose_vms(const Engine& engine);
    [[nodiscard]] ClusterState state_of(const Engine& engine, const Demands& demands) const;
    [[nodiscard]] Result<Cluster> make_cluster(const Engine& engine, ClusterState state);
    [[nodiscard]] Status add_rules(const Engine& engine, ClusterBuilder& builder) const;
    [[nodiscard]] History history_of(const Engine& engine) const;
    void look_ahead(double now_s, History& history) const;
    [[nodiscard]] bool all(const Engine& engine) const { return vms_.size() == engine.inventory().vms().size(); }

    std::size_t samples_max_;
    double period_s_;
    std::vector<HostState> host_states_;  // by host: as the replay begins; empty = nothing special
    RuleClock rules_;
    bool rules_turned_ = false;                   // since the begin: the engine's inventory is out of date
    History history_;                             // of all VMs of the recording; ages count from 0
    std::vector<WeekOfLoad> weeks_;               // of all VMs of the recording; empty = not learnt
    std::vector<double> row_;                     // with the missing ones marked
    std::vector<VmId> vms_;                       // of the last snapshot, by their id there
    std::shared_ptr<const Inventory> inventory_;  // of the last snapshot
    std::uint64_t population_ = 0;                // for which vms_ and inventory_ were made
};

}  // namespace ballast
