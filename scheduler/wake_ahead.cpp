// SPDX-License-Identifier: Apache-2.0
#include "scheduler/wake_ahead.hpp"

#include <algorithm>
#include <vector>

#include "scheduler/packing_order.hpp"

namespace ballast {

namespace {

struct Supply {
    double need_mhz = 0.0;
    double usable_mhz = 0.0;       // of what is on, or will be
    std::vector<HostId> sleepers;  // that may be woken
};

Supply supply_of(Draft& draft) {
    const Cluster& cluster = draft.cluster();
    Supply supply;
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        const PowerState power = cluster.state(host).power;
        const auto& model = cluster.spec(host).power;
        const bool asleep = power == PowerState::asleep;
        if (cluster.state(host).maintenance) continue;
        if (asleep && !draft.has_verdict(host)) {
            const bool may_wake = model && model->controllable && !draft.feasibility().power_refusal(host);
            if (may_wake && cluster.state(host).reachable) supply.sleepers.push_back(host);
            continue;
        }
        const bool coming = asleep || power == PowerState::waking;
        if (!coming && draft.feasibility().source_refusal(host)) continue;
        supply.need_mhz += draft.placement().used(host).cpu_mhz();
        supply.usable_mhz += cluster.usable(host).cpu_mhz();
    }
    return supply;
}

}  // namespace

void wake_ahead(Draft& draft, const Forecast& forecast, double load_max, double ahead_s) {
    const Cluster& cluster = draft.cluster();
    Supply supply = supply_of(draft);
    std::stable_sort(supply.sleepers.begin(), supply.sleepers.end(), [&](HostId a, HostId b) {
        return watts_per_mhz(cluster, a, load_max) < watts_per_mhz(cluster, b, load_max);
    });
    for (const HostId host : supply.sleepers) {
        const double rise_mhz = forecast.rise_mhz(std::min(ahead_s, cluster.spec(host).power->boot_s + notice_s));
        const double need_mhz = supply.need_mhz + rise_mhz;
        const double limit_mhz = supply.usable_mhz * load_max;
        if (rise_mhz <= 0.0 || fits(Resource::cpu, need_mhz, limit_mhz)) continue;
        Reason reason;
        reason.code = ReasonCode::wake_forecast;
        reason.host = host;
        reason.value = need_mhz;
        reason.limit = limit_mhz;
        draft.verdict(host, HostAction::wake, reason);
        supply.usable_mhz += cluster.usable(host).cpu_mhz();
    }
}

}  // namespace ballast
