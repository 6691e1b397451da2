// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/peer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "scheduler/packing_order.hpp"

namespace ballast::zoo {

namespace {

DraftOptions draft_options(const Cluster& cluster, double high) {
    DraftOptions options;
    options.sustain = 0;  // a VM needs what it needs now
    // The peers know no rest but their own.
    constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    options.stability = {0.0, 0.0, 0.0, unlimited, 0.0, 0.0, unlimited};
    options.moves_max = cluster.vm_count();
    options.enter = high;
    return options;
}

}  // namespace

std::size_t rounds_of(double seconds, const History& history) {
    return static_cast<std::size_t>(std::max(1.0, history.period_s() / seconds));
}

Peer::Peer(const PolicyInput& input, std::vector<double> vm_mhz, double high)
    : history_(input.history),
      draft_(input, draft_options(input.cluster, high)),
      loads_(input.cluster, std::move(vm_mhz)),
      told_to_sleep_(input.cluster.host_count(), 0) {
    for (std::size_t h = 0; h < input.cluster.host_count(); ++h) {
        const HostId host(h);
        if (draft_.feasibility().source_refusal(host)) continue;
        if (!input.cluster.state(host).maintenance) {
            hosts_.push_back(host);
            continue;
        }
        Reason reason;
        reason.code = ReasonCode::host_maintenance;
        reason.host = host;
        draft_.verdict(host, HostAction::none, reason);
    }
}

double Peer::cpu_mhz(UnitId unit) const {
    double sum = 0.0;
    for (const VmId vm : draft_.units().members(unit)) sum += loads_.cpu_mhz(vm);
    return sum;
}

double Peer::memory_bytes(UnitId unit) const {
    double sum = 0.0;
    for (const VmId vm : draft_.units().members(unit)) sum += loads_.memory_bytes(vm);
    return sum;
}

double Peer::configured_bytes(UnitId unit) const {
    double sum = 0.0;
    for (const VmId vm : draft_.units().members(unit)) sum += cluster().inventory().memory_bytes(vm);
    return sum;
}

double Peer::free_bytes(HostId host) const {
    return placement().usable(host).memory_bytes() - placement().used(host).memory_bytes();
}

std::vector<UnitId> Peer::movable_units(HostId host, double rest_s) {
    std::vector<UnitId> units = units_on(cluster(), draft_.units(), host);
    std::erase_if(units, [&](UnitId unit) {
        if (draft_.moved(unit)) return true;
        std::optional<Reason> reason = resting(unit, rest_s);
        if (const auto block = draft_.blocked(unit, Urgency::saving)) reason = block->reason;
        if (reason) draft_.stay(unit, *reason);
        return reason.has_value();
    });
    return units;
}

std::optional<Reason> Peer::resting(UnitId unit, double rest_s) const {
    if (history_.vm_count() == 0) return std::nullopt;
    for (const VmId vm : draft_.units().members(unit)) {
        if (history_.last_move_age_s(vm) >= rest_s) continue;
        Reason reason;
        reason.code = ReasonCode::cooldown;
        reason.value = history_.last_move_age_s(vm);
        reason.limit = rest_s;
        return reason;
    }
    return std::nullopt;
}

std::optional<Reason> Peer::refusal(UnitId unit, HostId to) { return draft_.feasibility().arriving(unit, to, Level{}); }

bool Peer::move(UnitId unit, HostId to, const Reason& reason) {
    if (const auto refused = refusal(unit, to)) {
        draft_.stay(unit, *refused, to);
        return false;
    }
    for (const VmId vm : draft_.units().members(unit)) loads_.move(vm, placement().host_of(vm), to);
    draft_.move(unit, to, reason, 0.0);
    return true;
}

void Peer::rollback(std::size_t mark) {
    for (std::size_t m = draft_.move_count(); m > mark; --m) loads_.undo();
    draft_.rollback(mark);
}

void Peer::explain_rest(HostId host, const Reason& reason) {
    for (const UnitId unit : units_on(cluster(), draft_.units(), host)) {
        if (!draft_.moved(unit) && !draft_.has_stay(unit)) draft_.stay(unit, reason);
    }
}

void Peer::explain_hosts(Reason reason) {
    for (const HostId host : hosts_) {
        if (draft_.has_verdict(host)) continue;
        reason.host = host;
        draft_.verdict(host, HostAction::none, reason);
    }
}

bool Peer::controllable(HostId host) const {
    const auto& power = cluster().spec(host).power;
    return power && power->controllable;
}

double Peer::saving_watts(HostId host) const {
    const auto& power = cluster().spec(host).power;
    return power ? watts(cluster(), placement(), host) - power->sleep_watts : 0.0;
}

bool Peer::sleep(HostId host) {
    if (const auto refused = draft_.feasibility().power_refusal(host); refused && controllable(host)) {
        draft_.verdict(host, HostAction::none, *refused);
        return false;
    }
    Reason reason;
    reason.code = controllable(host) ? ReasonCode::sleep_empty : ReasonCode::no_power_control;
    reason.host = host;
    reason.value = saving_watts(host);
    draft_.verdict(host, controllable(host) ? HostAction::sleep : HostAction::none, reason);
    told_to_sleep_[host.index()] = controllable(host) ? 1 : 0;
    return controllable(host);
}

void Peer::wake(HostId host, Reason reason) {
    reason.host = host;
    draft_.verdict(host, HostAction::wake, reason);
}

std::vector<HostId> Peer::controllable_hosts(PowerState power) {
    std::vector<HostId> result;
    for (std::size_t h = 0; h < cluster().host_count(); ++h) {
        const HostId host(h);
        if (cluster().state(host).power != power || !controllable(host)) continue;
        if (draft_.feasibility().power_refusal(host)) continue;
        if (draft_.feasibility().assume_on(host)) result.push_back(host);
    }
    return result;
}

std::vector<HostId> Peer::empty_hosts() const {
    std::vector<HostId> result;
    for (const HostId host : hosts_) {
        if (placement().vm_count(host) == 0 && told_to_sleep_[host.index()] == 0) result.push_back(host);
    }
    return result;
}

}  // namespace ballast::zoo
