// SPDX-License-Identifier: Apache-2.0
// How many hosts must stay on. One definition: the CPU need of the cluster, spread evenly over the hosts that stay on,
// may fill them to at most `load_max` (consolidation's target less its headroom). With target 0.7 and headroom 0.1 at
// least a tenth of the capacity that is on can still be filled before any host is at its target.
// Counted are hosts that are on, answer, are not in maintenance and not ignored; one of them stays on in any case. A
// host that Ballast cannot put to sleep stays on and counts, empty or not.
#pragma once

#include <cstddef>

#include "core/cluster.hpp"
#include "core/reason.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/placement.hpp"

namespace ballast {

class Headroom {
  public:
    Headroom(const Cluster& cluster, const Placement& placement, const Feasibility& feasibility, double load_max);

    // Whether `host` can be done without. Its VMs count as running on the others. O(1).
    [[nodiscard]] bool can_spare(HostId host) const;
    // `host` is put to sleep. O(1).
    void spare(HostId host);
    // stays_headroom: value = hosts on without it, limit = hosts needed at their mean size.
    [[nodiscard]] Reason reason(HostId host) const;

  private:
    [[nodiscard]] double need_without(HostId host) const;

    const Cluster& cluster_;
    double load_max_;
    double need_mhz_ = 0.0;
    double usable_mhz_ = 0.0;
    std::size_t hosts_ = 0;
};

}  // namespace ballast
