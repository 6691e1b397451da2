// SPDX-License-Identifier: Apache-2.0
#include "scheduler/placement.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace ballast {

Placement::Placement(const Cluster& cluster, std::vector<ResourceVector> need) : need_(std::move(need)) {
    BALLAST_CHECK(need_.size() == cluster.vm_count(), "one need per VM");
    used_.reserve(cluster.host_count());
    usable_.reserve(cluster.host_count());
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        used_.push_back(cluster.state(HostId(h)).overhead);
        usable_.push_back(cluster.usable(HostId(h)));
    }
    vm_count_.resize(cluster.host_count());
    host_of_.reserve(cluster.vm_count());
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        const HostId host = cluster.state(VmId(v)).host;
        host_of_.push_back(host);
        used_[host.index()] += need_[v];
        ++vm_count_[host.index()];
    }
}

double Placement::utilisation(HostId host, Resource resource) const {
    const double capacity = usable(host)[resource];
    return capacity > 0.0 ? used(host)[resource] / capacity : 0.0;
}

double Placement::peak_utilisation(HostId host, const ResourceVector& extra) const {
    double peak = 0.0;
    for (const Resource r : all_resources) {
        const double capacity = usable(host)[r];
        if (capacity > 0.0) peak = std::max(peak, (used(host)[r] + extra[r]) / capacity);
    }
    return peak;
}

Placement::Record Placement::move(VmId vm, HostId to) {
    const HostId from = host_of(vm);
    BALLAST_CHECK(from != to, "a move goes to another host");
    const Record record{vm, from, to, used(from), used(to)};
    used_[from.index()] -= need(vm);
    used_[to.index()] += need(vm);
    --vm_count_[from.index()];
    ++vm_count_[to.index()];
    host_of_[vm.index()] = to;
    return record;
}

void Placement::undo(const Record& record) {
    BALLAST_CHECK(host_of(record.vm) == record.to, "moves are undone in reverse order");
    host_of_[record.vm.index()] = record.from;
    used_[record.from.index()] = record.used_from;
    used_[record.to.index()] = record.used_to;
    ++vm_count_[record.from.index()];
    --vm_count_[record.to.index()];
}

}  // namespace ballast
