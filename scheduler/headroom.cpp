// SPDX-License-Identifier: Apache-2.0
#include "scheduler/headroom.hpp"

#include <algorithm>
#include <cmath>

namespace ballast {

Headroom::Headroom(const Cluster& cluster, const Placement& placement, const Feasibility& feasibility,
                   const HeadroomOptions& options)
    : cluster_(cluster), options_(options) {
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        if (feasibility.source_refusal(host) || cluster.state(host).maintenance) continue;
        need_ += placement.used(host);
        usable_ += placement.usable(host);
        ++hosts_;
        if (options.spare == 0) continue;
        for (std::size_t r = 0; r < resources.size(); ++r) sizes_[r].insert(cluster.usable(host)[resources[r]]);
    }
}

// What the host itself uses goes to sleep with it.
ResourceVector Headroom::need_without(HostId host) const { return need_ - cluster_.state(host).overhead; }

std::optional<Reason> Headroom::keeps_on(HostId host) const {
    const double remaining_mhz = usable_.cpu_mhz() - cluster_.usable(host).cpu_mhz();
    const bool enough = fits(Resource::cpu, need_without(host).cpu_mhz(), remaining_mhz * options_.load_max);
    if (hosts_ <= 1 || !enough) return too_few(host);
    if (options_.rise_mhz > 0.0) {
        if (auto reason = without_rise(host)) return reason;
    }
    return options_.spare > 0 ? without_spare(host) : std::nullopt;
}

std::optional<Reason> Headroom::without_rise(HostId host) const {
    const double need_mhz = need_without(host).cpu_mhz() + options_.rise_mhz;
    const double limit_mhz = (usable_.cpu_mhz() - cluster_.usable(host).cpu_mhz()) * options_.load_max;
    if (fits(Resource::cpu, need_mhz, limit_mhz)) return std::nullopt;
    Reason reason;
    reason.code = ReasonCode::stays_forecast;
    reason.host = host;
    reason.value = need_mhz;
    reason.limit = limit_mhz;
    return reason;
}

double Headroom::largest(std::size_t resource, HostId host) const {
    double sum = 0.0;
    std::size_t left = options_.spare;
    bool skipped = false;
    for (auto size = sizes_[resource].rbegin(); size != sizes_[resource].rend() && left > 0; ++size) {
        if (!skipped && *size == cluster_.usable(host)[resources[resource]]) {
            skipped = true;
            continue;
        }
        sum += *size;
        --left;
    }
    return sum;
}

std::optional<Reason> Headroom::without_spare(HostId host) const {
    for (std::size_t r = 0; r < resources.size(); ++r) {
        const Resource resource = resources[r];
        const double left = usable_[resource] - cluster_.usable(host)[resource] - largest(r, host);
        const double limit = left * (resource == Resource::cpu ? options_.failure_load_max : 1.0);
        const double need = need_without(host)[resource];
        if (fits(resource, need, limit)) continue;
        Reason reason;
        reason.code = ReasonCode::stays_spare;
        reason.host = host;
        reason.resource = resource;
        reason.value = need;
        reason.limit = limit;
        return reason;
    }
    return std::nullopt;
}

void Headroom::spare(HostId host) {
    need_ = need_without(host);
    usable_ -= cluster_.usable(host);
    --hosts_;
    if (options_.spare == 0) return;
    for (std::size_t r = 0; r < resources.size(); ++r) {
        const auto found = sizes_[r].find(cluster_.usable(host)[resources[r]]);
        if (found != sizes_[r].end()) sizes_[r].erase(found);
    }
}

Reason Headroom::too_few(HostId host) const {
    const double mean_mhz = usable_.cpu_mhz() / static_cast<double>(hosts_);
    Reason reason;
    reason.code = ReasonCode::stays_headroom;
    reason.host = host;
    reason.value = static_cast<double>(hosts_ - 1);
    reason.limit =
        std::max(reason.value + 1.0, std::ceil(need_without(host).cpu_mhz() / (mean_mhz * options_.load_max)));
    return reason;
}

}  // namespace ballast
