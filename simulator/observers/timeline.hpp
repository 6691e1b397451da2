// SPDX-License-Identifier: Apache-2.0
// Records a run's Timeline for the report. Power, overload and contention are what EnergyMeter, SlaMeter and
// ContentionCounter count, cut into points: their sums agree with the run's figures. The energy of sending a migration
// counts in the point in which it ends.
#pragma once

#include <memory>
#include <vector>

#include "core/cluster.hpp"
#include "simulator/observer.hpp"
#include "simulator/observers/energy.hpp"
#include "simulator/timeline.hpp"

namespace ballast {

class TimelineRecorder : public Observer {
  public:
    // All hosts are taken to be on until something else is seen.
    TimelineRecorder(std::shared_ptr<const Inventory> inventory, double interval_s, std::size_t interval_count,
                     double migration_joules_per_byte = 0.0);

    void on_host(const HostStretch& stretch) override;
    void on_vm(const VmStretch& stretch) override;
    void on_interval_end() override;
    void on_migration_start(const Migration& migration) override;
    void on_migration_end(const Migration& migration) override;
    void on_migration_abort(const Migration& migration) override { on_migration_end(migration); }
    void on_power(HostId host, PowerState from, PowerState to, double now_s) override;
    void on_host_failure(HostId host) override;

    [[nodiscard]] Timeline finish() { return builder_.finish(); }  // once, after the last interval

  private:
    TimelineBuilder builder_;
    EnergyMeter energy_;
    std::vector<bool> on_;  // by host
};

}  // namespace ballast
