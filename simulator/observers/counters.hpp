// SPDX-License-Identifier: Apache-2.0
// Plain counters over what happens in the simulated world.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "simulator/observer.hpp"

namespace ballast {

class MigrationCounter : public Observer {
  public:
    void on_migration_start(const Migration&) override { ++started; }
    void on_migration_end(const Migration& migration) override {
        bytes += migration.cost.bytes;
        downtime_s += migration.cost.downtime_s;
        duration_s += migration.cost.duration_s;
    }
    void on_migration_abort(const Migration&) override { ++aborted; }

    std::size_t started = 0;
    std::size_t aborted = 0;
    double bytes = 0.0;       // of those that ended
    double downtime_s = 0.0;  // likewise
    double duration_s = 0.0;  // likewise
};

class PowerCounter : public Observer {
  public:
    void on_power(HostId, PowerState, PowerState to, double) override {
        if (to == PowerState::going_to_sleep) ++shutdowns;
        if (to == PowerState::waking) ++starts;
    }
    void on_host_failure(HostId) override { ++failures; }

    std::size_t shutdowns = 0;
    std::size_t starts = 0;  // also after a repair
    std::size_t failures = 0;
};

// What VMs lose to each other on a host that is asked for more than it can give.
//   vm_s       time VMs spent wanting CPU on such a host
//   ready_s    CPU ready time, per VM: the time it would have needed at its configured speed for what it did not get,
//              (asked - share) / configured * duration
// Worked example: VMs of 1000 MHz asking 800 and 400 of a host's 1000 MHz for 30 s miss 133.3 and 66.7 MHz: they were
// ready, but waited, for 4 s and 2 s.
class ContentionCounter : public Observer {
  public:
    explicit ContentionCounter(std::vector<double> configured_mhz)
        : configured_mhz_(std::move(configured_mhz)), ready_s_(configured_mhz_.size()) {}

    void on_vm(const VmStretch& stretch) override {
        if (!stretch.host_contended || stretch.asked_mhz <= 0.0) return;
        vm_s += stretch.duration_s;
        const std::size_t v = stretch.vm.index();
        ready_s_[v] += stretch.contended_mhz / configured_mhz_[v] * stretch.duration_s;
    }

    [[nodiscard]] double ready_s(VmId vm) const { return ready_s_[vm.index()]; }
    [[nodiscard]] double ready_s_sum() const { return std::accumulate(ready_s_.begin(), ready_s_.end(), 0.0); }
    [[nodiscard]] double ready_s_max() const {
        return ready_s_.empty() ? 0.0 : *std::max_element(ready_s_.begin(), ready_s_.end());
    }

    double vm_s = 0.0;

  private:
    std::vector<double> configured_mhz_;
    std::vector<double> ready_s_;
};

// What VMs lose to each other of network or disk I/O, on a host that is asked for more than it can give.
//   vm_s        time VMs spent wanting some on such a host
//   lost_bytes  what they asked for and did not get; who is paused by a migration loses nothing to others
class RateContentionCounter : public Observer {
  public:
    // `rate`: &VmStretch::network or &VmStretch::disk_io.
    explicit RateContentionCounter(RateStretch VmStretch::*rate) : rate_(rate) {}

    void on_vm(const VmStretch& stretch) override {
        const RateStretch& rate = stretch.*rate_;
        if (!rate.host_contended || rate.asked <= 0.0) return;
        vm_s += stretch.duration_s;
        lost_bytes += rate.lost * stretch.duration_s;
    }

    double vm_s = 0.0;
    double lost_bytes = 0.0;

  private:
    RateStretch VmStretch::*rate_;
};

}  // namespace ballast
