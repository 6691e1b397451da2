// SPDX-License-Identifier: Apache-2.0
#include "scheduler/feasibility.hpp"

#include <algorithm>
#include <cmath>

namespace ballast {

namespace {

Reason about(ReasonCode code, HostId host, RuleId rule = {}, VmId vm = {}) {
    Reason reason;
    reason.code = code;
    reason.host = host;
    reason.rule = rule;
    reason.vm = vm;
    return reason;
}

bool contains(const std::vector<HostId>& sorted, HostId host) {
    return std::binary_search(sorted.begin(), sorted.end(), host);
}

// The position of a refusal in the order of the checks.
int rank(ReasonCode code) {
    switch (code) {
        case ReasonCode::cpu_arch: return 1;
        case ReasonCode::cpu_vendor: return 2;
        case ReasonCode::cpu_model: return 3;
        case ReasonCode::hypervisor_older: return 4;
        case ReasonCode::not_provided: return 5;
        case ReasonCode::pinned: return 6;
        case ReasonCode::forbidden: return 7;
        case ReasonCode::affinity: return 8;
        case ReasonCode::anti_affinity: return 9;
        case ReasonCode::soft_rule: return 10;
        case ReasonCode::left_lately: return 11;
        case ReasonCode::cpu_wait:
        case ReasonCode::memory_stall:
        case ReasonCode::swapping: return 12;
        case ReasonCode::vcpu_limit: return 13;
        case ReasonCode::resource_fit: return 14;
        default: return 0;  // the host is not open at all
    }
}

}  // namespace

Feasibility::Feasibility(const Cluster& cluster, const Placement& placement, const AffinityUnits& units,
                         const Stability* stability, const PressureSigns* pressure)
    : cluster_(cluster),
      placement_(placement),
      units_(units),
      stability_(stability),
      pressure_(pressure),
      cpu_(cluster) {
    closed_.reserve(cluster.host_count());
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        closed_.push_back(closed_for(HostId(h), true));
        if (!closed_.back()) open_hosts_.emplace_back(h);
    }
}

std::optional<Reason> Feasibility::source_refusal(HostId host) const {
    const HostState& state = cluster_.state(host);
    if (state.power != PowerState::on) return about(ReasonCode::host_not_on, host);
    if (!state.reachable) return about(ReasonCode::host_unreachable, host);
    if (const auto rule = cluster_.inventory().ignored_by(host)) return about(ReasonCode::host_ignored, host, *rule);
    return std::nullopt;
}

Reason Feasibility::frozen(ReasonCode code, HostId host, RuleId rule) const {
    Reason reason = about(code, host, rule);
    if (const double ends_s = cluster_.rule(rule).ends_s; std::isfinite(ends_s)) reason.value = ends_s;
    return reason;
}

std::optional<Reason> Feasibility::power_refusal(HostId host) const {
    const auto rule = cluster_.inventory().power_frozen_by(host);
    if (!rule) return std::nullopt;
    return frozen(ReasonCode::power_frozen, host, *rule);
}

std::optional<Reason> Feasibility::closed_for(HostId host, bool power_matters) const {
    const HostState& state = cluster_.state(host);
    // A sleeping host does not answer, so its reachability says nothing as long as its power state does not matter.
    if (power_matters && state.power != PowerState::on) return about(ReasonCode::host_not_on, host);
    if (power_matters && !state.reachable) return about(ReasonCode::host_unreachable, host);
    if (state.maintenance) return about(ReasonCode::host_maintenance, host);
    if (const auto rule = cluster_.inventory().ignored_by(host)) return about(ReasonCode::host_ignored, host, *rule);
    if (const VmId vm = cluster_.unsampled_on(host); vm.valid()) return about(ReasonCode::not_sampled, host, {}, vm);
    if (stability_ != nullptr) return stability_->quarantined(host);
    return std::nullopt;
}

bool Feasibility::assume_on(HostId host) {
    if (cluster_.state(host).power == PowerState::on) return !closed(host);
    closed_[host.index()] = closed_for(host, false);
    return !closed(host);
}

ResourceVector Feasibility::need(UnitId unit) const {
    ResourceVector sum;
    for (const VmId vm : units_.members(unit)) sum += placement_.need(vm);
    return sum;
}

std::optional<Reason> Feasibility::leaving(VmId vm) const {
    const HostId host = placement_.host_of(vm);
    if (const auto refused = source_refusal(host)) return refused;
    const bool free = !cluster_.inventory().stays_put(vm) && cluster_.state(vm).sampled;
    if (free) return std::nullopt;  // most are, and that much is known without touching rules and specification
    if (const auto rule = cluster_.inventory().ignored_by(vm)) {
        const bool freeze = cluster_.rule(*rule).kind == RuleKind::freeze;
        return freeze ? frozen(ReasonCode::frozen, host, *rule) : about(ReasonCode::vm_ignored, host, *rule);
    }
    if (!cluster_.spec(vm).immovable_because.empty()) return about(ReasonCode::immovable, host);
    if (!cluster_.state(vm).sampled) return about(ReasonCode::not_sampled, host);
    return std::nullopt;
}

