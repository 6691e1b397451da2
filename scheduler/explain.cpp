// SPDX-License-Identifier: Apache-2.0
#include "scheduler/explain.hpp"

#include <algorithm>
#include <limits>

#include "core/check.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/packing_order.hpp"

namespace ballast {

namespace {

constexpr std::uint32_t no_move = std::numeric_limits<std::uint32_t>::max();

HostLoad load_of(const Placement& placement, HostId host, const ResourceVector& extra = {}) {
    const auto share = [&](Resource r) { return (placement.used(host)[r] + extra[r]) / placement.usable(host)[r]; };
    return {share(Resource::cpu), share(Resource::memory)};
}

// Feasibility::closer(), with planned_load behind all of its checks.
bool closer(const Reason& a, const Reason& b) {
    const bool a_planned = a.code == ReasonCode::planned_load;
    const bool b_planned = b.code == ReasonCode::planned_load;
    if (a_planned != b_planned) return a_planned;
    return a_planned ? a.value < b.value : Feasibility::closer(a, b);
}

bool better(const Candidate& a, const Candidate& b) {
    if (a.refusal.has_value() != b.refusal.has_value()) return !a.refusal;
    if (a.refusal) return closer(*a.refusal, *b.refusal);
    return a.idle != b.idle ? b.idle : a.peak < b.peak;
}

}  // namespace

std::string_view name(Standing standing) {
    switch (standing) {
        case Standing::moves: return "moves";
        case Standing::left_out: return "left-out";
        case Standing::stays: return "stays";
    }
    return "?";
}

Explainer::Explainer(const PolicyInput& input, const Decision& decision)
    : input_(input),
      decision_(decision),
      levels_(levels_of(decision.proposal.policy)),
      window_(input.cluster, input.history, samples_of(levels_.sustain_s.value_or(0.0), input.history)),
      units_(input.cluster),
      hard_units_(input.cluster, AffinityUnits::Bindings::hard),
      move_index_(input.cluster.vm_count(), no_move),
      after_(input.cluster, window_) {
    const auto& moves = decision.proposal.moves;
    for (std::size_t m = 0; m < moves.size(); ++m) move_index_[moves[m].vm.index()] = static_cast<std::uint32_t>(m);
    for (const Action& action : decision.plan.actions) {
        if (action.kind == ActionKind::migrate) goes_to_[action.vm] = action.host;
    }
    for (const auto& [vm, host] : goes_to_) after_.move(vm, host);
}

const Move* Explainer::move_of(VmId vm) const {
    const std::uint32_t index = move_index_[vm.index()];
    return index == no_move ? nullptr : &decision_.proposal.moves[index];
}

VmOutcome Explainer::outcome(VmId vm) const {
    const Move* move = move_of(vm);
    const auto stay = stay_in(decision_, vm);
    if (move == nullptr) {
        BALLAST_CHECK(stay, "every VM has a move or a stay");
        return {vm, Standing::stays, {}, stay->reason};
    }
    if (stay) return {vm, Standing::left_out, move->to, stay->reason};
    return {vm, Standing::moves, move->to, move->reason};
}

// Once soft rules gave way to relief, soft affinity does not bind whom it tore.
Explainer::Bound Explainer::bound_to(VmId vm) const {
    const Move* move = move_of(vm);
    const bool gave_way = move != nullptr && move->reason.code != ReasonCode::repair_rule && move->reason.rule.valid();
    const auto all = units_.members(units_.unit_of(vm));
    const bool torn = move != nullptr && std::any_of(all.begin(), all.end(), [&](VmId member) {
                          return move_of(member) == nullptr || move_of(member)->to != move->to;
                      });
    const AffinityUnits& units = torn ? hard_units_ : units_;
    return {units, units.unit_of(vm), gave_way};
}

// Where all is in the end, but for the unit.
Placement Explainer::placement_without(const Bound& bound) const {
    Placement placement(input_.cluster, window_, levels_.weights);
    for (const auto& [vm, host] : goes_to_) {
        if (bound.units.unit_of(vm) != bound.unit) placement.move(vm, host);
    }
    return placement;
}

// Packing policies also plan with what the VMs of a host need together.
std::optional<Reason> Explainer::planned_refusal(const Bound& bound, HostId to, JointLoad& joint) const {
    const double usable_mhz = input_.cluster.usable(to).cpu_mhz();
    const double planned_mhz = joint.planned_mhz(to, bound.units.members(bound.unit));
    if (fits(Resource::cpu, planned_mhz, *levels_.fill * usable_mhz)) return std::nullopt;
    Reason reason;
    reason.code = ReasonCode::planned_load;
    reason.host = to;
    reason.value = planned_mhz / usable_mhz;
    reason.limit = *levels_.fill;
    return reason;
}

std::vector<Candidate> Explainer::candidates(const Bound& bound, HostId to) const {
    const Cluster& cluster = input_.cluster;
    const VmId first = bound.units.members(bound.unit).front();
    const HostId from = cluster.state(first).host;
    const bool hot = levels_.enter && cluster.cpu_utilisation(from) > *levels_.enter;
    // What leaves a host in maintenance fills its destination higher; so may who made room for it have found his.
    const Move* move = move_of(first);
    const bool evacuated = cluster.state(from).maintenance || (move && move->reason.code == ReasonCode::make_room);
    const PressureSigns signs(cluster, input_.history,
                              {levels_.cpu_wait.value_or(1.0), levels_.memory_stall.value_or(1.0)});
    const bool must_leave = hot || evacuated || signs.any(from);
    const double rate = (evacuated ? (levels_.enter ? levels_.enter : levels_.fill) : levels_.fill).value_or(1.0);
    const Level level{rate, levels_.memory.value_or(1.0), evacuated};
    const bool packs = !must_leave && levels_.margin && levels_.fill;

    const Placement placement = placement_without(bound);
    StabilityOptions options;  // refuses a destination for a return only
    options.no_return_s = levels_.no_return_s.value_or(0.0);
    const Stability stability(cluster, input_.history, options);
    Feasibility feasibility(cluster, placement, bound.units, &stability, &signs);
    feasibility.let_soft_rules_hold(!bound.gave_way);
    const ResourceVector need = feasibility.need(bound.unit);
    JointLoad joint(cluster, input_.history, levels_.margin.value_or(0.0));
    for (const auto& [vm, host] : goes_to_) {
        if (packs && bound.units.unit_of(vm) != bound.unit) joint.move(vm, cluster.state(vm).host, host);
    }
    std::vector<Candidate> result;
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        if (host == from) continue;
        Candidate candidate{host, feasibility.arriving(bound.unit, need, host, level), false,
                            load_of(placement, host, need), placement.peak_utilisation(host, need)};
        const HostVerdict& verdict = decision_.proposal.hosts[h];
        if (!candidate.refusal && verdict.action == HostAction::sleep) candidate.refusal = verdict.reason;
        if (!candidate.refusal && packs && host != to) candidate.refusal = planned_refusal(bound, host, joint);
        candidate.idle = !candidate.refusal && packs && placement.vm_count(host) == 0;
        result.push_back(candidate);
    }
    std::stable_sort(result.begin(), result.end(), better);
    return result;
}

