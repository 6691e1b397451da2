// SPDX-License-Identifier: Apache-2.0
#include "scheduler/affinity_units.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace ballast {

namespace {

// Disjoint sets with path halving; the root of a set is its smallest member.
class DisjointSets {
  public:
    explicit DisjointSets(std::size_t count) : parent_(count) {
        std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    }
    std::size_t root(std::size_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void join(std::size_t a, std::size_t b) {
        const std::size_t root_a = root(a);
        const std::size_t root_b = root(b);
        parent_[std::max(root_a, root_b)] = std::min(root_a, root_b);
    }

  private:
    std::vector<std::size_t> parent_;
};

}  // namespace

AffinityUnits::AffinityUnits(const Cluster& cluster) : vm_ids_(cluster.inventory().vm_ids()) {
    std::vector<VmId> bound;
    for (const Rule& rule : cluster.inventory().rules()) {
        if (rule.kind == RuleKind::affinity) bound.insert(bound.end(), rule.vms.begin(), rule.vms.end());
    }
    if (bound.empty()) return;
    std::sort(bound.begin(), bound.end());
    bound.erase(std::unique(bound.begin(), bound.end()), bound.end());

    DisjointSets sets(cluster.vm_count());
    for (const Rule& rule : cluster.inventory().rules()) {
        if (rule.kind != RuleKind::affinity) continue;
        for (const VmId vm : rule.vms) sets.join(rule.vms.front().index(), vm.index());
    }
    std::map<std::pair<std::size_t, HostId>, std::uint32_t> group_of_part;  // (root, host)
    group_of_.assign(cluster.vm_count(), alone);
    for (const VmId vm : bound) {
        const std::pair part(sets.root(vm.index()), cluster.state(vm).host);
        const auto next = static_cast<std::uint32_t>(groups_.size());
        const std::uint32_t group = group_of_part.try_emplace(part, next).first->second;
        if (group == next) groups_.emplace_back();
        groups_[group].push_back(vm);
        group_of_[vm.index()] = group;
    }
}

std::vector<UnitId> units_on(const Cluster& cluster, const AffinityUnits& units, HostId host) {
    std::vector<UnitId> result;
    for (const VmId vm : cluster.vms_on(host)) {
        const UnitId unit = units.unit_of(vm);
        if (units.members(unit).front() == vm) result.push_back(unit);
    }
    return result;
}

}  // namespace ballast
