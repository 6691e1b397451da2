// SPDX-License-Identifier: Apache-2.0
// Searches over many hosts in a fixed order, for policies: the first host that takes a unit, the one that is left least
// loaded, the one that came closest. Each gives exactly the host that trying all of them in order would give.
//
// Hosts stand in blocks of 16 below a binary tree whose nodes hold, per resource, the least that is used and the most
// that is usable in them. A node is passed over when no host with these two figures could be the answer. That is safe
// to the last bit, because rounding keeps the order of what is added, multiplied and divided. It is tight when hosts
// in one block are alike; a search is O(log hosts) then. What only single hosts refuse (rules, another processor)
// prunes nothing, and a unit that all hosts refuse for such a reason is tried on all of them.
//
// Which hosts share a block is the caller's choice and changes no answer. `in_order`: neighbours in the order, for an
// order that is by load. `by_load`: alike in CPU and memory utilisation, found by halving the hosts at the median of
// the resource that differs more, as a k-d tree does (Bentley, "Multidimensional binary search trees used for
// associative searching", Communications of the ACM 18(9), 1975). Without it one host in each block that is short of
// CPU but has memory left makes every block look as if something with both were in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/reason.hpp"
#include "core/resources.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/placement.hpp"

namespace ballast {

class HostIndex {
  public:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    enum class Blocks : std::uint8_t { in_order, by_load };

    // Position i holds hosts[i]; no host twice. Refers to the first two while it lives. O(hosts), by load
    // O(hosts log hosts).
    HostIndex(const Placement& placement, const Feasibility& feasibility, std::span<const HostId> hosts,
              Blocks blocks = Blocks::in_order);

    [[nodiscard]] std::size_t size() const { return hosts_.size(); }
    [[nodiscard]] HostId host(std::size_t position) const { return hosts_[position]; }

    // To be called when what is used on the host at this position has changed. O(log hosts).
    void update(std::size_t position) { refresh(slot_of_[position] / block); }
    // A hidden host is in no search. O(log hosts).
    void show(std::size_t position, bool shown);

    // The searches leave out `from`, where the unit is, and answer with a position, or `none`.
    // The first host at or after `begin` that takes the unit.
    [[nodiscard]] std::size_t first_fit(UnitId unit, HostId from, const Level& level, std::size_t begin = 0) const;
    // The host with the lowest peak utilisation after taking the unit, the first of them, among those that take it.
    [[nodiscard]] std::size_t lowest_peak(UnitId unit, HostId from, const Level& level) const;

    struct Refusal {
        std::size_t position = none;
        Reason reason;
    };
    // The refusal nearest to a yes (Feasibility::closer), the first of them. For units that no host takes.
    [[nodiscard]] Refusal closest(UnitId unit, HostId from, const Level& level) const;

  private:
    static constexpr std::size_t block = 16;

    struct Node {
        ResourceVector used_min;
        ResourceVector usable_max;  // infinite if a host's resource is not measured
        std::size_t first;          // position in it, hidden or not
        std::size_t last;           // likewise
    };
    struct Search;
    struct Load;

    void arrange_by_load();
    static void halve(std::span<Load> hosts, std::size_t leaves);
    [[nodiscard]] static Node nothing();
    [[nodiscard]] static Node both(const Node& a, const Node& b);
    [[nodiscard]] Node summary(std::size_t block_index) const;
    void refresh(std::size_t block_index);
    [[nodiscard]] static bool hopeless(const Node& node, const Search& search);
    [[nodiscard]] double peak_bound(const Node& node, const ResourceVector& need) const;
    [[nodiscard]] static bool farther(const Node& node, const Search& search, bool or_equal);
    void find_first(std::size_t node, Search& search) const;
    void find_lowest(std::size_t node, double bound, Search& search) const;  // `bound`: at most the node's peak_bound()
    void find_closest(std::size_t node, Search& search) const;
    // Calls f(position, host) for what a search may look at in the block of this leaf.
    template <typename F>
    void each_in(std::size_t leaf, const Search& search, F f) const;

    const Placement& placement_;
    const Feasibility& feasibility_;
    std::vector<HostId> hosts_;         // by position
    std::vector<char> shown_;           // by position
    std::vector<std::size_t> slots_;    // positions as they stand in the blocks
    std::vector<std::size_t> slot_of_;  // by position
    std::size_t leaves_ = 1;            // blocks, rounded up to a power of two
    std::vector<Node> nodes_;           // 1 = root, children of n: 2n and 2n + 1, leaves from leaves_ on
};

}  // namespace ballast
