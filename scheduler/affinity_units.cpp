// SPDX-License-Identifier: Apache-2.0
#include "scheduler/affinity_units.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "scheduler/disjoint_sets.hpp"

namespace ballast {

AffinityUnits::AffinityUnits(const Cluster& cluster, Bindings bindings) : vm_ids_(cluster.inventory().vm_ids()) {
    const auto binds = [&](const Rule& rule) {
        return rule.kind == RuleKind::affinity && (bindings == Bindings::all || !rule.soft());
    };
    std::vector<VmId> bound;
    for (const Rule& rule : cluster.inventory().rules()) {
        if (binds(rule)) bound.insert(bound.end(), rule.vms.begin(), rule.vms.end());
    }
    if (bound.empty()) return;
    std::sort(bound.begin(), bound.end());
    bound.erase(std::unique(bound.begin(), bound.end()), bound.end());

    DisjointSets sets(cluster.vm_count());
    for (const Rule& rule : cluster.inventory().rules()) {
        if (!binds(rule)) continue;
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
