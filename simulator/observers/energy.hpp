// SPDX-License-Identifier: Apache-2.0
// Energy of every host: watts times seconds over its stretches.
//   on                        the power curve at (CPU given to VMs and migrations) / (all of the host's CPU)
//   waking, going to sleep    boot_watts; the curve's peak if that is 0
//   asleep                    sleep_watts
// Every migration adds `migration_joules_per_byte` for the bytes it sent, half to its source and half to its
// destination, when it ends or is aborted: what sending costs beyond the CPU that the engine charges. A host without a
// power model counts nothing.
// Worked example: an HP ML110 G4 at 50 % for 300 s, then asleep at 8 W for 300 s: 102 * 300 + 8 * 300 = 33,000 J.
#pragma once

#include <memory>
#include <vector>

#include "core/cluster.hpp"
#include "simulator/observer.hpp"

namespace ballast {

class EnergyMeter : public Observer {
  public:
    explicit EnergyMeter(std::shared_ptr<const Inventory> inventory, double migration_joules_per_byte = 0.0);
    void on_host(const HostStretch& stretch) override;
    void on_migration_end(const Migration& migration) override { charge(migration); }
    void on_migration_abort(const Migration& migration) override { charge(migration); }

    [[nodiscard]] double joules(HostId host) const { return joules_[host.index()]; }
    [[nodiscard]] double kwh() const;  // of all hosts

  private:
    void charge(const Migration& migration);

    std::shared_ptr<const Inventory> inventory_;
    double migration_joules_per_byte_;
    std::vector<double> joules_;
};

}  // namespace ballast
