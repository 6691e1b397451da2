// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/ovirt.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "scheduler/load_window.hpp"

namespace ballast::zoo {

namespace {

double whole_percent(double fraction) { return std::ceil(fraction * 100.0 - 1e-6); }

// A level, without the last bit's error of the product.
double level_percent_of(double fraction) { return std::round(fraction * 1e8) / 1e6; }

// A point more for each candidate that is strictly worse, times `factor`.
template <typename Weight>
void give_points(std::vector<std::size_t>& order, int factor, Weight weight, std::vector<int>& points) {
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
    int rank = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && weight(order[i]) < weight(order[i - 1])) rank = static_cast<int>(i);
        points[order[i]] += factor * rank;
    }
}

}  // namespace

Ovirt::Ovirt(Peer& peer, const History& history, const Levels& levels, Prefer prefer)
    : peer_(peer),
      levels_(levels),
      prefer_(prefer),
      needed_(samples_of(levels.duration_s, history)),
      outside_(peer.cluster().host_count(), 0) {
    for (std::size_t age = 0; age < std::min(needed_, history.sample_count()); ++age) {
        const std::vector<double> mhz = past_mhz(peer.cluster(), history, age);
        for (const HostId host : peer.hosts()) {
            const double usable_mhz = peer.cluster().usable(host).cpu_mhz();
            const bool is_outside = outside(whole_percent(mhz[host.index()] / usable_mhz));
            if (outside_[host.index()] == age && is_outside) ++outside_[host.index()];
        }
    }
}

double Ovirt::high_percent() const { return level_percent_of(levels_.high); }
double Ovirt::low_percent() const { return level_percent_of(levels_.low); }
double Ovirt::destination_percent() const {
    return std::min(level_percent_of(0.8 * levels_.high), high_percent() - 10.0);
}

bool Ovirt::outside(double percent) const { return percent >= high_percent() || percent <= low_percent(); }

double Ovirt::percent(HostId host) const { return whole_percent(peer_.loads().cpu(host)); }

bool Ovirt::over(HostId host, double level_percent) const {
    const double load = percent(host);
    const bool sustained = stamped(host) && outside(load);
    return load >= level_percent && load > low_percent() && sustained && peer_.placement().vm_count(host) > 0;
}

// A host whose stamp is cleared, or old enough, counts.
bool Ovirt::under(HostId host, double level_percent) const {
    const double load = percent(host);
    const bool sustained = stamped(host) || !outside(load);
    return load < level_percent && sustained && peer_.placement().vm_count(host) > 0;
}

bool Ovirt::balance(const std::vector<HostId>& sources, const std::vector<HostId>& destinations, ReasonCode why,
                    double limit) {
    for (const HostId source : sources) {
        Reason reason;
        reason.code = why;
        reason.host = source;
        reason.value = peer_.loads().cpu(source);
        reason.limit = limit;
        std::vector<UnitId> units = peer_.movable_units(source);
        std::stable_sort(units.begin(), units.end(),
                         [&](UnitId a, UnitId b) { return peer_.cpu_mhz(a) < peer_.cpu_mhz(b); });
        for (const UnitId unit : units) {
            if (try_unit(unit, source, destinations, reason)) return true;
        }
    }
    return false;
}

void Ovirt::explain() {
    for (const HostId host : peer_.hosts()) {
        if (peer_.cluster().cpu_utilisation(host) < levels_.high || peer_.draft().has_verdict(host)) continue;
        Reason reason = peer_.draft().load_reason(ReasonCode::relieve_overload, host, levels_.high);
        Reason rest = reason;
        rest.code = ReasonCode::move_limit;
        rest.value = rest.limit = static_cast<double>(peer_.draft().move_count());
        if (!stamped(host)) {
            reason.code = rest.code = ReasonCode::not_sustained;
            reason.value = rest.value = static_cast<double>(outside_[host.index()]);
            reason.limit = rest.limit = static_cast<double>(needed_);
        } else if (percent(host) < high_percent()) {
            rest.code = ReasonCode::not_needed;
            rest.value = peer_.loads().cpu(host);
            rest.limit = levels_.high;
        }
        peer_.explain_rest(host, rest);
        peer_.draft().verdict(host, HostAction::none, reason);
    }
}

bool Ovirt::try_unit(UnitId unit, HostId source, const std::vector<HostId>& destinations, const Reason& reason) {
    const double unit_mhz = peer_.cpu_mhz(unit);
    std::vector<Candidate> candidates;
    std::optional<Reason> closest;
    for (const HostId host : destinations) {
        if (host == source) continue;
        Reason too_full;
        too_full.code = ReasonCode::resource_fit;
        too_full.host = host;
        too_full.value = peer_.loads().cpu_mhz(host) + unit_mhz;
        too_full.limit = levels_.high * peer_.cluster().usable(host).cpu_mhz();
        std::optional<Reason> refused = too_full;
        if (fits(Resource::cpu, too_full.value, too_full.limit)) refused = peer_.refusal(unit, host);
        if (!refused) {
            candidates.push_back(candidate(unit, host, false));
        } else if (!closest || Feasibility::closer(*refused, *closest)) {
            closest = refused;
        }
    }
    Reason stay;
    stay.code = candidates.empty() ? ReasonCode::no_destination : ReasonCode::no_gain;
    if (candidates.empty()) {
        peer_.draft().stay(unit, closest.value_or(stay), closest ? closest->host : HostId{});
        return false;
    }
    candidates.push_back(candidate(unit, source, true));
    const HostId best = best_of(candidates);
    if (best == source) {
        peer_.draft().stay(unit, stay, source);
        return false;
    }
    return peer_.move(unit, best, reason);
}

Ovirt::Candidate Ovirt::candidate(UnitId unit, HostId host, bool is_there) const {
    const ResourceVector& usable = peer_.cluster().usable(host);
    const double cpu = peer_.loads().cpu_mhz(host) + (is_there ? 0.0 : peer_.cpu_mhz(unit));
    const double free_bytes = peer_.free_bytes(host) - (is_there ? 0.0 : peer_.configured_bytes(unit));
    const double load = std::round(cpu / usable.cpu_mhz() * 1000.0);  // oVirt's scores are whole numbers, too
    const double free_mib = std::round(free_bytes / bytes_per_mib);
    if (prefer_ == Prefer::least_loaded) return {host, load, -free_mib};
    const bool overloaded = percent(host) > high_percent();
    return {host, overloaded ? std::numeric_limits<double>::infinity() : -load, free_mib};
}

HostId Ovirt::best_of(const std::vector<Candidate>& candidates) {
    std::vector<std::size_t> order(candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::vector<int> points(candidates.size(), 0);
    give_points(
        order, 2, [&](std::size_t i) { return candidates[i].cpu_weight; }, points);
    give_points(
        order, 1, [&](std::size_t i) { return candidates[i].memory_weight; }, points);
    std::size_t best = 0;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
        const bool better =
            points[i] != points[best] ? points[i] > points[best] : candidates[i].host < candidates[best].host;
        if (better) best = i;
    }
    return candidates[best].host;
}

}  // namespace ballast::zoo
