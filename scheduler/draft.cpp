// SPDX-License-Identifier: Apache-2.0
#include "scheduler/draft.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace ballast {

Draft::Draft(const PolicyInput& input, const DraftOptions& options)
    : input_(input),
      options_(options),
      problem_(input, options.sustain, options.stability, options.pressure, options.weights),
      received_(input.cluster.host_count(), 0),
      verdicts_(input.cluster.host_count()) {
    stays_.reserve(input.cluster.vm_count());
}

Priority Draft::priority(UnitId unit) const {
    Priority highest = Priority::low;
    for (const VmId vm : units().members(unit)) highest = std::max(highest, cluster().spec(vm).priority);
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
    BALLAST_CHECK(problem_.mark() == moves_.size(), "nothing is on trial when a move is decided");
    const double unit_mhz = feasibility().need(unit).cpu_mhz();
    for (const VmId vm : units().members(unit)) {
        Move move;
        move.vm = vm;
        move.from = placement().host_of(vm);
        move.to = to;
        move.reason = reason;
        move.cost = migration_cost(input_.migration_model, cluster().migrated_bytes(vm));
        if (unit_mhz > 0.0) move.relief_mhz = relief_mhz * placement().need(vm).cpu_mhz() / unit_mhz;
        moves_.push_back(move);
        ++received_[to.index()];
    }
    problem_.apply({unit, to});
}

void Draft::rollback(std::size_t mark) {
    problem_.undo(mark);
    while (moves_.size() > mark) {
        --received_[moves_.back().to.index()];
        moves_.pop_back();
    }
}

void Draft::credit_watts(std::size_t mark, double watts) {
    const auto count = static_cast<double>(moves_.size() - mark);
    for (std::size_t m = mark; m < moves_.size(); ++m) moves_[m].saved_watts = watts / count;
}

void Draft::stay(UnitId unit, const Reason& reason, HostId best) {
    const WhyId why = stays_.add(reason, best);
    for (const VmId vm : units().members(unit)) stays_.set(vm, why);
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
    if (auto refused = problem_.feasibility().source_refusal(host)) return *refused;
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
