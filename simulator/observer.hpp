// SPDX-License-Identifier: Apache-2.0
// What the engine tells about the simulated world. Energy, service quality and counters are observers; the engine knows
// none of them. Calls come in the order of simulated time; a host's stretch is followed by those of its VMs, and at the
// end of an interval the hosts come in id order. All defaults do nothing.
#pragma once

#include <cstddef>

#include "core/host.hpp"
#include "core/ids.hpp"
#include "core/models/migration_model.hpp"

namespace ballast {

// A stretch of time in which nothing changed on a host.
struct HostStretch {
    HostId host;
    double duration_s = 0.0;
    PowerState power = PowerState::on;
    double asked_mhz = 0.0;     // demand of its VMs plus what incoming migrations cost
    double given_mhz = 0.0;     // min(asked, what the host can give to VMs)
    double usable_mhz = 0.0;    // what the host can give to VMs
    double capacity_mhz = 0.0;  // all of it; given / capacity is the utilisation that draws power
};

// The same for a VM, on the host that runs it.
struct VmStretch {
    VmId vm;
    HostId host;
    double duration_s = 0.0;
    double asked_mhz = 0.0;
    double given_mhz = 0.0;
    bool migrating = false;
    bool host_contended = false;  // the host was asked for more than it can give
};

struct Migration {
    VmId vm;
    HostId from;
    HostId to;
    double started_s = 0.0;
    MigrationCost cost;  // what it really takes
};

class Observer {
  public:
    virtual ~Observer() = default;
    virtual void on_host(const HostStretch&) {}
    virtual void on_vm(const VmStretch&) {}
    virtual void on_interval_end() {}  // all stretches of the interval have been reported
    virtual void on_migration_start(const Migration&) {}
    virtual void on_migration_end(const Migration&) {}
    virtual void on_power(HostId, PowerState /*from*/, PowerState /*to*/) {}
};

}  // namespace ballast
