// SPDX-License-Identifier: Apache-2.0
#include "scheduler/affinity_units.hpp"

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

AffinityUnits::AffinityUnits(const Cluster& cluster) {
    const std::size_t vm_count = cluster.vm_count();
    DisjointSets sets(vm_count);
    std::vector<bool> bound(vm_count, false);
    for (const Rule& rule : cluster.inventory().rules()) {
        if (rule.kind != RuleKind::affinity) continue;
        for (const VmId vm : rule.vms) {
            sets.join(rule.vms.front().index(), vm.index());
            bound[vm.index()] = true;
        }
    }

    std::map<std::pair<std::size_t, HostId>, UnitId> unit_of_part;  // (root, host), bound VMs only
    std::vector<std::size_t> sizes;
    unit_of_.reserve(vm_count);
    for (std::size_t v = 0; v < vm_count; ++v) {
        UnitId unit(sizes.size());
        if (bound[v]) {
            unit = unit_of_part.try_emplace({sets.root(v), cluster.state(VmId(v)).host}, unit).first->second;
        }
        if (unit.index() == sizes.size()) sizes.push_back(0);
        ++sizes[unit.index()];
        unit_of_.push_back(unit);
    }

    first_.assign(sizes.size() + 1, 0);
    std::partial_sum(sizes.begin(), sizes.end(), first_.begin() + 1);
    members_.resize(vm_count);
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    for (std::size_t v = 0; v < vm_count; ++v) members_[next[unit_of_[v].index()]++] = VmId(v);
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
