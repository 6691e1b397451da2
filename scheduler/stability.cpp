// SPDX-License-Identifier: Apache-2.0
#include "scheduler/stability.hpp"

#include <algorithm>

namespace ballast {

namespace {

constexpr std::size_t failed_arrivals_max = 1;

Reason limited(ReasonCode code, double value, double limit) {
    Reason reason;
    reason.code = code;
    reason.value = value;
    reason.limit = limit;
    return reason;
}

}  // namespace

Stability::Stability(const Cluster& cluster, const History& history, const StabilityOptions& options)
    : history_(history), options_(options), quarantined_(cluster.host_count()) {
    take_in_moves(cluster);
    take_in_switches(cluster);
}

void Stability::take_in_moves(const Cluster& cluster) {
    std::vector<PastMove> moves(history_.moves().begin(), history_.moves().end());
    std::stable_sort(moves.begin(), moves.end(), [](const PastMove& a, const PastMove& b) { return a.vm < b.vm; });
    std::vector<std::size_t> failed_arrivals(cluster.host_count(), 0);
    for (const PastMove& move : moves) {
        const double age_s = history_.now_s() - move.time_s;
        if (age_s >= History::day_s) continue;
        if (pasts_.empty() || pasts_.back().vm != move.vm) pasts_.push_back({move.vm});
        if (move.failed) {
            pasts_.back().failure_age_s = std::min(pasts_.back().failure_age_s, age_s);
            if (move.to.valid() && age_s < options_.quarantine_s) ++failed_arrivals[move.to.index()];
            continue;
        }
        ++pasts_.back().moves;
        if (!move.from.valid() || age_s >= options_.no_return_s) continue;
        departures_.push_back({move.vm, move.from, age_s});
        left_lately_.resize(cluster.vm_count());
        left_lately_[move.vm.index()] = true;
    }
    for (std::size_t h = 0; h < failed_arrivals.size(); ++h) {
        if (failed_arrivals[h] <= failed_arrivals_max) continue;
        Reason reason =
            limited(ReasonCode::host_quarantined, static_cast<double>(failed_arrivals[h]), options_.quarantine_s);
        reason.host = HostId(h);
        quarantined_[h] = reason;
    }
}

void Stability::take_in_switches(const Cluster& cluster) {
    for (const PastSwitch& change : history_.switches()) {
        const double age_s = history_.now_s() - change.time_s;
        if (age_s >= History::day_s) continue;
        hosts_.resize(cluster.host_count());
        HostPast& host = hosts_[change.host.index()];
        host.sleeps += change.slept ? 1U : 0U;
        if (!change.slept) host.wake_age_s = std::min(host.wake_age_s, age_s);
    }
}

const Stability::Past* Stability::past_of(VmId vm) const {
    const auto found = std::lower_bound(pasts_.begin(), pasts_.end(), vm,
                                        [](const Past& past, VmId wanted) { return past.vm < wanted; });
    return found == pasts_.end() || found->vm != vm ? nullptr : &*found;
}

std::optional<Reason> Stability::resting(VmId vm, Urgency urgency) const {
    if (history_.vm_count() == 0) return std::nullopt;  // no history at all: nothing is known to have moved
    if (const double age_s = history_.last_move_age_s(vm); urgency != Urgency::evacuation) {
        const double rest_s = urgency == Urgency::relief ? options_.relief_cooldown_s : options_.cooldown_s;
        if (age_s < rest_s) return limited(ReasonCode::cooldown, age_s, rest_s);
    }
    const Past* past = pasts_.empty() ? nullptr : past_of(vm);
    if (past == nullptr) return std::nullopt;
    if (past->failure_age_s < options_.quarantine_s) {
        return limited(ReasonCode::quarantine, past->failure_age_s, options_.quarantine_s);
    }
    if (urgency == Urgency::evacuation || past->moves < options_.daily_moves) return std::nullopt;
    return limited(ReasonCode::daily_budget, static_cast<double>(past->moves),
                   static_cast<double>(options_.daily_moves));
}

std::optional<Reason> Stability::returning(VmId vm, HostId to) const {
    if (left_lately_.empty() || !left_lately_[vm.index()]) return std::nullopt;
    auto left = std::lower_bound(departures_.begin(), departures_.end(), vm,
                                 [](const Departure& departure, VmId wanted) { return departure.vm < wanted; });
    for (; left != departures_.end() && left->vm == vm; ++left) {
        if (left->from != to) continue;
        Reason reason = limited(ReasonCode::left_lately, left->age_s, options_.no_return_s);
        reason.host = to;
        return reason;
    }
    return std::nullopt;
}

std::optional<Reason> Stability::awake(HostId host) const {
    if (hosts_.empty()) return std::nullopt;
    const HostPast& past = hosts_[host.index()];
    std::optional<Reason> reason;
    if (past.wake_age_s < options_.host_rest_s) {
        reason = limited(ReasonCode::woke_lately, past.wake_age_s, options_.host_rest_s);
    } else if (past.sleeps >= options_.daily_sleeps) {
        reason = limited(ReasonCode::sleep_budget, static_cast<double>(past.sleeps),
                         static_cast<double>(options_.daily_sleeps));
    }
    if (reason) reason->host = host;
    return reason;
}

}  // namespace ballast
