// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/energy_account.hpp"

#include <algorithm>
#include <cmath>

#include "core/check.hpp"

namespace ballast {

void EnergyAccount::look(double monotonic_s, const Cluster& cluster, const std::vector<HostDraw>& draws) {
    BALLAST_CHECK(draws.size() == cluster.host_count(), "every host has its draw");
    const double seconds = last_s_ ? monotonic_s - *last_s_ : 0.0;
    const bool gap = seconds > gap_s_max_;
    if (gap) totals_.gap_s += seconds;
    std::map<std::string, Last> looks;
    for (std::size_t h = 0; h < draws.size(); ++h) {
        const HostSpec& spec = cluster.spec(HostId(h));
        const Last now = {draws[h], cluster.state(HostId(h)).power == PowerState::asleep};
        if (const auto before = last_.find(spec.name); before != last_.end()) {
            if (!gap && seconds > 0.0) add(spec.name, before->second, now, {*last_s_, monotonic_s});
            if (spec.power) charge_switch(*spec.power, before->second, now);
        }
        looks[spec.name] = now;
    }
    last_ = std::move(looks);
    last_s_ = monotonic_s;
    switched_s_.clear();
}

void EnergyAccount::add(const std::string& host, const Last& before, const Last& now, Span between) {
    if (!before.draw.watts || !now.draw.watts) return;
    std::map<WattsSource, double>& joules = totals_.joules[host];
    const double seconds = between.end_s - between.begin_s;
    const auto switched = switched_s_.find(host);
    if (before.asleep == now.asleep || switched == switched_s_.end()) {
        const double mean_watts = (before.draw.watts->watts + now.draw.watts->watts) / 2.0;
        joules[now.draw.watts->source] += mean_watts * seconds;
        if (before.asleep && now.asleep) avoid(now.draw, mean_watts, seconds);
        return;
    }
    const double until_s = std::clamp(switched->second, between.begin_s, between.end_s) - between.begin_s;
    joules[before.draw.watts->source] += before.draw.watts->watts * until_s;
    joules[now.draw.watts->source] += now.draw.watts->watts * (seconds - until_s);
    if (before.asleep) avoid(now.draw, before.draw.watts->watts, until_s);
    if (now.asleep) avoid(now.draw, now.draw.watts->watts, seconds - until_s);
}

void EnergyAccount::avoid(const HostDraw& now, double watts_asleep, double seconds) {
    if (!now.idle_watts) return;
    const double saved_watts = *now.idle_watts - watts_asleep;
    totals_.avoided_joules += std::max(saved_watts, 0.0) * seconds;
    totals_.avoided_at_least_joules += std::max(saved_watts - now.idle_error_watts, 0.0) * seconds;
}

void EnergyAccount::charge_switch(const HostPower& power, const Last& before, const Last& now) {
    if (before.asleep == now.asleep) return;
    const double watts = power.boot_watts > 0.0 ? power.boot_watts : power.curve.peak_watts();
    const double seconds = now.asleep ? power.suspend_s : power.boot_s;
    totals_.switching_joules += std::max(watts - now.draw.idle_watts.value_or(watts), 0.0) * seconds;
}

void EnergyAccount::migrated(double bytes_sent) {
    totals_.migration_joules += migration_joules({0.0, std::isfinite(bytes_sent) ? bytes_sent : 0.0, 0.0});
}

}  // namespace ballast
