// SPDX-License-Identifier: Apache-2.0
// In which order consolidation fills hosts: the ones that give a MHz for the fewest watts first, among equals the
// fullest first (best fit), then by id. Hosts without a power curve come last and among themselves fullest first.
// Only hosts that carry something are in it: filling an empty host to empty another gains nothing.
#pragma once

#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "scheduler/placement.hpp"

namespace ballast {

// What a MHz costs on this host when it is filled to `level` (fraction of usable CPU); infinity without a power curve.
[[nodiscard]] double watts_per_mhz(const Cluster& cluster, HostId host, double level);
// Watts this host draws under the load it has in `placement`; 0 without a power curve.
[[nodiscard]] double watts(const Cluster& cluster, const Placement& placement, HostId host);

class PackingOrder {
  public:
    // Of `hosts`, those that carry VMs. Refers to `placement` while it lives. O(n log n).
    PackingOrder(const Cluster& cluster, const Placement& placement, std::span<const HostId> hosts, double level);

    struct Entry {
        double watts_per_mhz;
        double utilisation;  // of CPU
        HostId host;
    };
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    // To be called when the load of a host has changed; one that was emptied is dropped, one in use comes back. O(n).
    void update(HostId host);

  private:
    [[nodiscard]] static bool before(const Entry& a, const Entry& b);

    const Placement& placement_;
    std::vector<double> watts_per_mhz_;  // by host; NaN for hosts that are not among `hosts`
    std::vector<Entry> entries_;         // sorted
};

}  // namespace ballast
