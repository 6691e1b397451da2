// SPDX-License-Identifier: Apache-2.0
// In which order consolidation fills hosts: the ones that give a MHz for the fewest watts first, among equals the
// fullest first (best fit), then by id. How full a host is: the mean of its utilisations, weighted; by default that of
// CPU alone, which is what varies and what power is drawn for. Hosts without a power curve come last and among
// themselves fullest first. Only hosts that carry something are in it: filling an empty host to empty another gains
// nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/host_index.hpp"
#include "scheduler/placement.hpp"

namespace ballast {

// What a MHz costs on this host when it is filled to `level` (fraction of usable CPU); infinity without a power curve.
[[nodiscard]] double watts_per_mhz(const Cluster& cluster, HostId host, double level);
// Watts this host draws under the load it has in `placement`; 0 without a power curve.
[[nodiscard]] double watts(const Cluster& cluster, const Placement& placement, HostId host);

// Most hosts keep their place during a decision: they stand in a HostIndex in the order of its begin. The few whose
// load has changed are hidden there and kept in a sorted list beside it, until there are so many that all are sorted
// anew.
class PackingOrder {
  public:
    // Of `hosts`, those that carry VMs. `fullness`: the weights, one of them positive. Refers to the first three while
    // it lives. O(n log n).
    PackingOrder(const Cluster& cluster, const Placement& placement, const Feasibility& feasibility,
                 std::span<const HostId> hosts, double level, const ResourceVector& fullness = {1.0, 0.0, 0.0, 0.0});

    // The first host but `from` that takes the unit and that `accept` does not turn down; invalid if none is found.
    // After `patience` hosts in a row that were turned down, the search goes on in steps that double: many alike would
    // be turned down, too. O(log n * (patience + log n) + changed hosts), see host_index.hpp.
    [[nodiscard]] HostId first_fit(UnitId unit, HostId from, const Level& level,
                                   const std::function<bool(HostId)>& accept) const;
    // For a unit that no host takes: the refusal nearest to a yes, if there is any other host.
    [[nodiscard]] std::optional<Reason> closest(UnitId unit, HostId from, const Level& level) const;
    // To be called when the load of a host has changed; one that was emptied is dropped, one in use comes back.
    // O(log n + changed hosts).
    void update(HostId host);

  private:
    static constexpr std::size_t changed_max = 512;
    static constexpr std::size_t patience = 64;

    struct Entry {
        double watts_per_mhz;
        double fullness;
        HostId host;
    };
    [[nodiscard]] static bool before(const Entry& a, const Entry& b);
    [[nodiscard]] Entry entry_of(HostId host) const;
    void sort_all();

    const Placement& placement_;
    const Feasibility& feasibility_;
    ResourceVector fullness_;            // weights
    std::vector<double> watts_per_mhz_;  // by host; NaN for hosts that are not among `hosts`
    std::vector<HostId> hosts_;
    std::vector<Entry> sorted_;          // by position in index_
    std::vector<std::size_t> position_;  // by host; HostIndex::none = not in sorted_
    std::optional<HostIndex> index_;     // hidden there: those in `changed_`, and those emptied
    std::vector<Entry> changed_;         // sorted
};

}  // namespace ballast
