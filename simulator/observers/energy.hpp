// SPDX-License-Identifier: Apache-2.0
// Energy of every host: watts times seconds over its stretches.
//   on                        the power curve at (CPU given to VMs and migrations) / (all of the host's CPU)
//   waking, going to sleep    boot_watts; the curve's peak if that is 0
//   asleep                    sleep_watts
// A host without a power model counts nothing.
// Worked example: an HP ML110 G4 at 50 % for 300 s, then asleep at 8 W for 300 s: 102 * 300 + 8 * 300 = 33,000 J.
#pragma once

#include <memory>
#include <vector>

#include "core/cluster.hpp"
#include "simulator/observer.hpp"

namespace ballast {

class EnergyMeter : public Observer {
  public:
    explicit EnergyMeter(std::shared_ptr<const Inventory> inventory);
    void on_host(const HostStretch& stretch) override;

    [[nodiscard]] double joules(HostId host) const { return joules_[host.index()]; }
    [[nodiscard]] double kwh() const;  // of all hosts

  private:
    std::shared_ptr<const Inventory> inventory_;
    std::vector<double> joules_;
};

}  // namespace ballast
