// SPDX-License-Identifier: Apache-2.0
// Plain counters over what happens in the simulated world.
#pragma once

#include <cstddef>

#include "simulator/observer.hpp"

namespace ballast {

class MigrationCounter : public Observer {
  public:
    void on_migration_start(const Migration&) override { ++started; }
    void on_migration_end(const Migration& migration) override {
        bytes += migration.cost.bytes;
        downtime_s += migration.cost.downtime_s;
    }

    std::size_t started = 0;
    double bytes = 0.0;       // of those that ended
    double downtime_s = 0.0;  // of those that ended
};

class PowerCounter : public Observer {
  public:
    void on_power(HostId, PowerState, PowerState to) override {
        if (to == PowerState::going_to_sleep) ++shutdowns;
        if (to == PowerState::waking) ++starts;
    }

    std::size_t shutdowns = 0;
    std::size_t starts = 0;
};

// Time VMs spent wanting CPU on a host that was asked for more than it could give.
class ContentionCounter : public Observer {
  public:
    void on_vm(const VmStretch& stretch) override {
        if (stretch.host_contended && stretch.asked_mhz > 0.0) vm_s += stretch.duration_s;
    }

    double vm_s = 0.0;
};

}  // namespace ballast
