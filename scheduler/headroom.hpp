// SPDX-License-Identifier: Apache-2.0
// How many hosts must stay on. Three conditions:
//
//   load    the CPU need of the cluster, spread evenly over the hosts that stay on, fills them to at most `load_max`
//           (consolidation's target less its headroom). With target 0.7 and headroom 0.1 at least a tenth of the
//           capacity that is on can still be filled before any host is at its target.
//   spare   should the `spare` largest of the hosts that stay on fail, the others have memory for all VMs, and CPU at
//           `failure_load_max` (N+k). A sum: whether the VMs can be distributed so is not tried.
//   ahead   the same as `load`, with what is expected to be needed more within the hour (forecast.hpp).
//
// Counted are hosts that are on, answer, are not in maintenance and not ignored; one of them stays on in any case. A
// host that Ballast cannot put to sleep stays on and counts, empty or not.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <set>

#include "core/cluster.hpp"
#include "core/reason.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/placement.hpp"

namespace ballast {

struct HeadroomOptions {
    double load_max = 0.8;
    std::size_t spare = 0;          // hosts
    double failure_load_max = 0.9;  // fraction of usable CPU
    double rise_mhz = 0.0;          // CPU that all VMs are expected to need more than now
};

class Headroom {
  public:
    Headroom(const Cluster& cluster, const Placement& placement, const Feasibility& feasibility,
             const HeadroomOptions& options);

    // Why `host` cannot be done without, if so: stays_headroom (value = hosts on without it, limit = hosts needed at
    // their mean size), stays_forecast or stays_spare. Its VMs count as running on the others. O(spare).
    [[nodiscard]] std::optional<Reason> keeps_on(HostId host) const;
    // `host` is put to sleep. O(log hosts).
    void spare(HostId host);

  private:
    static constexpr std::array<Resource, 2> resources = {Resource::cpu, Resource::memory};

    [[nodiscard]] ResourceVector need_without(HostId host) const;
    [[nodiscard]] Reason too_few(HostId host) const;
    [[nodiscard]] std::optional<Reason> without_rise(HostId host) const;
    [[nodiscard]] std::optional<Reason> without_spare(HostId host) const;
    // What the `spare` largest hosts have together, not counting `host`.
    [[nodiscard]] double largest(std::size_t resource, HostId host) const;

    const Cluster& cluster_;
    HeadroomOptions options_;
    ResourceVector need_;
    ResourceVector usable_;
    std::size_t hosts_ = 0;
    std::array<std::multiset<double>, resources.size()> sizes_;  // of the hosts that stay on; filled if spare > 0
};

}  // namespace ballast
