// SPDX-License-Identifier: Apache-2.0
#include "metrics/load_calendar.hpp"

#include <vector>

#include "metrics/outlook_maker.hpp"

namespace ballast {

namespace {
constexpr double forgotten_after_s = 14.0 * 86'400.0;
}

void LoadCalendar::learn(const Cluster& cluster, double unix_time_s) {
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        const VmId vm(v);
        if (cluster.state(vm).sampled) weeks_[cluster.spec(vm).uuid].add(unix_time_s, cluster.cpu_mhz(vm));
    }
    std::erase_if(weeks_,
                  [&](const auto& week) { return week.second.newest_unix_s() < unix_time_s - forgotten_after_s; });
}

std::optional<Outlook> LoadCalendar::outlook(const Cluster& cluster, double unix_time_s) const {
    std::vector<const WeekOfLoad*> weeks(cluster.vm_count());
    bool any = false;
    for (std::size_t v = 0; v < weeks.size(); ++v) {
        const auto found = weeks_.find(cluster.spec(VmId(v)).uuid);
        if (found == weeks_.end()) continue;
        weeks[v] = &found->second;
        any |= found->second.knows_anything();
    }
    return any ? std::optional(make_outlook(weeks, unix_time_s)) : std::nullopt;
}

}  // namespace ballast
