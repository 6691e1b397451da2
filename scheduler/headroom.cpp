// SPDX-License-Identifier: Apache-2.0
#include "scheduler/headroom.hpp"

#include <algorithm>
#include <cmath>

namespace ballast {

Headroom::Headroom(const Cluster& cluster, const Placement& placement, const Feasibility& feasibility, double load_max)
    : cluster_(cluster), load_max_(load_max) {
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        if (feasibility.source_refusal(host) || cluster.state(host).maintenance) continue;
        need_mhz_ += placement.used(host).cpu_mhz();
        usable_mhz_ += placement.usable(host).cpu_mhz();
        ++hosts_;
    }
}

// What the host itself uses goes to sleep with it.
double Headroom::need_without(HostId host) const { return need_mhz_ - cluster_.state(host).overhead.cpu_mhz(); }

bool Headroom::can_spare(HostId host) const {
    const double remaining_mhz = usable_mhz_ - cluster_.usable(host).cpu_mhz();
    return hosts_ > 1 && fits(Resource::cpu, need_without(host), remaining_mhz * load_max_);
}

void Headroom::spare(HostId host) {
    need_mhz_ = need_without(host);
    usable_mhz_ -= cluster_.usable(host).cpu_mhz();
    --hosts_;
}

Reason Headroom::reason(HostId host) const {
    const double mean_mhz = usable_mhz_ / static_cast<double>(hosts_);
    Reason reason;
    reason.code = ReasonCode::stays_headroom;
    reason.host = host;
    reason.value = static_cast<double>(hosts_ - 1);
    reason.limit = std::max(reason.value + 1.0, std::ceil(need_without(host) / (mean_mhz * load_max_)));
    return reason;
}

}  // namespace ballast
