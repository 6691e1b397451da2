// SPDX-License-Identifier: Apache-2.0
#include "scheduler/draft.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace ballast {

Draft::Draft(const PolicyInput& input, const DraftOptions& options)
    : input_(input),
      options_(options),
      window_(input.cluster, input.history, options.sustain),
      stability_(input.cluster, input.history, options.stability),
      pressure_(input.cluster, input.history, options.pressure),
      units_(input.cluster),
      placement_(input.cluster, window_, options.weights),
      feasibility_(input.cluster, placement_, units_, &stability_, &pressure_),
      received_(input.cluster.host_count(), 0),
      verdicts_(input.cluster.host_count()) {
    stays_.reserve(input.cluster.vm_count());
}

std::optional<Draft::Block> Draft::blocked(UnitId unit, Urgency urgency) const {
    for (const VmId vm : units_.members(unit)) {
        if (auto refused = feasibility_.leaving(vm)) return Block{vm, *refused};
    }
    for (const VmId vm : units_.members(unit)) {
        if (auto rest = stability_.resting(vm, urgency)) return Block{vm, *rest};
    }
    return std::nullopt;
}

Priority Draft::priority(UnitId unit) const {
    Priority highest = Priority::low;
    for (const VmId vm : units_.members(unit)) highest = std::max(highest, cluster().spec(vm).priority);
    return highest;
}

Reason Draft::move_limit() const {
    Reason reason;
    reason.code = ReasonCode::move_limit;
    reason.value = static_cast<double>(move_count());
    reason.limit = static_cast<double>(options_.moves_max);
    return reason;
}

void Draft::move(UnitId unit, HostId to, const Reason& reason, double relief_mhz) {
    BALLAST_CHECK(!moved(unit), "a VM moves at most once in a proposal");
    const double unit_mhz = feasibility_.need(unit).cpu_mhz();
    for (const VmId vm : units_.members(unit)) {
        Move move;
        move.vm = vm;
        move.from = placement_.host_of(vm);
        move.to = to;
        move.reason = reason;
        move.cost = migration_cost(input_.migration_model, cluster().migrated_bytes(vm));
        if (unit_mhz > 0.0) move.relief_mhz = relief_mhz * placement_.need(vm).cpu_mhz() / unit_mhz;
        moves_.push_back(move);
        records_.push_back(placement_.move(vm, to));
        ++received_[to.index()];
    }
}

void Draft::rollback(std::size_t mark) {
    while (moves_.size() > mark) {
        placement_.undo(records_.back());
        --received_[moves_.back().to.index()];
        records_.pop_back();
        moves_.pop_back();
    }
}

void Draft::let_soft_rules_hold(bool hold) {
    feasibility_.let_soft_rules_hold(hold);
    const auto bindings = hold ? AffinityUnits::Bindings::all : AffinityUnits::Bindings::hard;
    AffinityUnits units(cluster(), bindings);
    const bool torn = std::any_of(moves_.begin(), moves_.end(), [&](const Move& move) {
        const auto members = units.members(units.unit_of(move.vm));
        return std::any_of(members.begin(), members.end(), [&](VmId vm) { return !placement_.moved(vm); });
    });
    if (!torn) units_ = std::move(units);
}

void Draft::credit_watts(std::size_t mark, double watts) {
    const auto count = static_cast<double>(moves_.size() - mark);
    for (std::size_t m = mark; m < moves_.size(); ++m) moves_[m].saved_watts = watts / count;
}

void Draft::stay(UnitId unit, const Reason& reason, HostId best) {
    const WhyId why = stays_.add(reason, best);
    for (const VmId vm : units_.members(unit)) stays_.set(vm, why);
}

void Draft::stay_all(HostId host, const Reason& reason) {
    const WhyId why = stays_.add(reason);
    for (const VmId vm : cluster().vms_on(host)) stays_.set(vm, why);
}

void Draft::verdict(HostId host, HostAction action, const Reason& reason) {
    verdicts_[host.index()] = HostVerdict{host, action, reason};
}

void Draft::retract_wakes() {
    for (std::optional<HostVerdict>& verdict : verdicts_) {
        if (verdict && verdict->action == HostAction::wake) verdict.reset();
    }
}

Reason Draft::load_reason(ReasonCode code, HostId host, double limit) const {
    Reason reason;
    reason.code = code;
    reason.host = host;
    reason.value = cluster().cpu_utilisation(host);
    reason.limit = limit;
    return reason;
}

Reason Draft::nothing_to_do(HostId host) const {
    if (auto refused = feasibility_.source_refusal(host)) return *refused;
    return load_reason(ReasonCode::host_content, host, options_.enter);
}

void Draft::complete(HostId host) {
    if (!has_verdict(host)) verdict(host, HostAction::none, nothing_to_do(host));
    WhyId why;
    for (const VmId vm : cluster().vms_on(host)) {
        if (stays_.contains(vm)) continue;
        if (!why.valid()) why = stays_.add(verdicts_[host.index()]->reason);
        stays_.set(vm, why);
    }
}

Proposal Draft::finish(std::string specification) {
    Proposal proposal;
    proposal.policy = std::move(specification);
    proposal.hosts.reserve(cluster().host_count());
    for (std::size_t h = 0; h < cluster().host_count(); ++h) {
        complete(HostId(h));
        proposal.hosts.push_back(*verdicts_[h]);
    }
    for (const Move& move : moves_) stays_.erase(move.vm);
    proposal.stays = std::move(stays_);
    proposal.moves = std::move(moves_);
    return proposal;
}

}  // namespace ballast