HostId Explainer::best_alternative(const VmExplanation& explanation) const {
    for (const Candidate& candidate : explanation.candidates) {
        if (candidate.host != explanation.to) return candidate.host;
    }
    return {};
}

VmExplanation Explainer::explain(VmId vm) const {
    const Cluster& cluster = input_.cluster;
    const VmOutcome outcome = this->outcome(vm);
    VmExplanation explanation;
    explanation.vm = vm;
    explanation.standing = outcome.standing;
    explanation.from = cluster.state(vm).host;
    explanation.to = outcome.to;
    explanation.reason = outcome.reason;
    for (std::size_t a = 0; a < decision_.plan.actions.size(); ++a) {
        const Action& action = decision_.plan.actions[a];
        if (action.kind == ActionKind::migrate && action.vm == vm) explanation.actions.emplace_back(a);
    }
    const Bound bound = bound_to(vm);
    for (const VmId member : bound.units.members(bound.unit)) {
        if (member != vm) explanation.moves_with.push_back(member);
    }
    const auto rules = cluster.inventory().rules_of(vm);
    explanation.rules.assign(rules.begin(), rules.end());
    if (input_.history.vm_count() > 0 && input_.history.last_move_age_s(vm) < History::never) {
        explanation.last_move_s = input_.history.last_move_age_s(vm);
    }
    explanation.host_now = load_of(Placement(cluster), explanation.from);
    explanation.host_after = load_of(after_, explanation.from);
    explanation.cost = migration_cost(input_.migration_model, cluster.migrated_bytes(vm));
    if (const Move* move = move_of(vm)) {
        explanation.relief_mhz = move->relief_mhz;
        explanation.saved_watts = move->saved_watts;
    }
    explanation.candidates = candidates(bound, explanation.to);
    explanation.best_alternative = best_alternative(explanation);
    explanation.would_change = what_would_change(explanation.reason, {vm, explanation.from}, circumstances());
    return explanation;
}

HostExplanation Explainer::explain(HostId host) const {
    const Cluster& cluster = input_.cluster;
    const HostVerdict& verdict = decision_.proposal.hosts[host.index()];
    HostExplanation explanation;
    explanation.host = host;
    explanation.action = verdict.action;
    explanation.reason = verdict.reason;
    for (std::size_t a = 0; a < decision_.plan.actions.size(); ++a) {
        const Action& action = decision_.plan.actions[a];
        if (action.kind != ActionKind::migrate && action.host == host) explanation.actions.emplace_back(a);
    }
    const Placement now(cluster);
    explanation.now = load_of(now, host);
    explanation.after = load_of(after_, host);
    const bool runs = cluster.state(host).power == PowerState::on;
    if (const auto& power = cluster.spec(host).power) {
        explanation.watts_now = runs ? watts(cluster, now, host) : power->sleep_watts;
        explanation.asleep_watts = power->sleep_watts;
    }
    const double used_mhz = cluster.used(host).cpu_mhz();
    const double usable_mhz = cluster.usable(host).cpu_mhz();
    const bool known = runs && cluster.state(host).reachable;
    if (known && levels_.enter) explanation.to_hot_mhz = *levels_.enter * usable_mhz - used_mhz;
    if (known && levels_.low) explanation.to_empty_mhz = used_mhz - *levels_.low * usable_mhz;
    for (const VmId vm : cluster.vms_on(host)) explanation.vms.push_back(outcome(vm));
    for (const auto& [vm, to] : goes_to_) {
        if (to == host && cluster.state(vm).host != host) explanation.arriving.push_back(vm);
    }
    explanation.would_change = what_would_change(explanation.reason, {{}, host}, circumstances());
    return explanation;
}

}  // namespace ballast
