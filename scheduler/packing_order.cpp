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

PackingOrder::PackingOrder(const Cluster& cluster, const Placement& placement, const Feasibility& feasibility,
                           std::span<const HostId> hosts, double level, const ResourceVector& fullness)
    : placement_(placement),
      feasibility_(feasibility),
      fullness_(fullness),
      watts_per_mhz_(cluster.host_count(), std::numeric_limits<double>::quiet_NaN()),
      hosts_(hosts.begin(), hosts.end()),
      position_(cluster.host_count()) {
    for (const HostId host : hosts) watts_per_mhz_[host.index()] = watts_per_mhz(cluster, host, level);
    sort_all();
}

bool PackingOrder::before(const Entry& a, const Entry& b) {
    if (a.watts_per_mhz != b.watts_per_mhz) return a.watts_per_mhz < b.watts_per_mhz;
    if (a.fullness != b.fullness) return a.fullness > b.fullness;
    return a.host < b.host;
}

PackingOrder::Entry PackingOrder::entry_of(HostId host) const {
    double sum = 0.0;
    double weights = 0.0;
    for (const Resource r : all_resources) {
        sum += fullness_[r] * placement_.utilisation(host, r);
        weights += fullness_[r];
    }
    return {watts_per_mhz_[host.index()], sum / weights, host};
}

void PackingOrder::sort_all() {
    changed_.clear();
    sorted_.clear();
    for (const HostId host : hosts_) {
        if (placement_.vm_count(host) > 0) sorted_.push_back(entry_of(host));
    }
    std::sort(sorted_.begin(), sorted_.end(), before);
    position_.assign(position_.size(), HostIndex::none);
    std::vector<HostId> order;
    order.reserve(sorted_.size());
    for (const Entry& entry : sorted_) {
        position_[entry.host.index()] = order.size();
        order.push_back(entry.host);
    }
    index_.emplace(placement_, feasibility_, order);
}

HostId PackingOrder::first_fit(UnitId unit, HostId from, const Level& level,
                               const std::function<bool(HostId)>& accept) const {
    // Two sorted lists, taken in their common order.
    std::size_t position = index_->first_fit(unit, from, level);
    auto changed = changed_.begin();
    std::size_t turned_down = 0;
    std::size_t step = 1;
    for (;;) {
        const bool kept = position != HostIndex::none;
        while (changed != changed_.end() && !(kept && before(sorted_[position], *changed))) {
            const HostId host = (changed++)->host;
            if (host != from && !feasibility_.arriving(unit, host, level) && accept(host)) return host;
        }
        if (!kept) return {};
        if (accept(sorted_[position].host)) return sorted_[position].host;
        if (++turned_down > patience) step *= 2;
        position = index_->first_fit(unit, from, level, position + step);
    }
}

std::optional<Reason> PackingOrder::closest(UnitId unit, HostId from, const Level& level) const {
    std::optional<Reason> best;
    std::optional<Entry> where;
    const HostIndex::Refusal kept = index_->closest(unit, from, level);
    if (kept.position != HostIndex::none) {
        best = kept.reason;
        where = sorted_[kept.position];
    }
    for (const Entry& entry : changed_) {
        if (entry.host == from) continue;
        const auto refused = feasibility_.arriving(unit, entry.host, level);
        if (!refused) continue;
        const bool closer = !best || Feasibility::closer(*refused, *best);
        if (!closer && (Feasibility::closer(*best, *refused) || before(*where, entry))) continue;
        best = refused;
        where = entry;
    }
    return best;
}

void PackingOrder::update(HostId host) {
    if (std::isnan(watts_per_mhz_[host.index()])) return;
    const auto old = std::find_if(changed_.begin(), changed_.end(), [&](const Entry& e) { return e.host == host; });
    if (old != changed_.end()) changed_.erase(old);
    const Entry entry = entry_of(host);
    const bool used = placement_.vm_count(host) > 0;
    const std::size_t position = position_[host.index()];
    const bool in_place = used && position != HostIndex::none && sorted_[position].fullness == entry.fullness;
    if (position != HostIndex::none) index_->show(position, in_place);
    if (!used || in_place) return;
    changed_.insert(std::upper_bound(changed_.begin(), changed_.end(), entry, before), entry);
    if (changed_.size() > changed_max) sort_all();
}

}  // namespace ballast
