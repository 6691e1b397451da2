// SPDX-License-Identifier: Apache-2.0
#include "scheduler/placement.hpp"

#include "core/check.hpp"

namespace ballast {

Placement::Placement(const Cluster& cluster) : cluster_(cluster) {
    used_.reserve(cluster.host_count());
    vm_count_.reserve(cluster.host_count());
    vcpus_.reserve(cluster.host_count());
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        used_.push_back(cluster.used(HostId(h)));
        vm_count_.push_back(cluster.vms_on(HostId(h)).size());
        vcpus_.push_back(cluster.vcpus_on(HostId(h)));
    }
}

Placement::Placement(const Cluster& cluster, const LoadWindow& window, const ResourceVector& weights)
    : Placement(cluster) {
    window_ = &window;
    weights_ = weights;
    for (std::size_t h = 0; h < used_.size(); ++h) used_[h][Resource::cpu] = window.need_mhz(HostId(h));
}

ResourceVector Placement::need(VmId vm) const {
    ResourceVector result = cluster_.footprint(vm);
    if (window_ != nullptr) result[Resource::cpu] = window_->need_mhz(vm);
    return result;
}

void Placement::put(VmId vm, HostId host) {
    if (host == cluster_.state(vm).host) {
        moved_.erase(vm.index());
    } else {
        moved_[vm.index()] = host;
    }
}

double Placement::utilisation(HostId host, Resource resource) const {
    const double capacity = usable(host)[resource];
    return capacity > 0.0 ? used(host)[resource] / capacity : 0.0;
}

void Placement::recount(VmId vm, HostId from, HostId to) {
    --vm_count_[from.index()];
    ++vm_count_[to.index()];
    vcpus_[from.index()] -= cluster_.inventory().vcpus(vm);
    vcpus_[to.index()] += cluster_.inventory().vcpus(vm);
}

Placement::Record Placement::move(VmId vm, HostId to) {
    const HostId from = host_of(vm);
    BALLAST_CHECK(from != to, "a move goes to another host");
    const Record record{vm, from, to, used(from), used(to)};
    const ResourceVector vm_need = need(vm);
    used_[from.index()] -= vm_need;
    used_[to.index()] += vm_need;
    recount(vm, from, to);
    put(vm, to);
    return record;
}

void Placement::undo(const Record& record) {
    BALLAST_CHECK(host_of(record.vm) == record.to, "moves are undone in reverse order");
    put(record.vm, record.from);
    used_[record.from.index()] = record.used_from;
    used_[record.to.index()] = record.used_to;
    recount(record.vm, record.to, record.from);
}

}  // namespace ballast
