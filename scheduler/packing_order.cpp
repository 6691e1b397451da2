// SPDX-License-Identifier: Apache-2.0
#include "scheduler/packing_order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ballast {

double watts_per_mhz(const Cluster& cluster, HostId host, double level) {
    const HostSpec& spec = cluster.spec(host);
    if (!spec.power) return std::numeric_limits<double>::infinity();
    const double mhz = cluster.usable(host).cpu_mhz() * level;
    return spec.power->curve.watts(mhz / spec.capacity.cpu_mhz()) / mhz;
}

double watts(const Cluster& cluster, const Placement& placement, HostId host) {
    const HostSpec& spec = cluster.spec(host);
    if (!spec.power) return 0.0;
    return spec.power->curve.watts(placement.used(host).cpu_mhz() / spec.capacity.cpu_mhz());
}

PackingOrder::PackingOrder(const Cluster& cluster, const Placement& placement, std::span<const HostId> hosts,
                           double level)
    : placement_(placement), watts_per_mhz_(cluster.host_count(), std::numeric_limits<double>::quiet_NaN()) {
    for (const HostId host : hosts) {
        watts_per_mhz_[host.index()] = watts_per_mhz(cluster, host, level);
        if (placement.vm_count(host) == 0) continue;
        entries_.push_back({watts_per_mhz_[host.index()], placement.utilisation(host, Resource::cpu), host});
    }
    std::sort(entries_.begin(), entries_.end(), before);
}

bool PackingOrder::before(const Entry& a, const Entry& b) {
    if (a.watts_per_mhz != b.watts_per_mhz) return a.watts_per_mhz < b.watts_per_mhz;
    if (a.utilisation != b.utilisation) return a.utilisation > b.utilisation;
    return a.host < b.host;
}

void PackingOrder::update(HostId host) {
    if (std::isnan(watts_per_mhz_[host.index()])) return;
    const auto old = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.host == host; });
    if (old != entries_.end()) entries_.erase(old);
    if (placement_.vm_count(host) == 0) return;
    const Entry entry{watts_per_mhz_[host.index()], placement_.utilisation(host, Resource::cpu), host};
    entries_.insert(std::upper_bound(entries_.begin(), entries_.end(), entry, before), entry);
}

}  // namespace ballast
