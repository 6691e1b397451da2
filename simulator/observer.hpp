// SPDX-License-Identifier: Apache-2.0
// What the engine tells about the simulated world. Energy, service quality and counters are observers; the engine knows
// none of them. Calls come in the order of simulated time; a host's stretch is followed by those of its VMs, and at the
// end of an interval the hosts come in id order, then the VMs that are down. All defaults do nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/host.hpp"
#include "core/ids.hpp"
#include "core/models/migration_model.hpp"

namespace ballast {

// A stretch of time in which nothing changed on a host.
struct HostStretch {
    HostId host;
    double duration_s = 0.0;
    PowerState power = PowerState::on;
    double asked_mhz = 0.0;     // demand of its running VMs plus what incoming migrations cost
    double given_mhz = 0.0;     // min(asked, what the host can give to VMs)
    double usable_mhz = 0.0;    // what the host can give to VMs
    double capacity_mhz = 0.0;  // all of it; (given + overhead) / capacity is the utilisation that draws power
    double overhead_mhz = 0.0;  // used by the host itself
    double vm_asked_mhz = 0.0;  // demand of all its VMs, those that are paused included
    bool failed = false;        // switched off by a failure; power is `asleep` then
};

// Network or disk I/O of a VM, in bytes per second.
struct RateStretch {
    double asked = 0.0;
    double lost = 0.0;            // to the other VMs on its host
    bool host_contended = false;  // the host was asked for more than it can give
};

// The same for a VM, on the host that runs it.
struct VmStretch {
    VmId vm;
    HostId host;  // none = it is down: its host failed, and it has not been started elsewhere yet
    double duration_s = 0.0;
    double asked_mhz = 0.0;
    double given_mhz = 0.0;
    double contended_mhz = 0.0;  // the part of what is missing that other VMs got instead
    bool migrating = false;
    bool host_contended = false;  // the host was asked for more CPU than it can give
    RateStretch network;          // of a VM that runs
    RateStretch disk_io;
};

struct Migration {
    VmId vm;
    HostId from;
    HostId to;
    double started_s = 0.0;
    MigrationCost cost;  // at the start: what it would take alone; at the end: what it took
};

enum class VmChange : std::uint8_t {
    waits,   // wants to start, and no host has room
    starts,  // on its host; not reported for those that run from the begin
    ends,    // leaves for good
    lost,    // its host failed
};

class Observer {
  public:
    virtual ~Observer() = default;
    virtual void on_host(const HostStretch&) {}
    // Of VMs that migrate, get less than they ask for (of CPU, network or disk I/O) or are down; of all others only if
    // `wants_every_vm`.
    virtual void on_vm(const VmStretch&) {}
    [[nodiscard]] virtual bool wants_every_vm() const { return false; }  // asked once, when the engine starts
    virtual void on_interval_end() {}  // all stretches of the interval have been reported
    virtual void on_migration_start(const Migration&) {}
    virtual void on_migration_end(const Migration&) {}
    virtual void on_migration_abort(const Migration&) {}  // a host failed or the VM left; the VM did not arrive
    virtual void on_power(HostId, PowerState /*from*/, PowerState /*to*/, double /*now_s*/) {}
    virtual void on_host_failure(HostId) {}
    virtual void on_vm_change(VmId, VmChange, double /*now_s*/) {}
};

}  // namespace ballast