std::optional<Reason> Feasibility::against_machine(VmId vm, HostId to) const {
    if (auto refused = cpu_.refusal(vm, placement_.host_of(vm), to)) return refused;
    if (cluster_.inventory().provisions().missing(vm, to) == nullptr) return std::nullopt;
    return about(ReasonCode::not_provided, to, {}, vm);
}

std::optional<Reason> Feasibility::against_hosts(VmId vm, HostId to) const {
    for (const RuleId id : cluster_.inventory().rules_of(vm)) {
        const Rule& rule = cluster_.rule(id);
        if (rule.kind == RuleKind::pin && !rule.soft() && !contains(rule.hosts, to))
            return about(ReasonCode::pinned, to, id);
    }
    for (const RuleId id : cluster_.inventory().rules_of(vm)) {
        const Rule& rule = cluster_.rule(id);
        if (rule.kind == RuleKind::forbid && !rule.soft() && contains(rule.hosts, to))
            return about(ReasonCode::forbidden, to, id);
    }
    return std::nullopt;
}

std::optional<Reason> Feasibility::against_affinity(VmId vm, HostId to) const {
    const UnitId unit = units_.unit_of(vm);
    for (const RuleId id : cluster_.inventory().rules_of(vm)) {
        const Rule& rule = cluster_.rule(id);
        if (rule.kind != RuleKind::affinity || rule.soft()) continue;
        VmId elsewhere;
        bool joins_some = false;
        for (const VmId other : rule.vms) {
            if (units_.unit_of(other) == unit) continue;  // it comes along
            joins_some = joins_some || placement_.host_of(other) == to;
            if (placement_.host_of(other) != to && !elsewhere.valid()) elsewhere = other;
        }
        if (elsewhere.valid() && !joins_some) return about(ReasonCode::affinity, to, id, elsewhere);
    }
    return std::nullopt;
}

std::optional<Reason> Feasibility::against_anti_affinity(VmId vm, HostId to, bool alone) const {
    const Inventory& inventory = cluster_.inventory();
    const UnitId unit = units_.unit_of(vm);
    for (const RuleId id : inventory.rules_of(vm)) {
        const Rule& rule = cluster_.rule(id);
        if (rule.kind != RuleKind::anti_affinity || rule.soft()) continue;
        const std::uint32_t domain = inventory.domain(to, rule.per);
        if (inventory.domain(placement_.host_of(vm), rule.per) == domain) continue;  // it is in it already
        std::uint32_t others = 0;
        VmId first;
        for (const VmId other : rule.vms) {
            const bool comes_along = !alone && units_.unit_of(other) == unit;
            const bool there = comes_along || inventory.domain(placement_.host_of(other), rule.per) == domain;
            if (other == vm || !there) continue;
            if (others++ == 0) first = other;
        }
        if (others < rule.at_most) continue;
        Reason reason = about(ReasonCode::anti_affinity, to, id, first);
        if (rule.at_most == 1 && rule.per == FaultDomain::host) return reason;  // the other VM says it all
        reason.value = others + 1;
        reason.limit = rule.at_most;
        return reason;
    }
    return std::nullopt;
}

std::optional<Reason> Feasibility::against_vcpus(std::span<const VmId> members, HostId to) const {
    const std::uint64_t limit = cluster_.inventory().vcpus_max(to);
    if (limit == no_vcpu_limit) return std::nullopt;
    std::uint64_t after = placement_.vcpus(to);
    for (const VmId vm : members) after += cluster_.inventory().vcpus(vm);
    if (after <= limit) return std::nullopt;
    Reason reason = about(ReasonCode::vcpu_limit, to);
    reason.value = static_cast<double>(after);
    reason.limit = static_cast<double>(limit);
    return reason;
}

std::optional<Reason> Feasibility::against_fit(const ResourceVector& need, HostId to, const Level& level) const {
    const ResourceVector& used = placement_.used(to);
    const ResourceVector& usable = placement_.usable(to);
    for (const Resource r : all_resources) {
        const double after = used[r] + need[r];
        const double limit = usable[r] * level[r];
        if (fits(r, after, limit)) continue;
        Reason reason = about(ReasonCode::resource_fit, to);
        reason.resource = r;
        reason.value = after;
        reason.limit = limit;
        return reason;
    }
    return std::nullopt;
}

std::optional<Reason> Feasibility::against_rules(std::span<const VmId> members, HostId to) const {
    for (const VmId vm : members) {
        if (auto refused = against_hosts(vm, to)) return refused;
    }
    for (const VmId vm : members) {
        if (auto refused = against_affinity(vm, to)) return refused;
    }
    for (const VmId vm : members) {
        if (auto refused = against_anti_affinity(vm, to, false)) return refused;
    }
    return std::nullopt;
}

std::vector<RuleId> Feasibility::soft_rules_of(UnitId unit) const {
    std::vector<RuleId> rules;
    for (const VmId vm : units_.members(unit)) {
        for (const RuleId id : cluster_.inventory().rules_of(vm)) {
            if (cluster_.rule(id).soft()) rules.push_back(id);
        }
    }
    std::sort(rules.begin(), rules.end());
    rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
    return rules;
}

// Whether it would be broken more than it is: a VM too much on or off its hosts, fewer pairs of a group together, more
// VMs too many in the domains.
bool Feasibility::breaks(const Rule& rule, UnitId unit, HostId to) const {
    const HostId from = placement_.host_of(units_.members(unit).front());
    if (rule.kind == RuleKind::pin) return contains(rule.hosts, from) && !contains(rule.hosts, to);
    if (rule.kind == RuleKind::forbid) return !contains(rule.hosts, from) && contains(rule.hosts, to);
    const Inventory& inventory = cluster_.inventory();
    const std::uint32_t domain_from = inventory.domain(from, rule.per);
    const std::uint32_t domain_to = inventory.domain(to, rule.per);
    if (domain_from == domain_to) return false;
    std::size_t moving = 0;
    std::size_t left = 0;
    std::size_t there = 0;
    for (const VmId vm : rule.vms) {
        const std::uint32_t domain = inventory.domain(placement_.host_of(vm), rule.per);
        if (units_.unit_of(vm) == unit) {
            ++moving;
        } else {
            left += domain == domain_from ? 1U : 0U;
            there += domain == domain_to ? 1U : 0U;
        }
    }
    if (rule.kind == RuleKind::affinity) return left > there;
    const auto too_many = [&](std::size_t vms) { return vms > rule.at_most ? vms - rule.at_most : 0U; };
    return too_many(there + moving) - too_many(there) > too_many(left + moving) - too_many(left);
}

std::optional<Reason> Feasibility::against_soft_rules(UnitId unit, HostId to) const {
    for (const RuleId id : soft_rules_of(unit)) {
        if (!breaks(cluster_.rule(id), unit, to)) continue;
        Reason reason = about(ReasonCode::soft_rule, to, id);
        reason.value = cluster_.rule(id).weight;
        return reason;
    }
    return std::nullopt;
}

Feasibility::SoftCost Feasibility::soft_cost(UnitId unit, HostId to) const {
    SoftCost cost;
    for (const RuleId id : soft_rules_of(unit)) {
        const Rule& rule = cluster_.rule(id);
        if (!breaks(rule, unit, to)) continue;
        cost.weight += rule.weight;
        if (!cost.heaviest.valid() || rule.weight > cluster_.rule(cost.heaviest).weight) cost.heaviest = id;
    }
    return cost;
}

std::optional<Reason> Feasibility::arriving(UnitId unit, const ResourceVector& need, HostId to,
                                            const Level& level) const {
    if (const auto& refused = closed(to)) return refused;
    const auto members = units_.members(unit);
    bool ruled = false;
    for (const VmId vm : members) {
        if (auto refused = against_machine(vm, to)) return refused;
        ruled = ruled || !cluster_.inventory().rules_of(vm).empty();
    }
    if (ruled) {
        if (auto refused = against_rules(members, to)) return refused;
        if (soft_rules_hold_ && cluster_.inventory().has_soft_rules()) {
            if (auto refused = against_soft_rules(unit, to)) return refused;
        }
    }
    if (stability_ != nullptr && !level.evacuates) {
        for (const VmId vm : members) {
            if (auto refused = stability_->returning(vm, to)) return refused;
        }
    }
    if (pressure_ != nullptr && !level.evacuates) {
        if (auto refused = pressure_->any(to)) return refused;
    }
    if (auto refused = against_vcpus(members, to)) return refused;
    return against_fit(need, to, level);
}

std::optional<Reason> Feasibility::stopping_over(VmId vm, HostId to) const {
    if (const auto& refused = closed(to)) return refused;
    if (auto refused = against_machine(vm, to)) return refused;
    if (auto refused = against_hosts(vm, to)) return refused;
    if (auto refused = against_anti_affinity(vm, to, true)) return refused;
    if (auto refused = against_vcpus(std::span(&vm, 1), to)) return refused;
    return against_fit(placement_.need(vm), to, Level{});
}

bool Feasibility::closer(const Reason& a, const Reason& b) {
    if (rank(a.code) != rank(b.code)) return rank(a.code) > rank(b.code);
    if (a.code != ReasonCode::resource_fit) return false;
    if (a.resource != b.resource) return a.resource > b.resource;
    return a.value * b.limit < b.value * a.limit;
}

}  // namespace ballast
