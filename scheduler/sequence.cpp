// SPDX-License-Identifier: Apache-2.0
#include "scheduler/sequence.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "scheduler/affinity_units.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/sequence_state.hpp"

namespace ballast {

namespace {

// A move that cannot be ordered, and why.
struct Blocked {
    std::size_t move;
    Reason reason;
};

// One attempt to order a set of moves.
class Attempt {
  public:
    Attempt(const Cluster& cluster, const Proposal& proposal, const std::vector<bool>& excluded)
        : cluster_(cluster), proposal_(proposal), state_(cluster), stepped_aside_(proposal.moves.size(), false) {
        for (std::size_t m = 0; m < proposal.moves.size(); ++m) {
            if (!excluded[m]) pending_.push_back(m);
        }
    }

    // Nothing if all moves could be ordered.
    std::optional<Blocked> run() {
        for (const HostVerdict& verdict : proposal_.hosts) {
            if (verdict.action == HostAction::wake) state_.append_power_on(verdict.host, verdict.reason);
        }
        while (!pending_.empty()) {
            if (!pass() && !step_aside()) return blame();
        }
        for (const HostVerdict& verdict : proposal_.hosts) {
            if (verdict.action != HostAction::sleep || state_.placement().vm_count(verdict.host) > 0) continue;
            state_.append_power_off(verdict.host, verdict.reason);
        }
        return std::nullopt;
    }

    std::vector<Action> take_actions() { return state_.take_actions(); }

  private:
    [[nodiscard]] const Move& move(std::size_t m) const { return proposal_.moves[m]; }
    [[nodiscard]] bool goes_to_sleep(HostId host) const {
        return proposal_.hosts[host.index()].action == HostAction::sleep;
    }

    // Appends every pending move that can be done now; true if there was one.
    bool pass() {
        std::vector<std::size_t> waiting;
        for (const std::size_t m : pending_) {
            if (state_.can_arrive(move(m).vm, move(m).to)) {
                state_.append_migration(move(m).vm, move(m).to, move(m).reason, move(m).cost);
            } else {
                waiting.push_back(m);
            }
        }
        const bool progress = waiting.size() < pending_.size();
        pending_ = std::move(waiting);
        return progress;
    }

    // Breaks a circle: a pending VM whose going lets another move happen waits on a third host.
    bool step_aside() {
        if (!circle_) circle_.emplace(cluster_, state_.placement());
        for (const std::size_t m : pending_) {
            const HostId at = state_.placement().host_of(move(m).vm);
            const bool awaited = std::any_of(pending_.begin(), pending_.end(), [&](std::size_t other) {
                return other != m && move(other).to == at && state_.can_arrive(move(other).vm, at, move(m).vm);
            });
            if (!awaited || stepped_aside_[m]) continue;
            const HostId aside = find_aside(m);
            if (!aside.valid()) continue;
            stepped_aside_[m] = true;
            state_.append_migration(move(m).vm, aside, move(m).reason, move(m).cost);
            return true;
        }
        return false;
    }

    [[nodiscard]] HostId find_aside(std::size_t m) const {
        const Feasibility& feasibility = circle_->feasibility;
        const VmId vm = move(m).vm;
        HostId best;
        double best_peak = 0.0;
        for (const HostId host : feasibility.open_hosts()) {
            if (host == state_.placement().host_of(vm) || host == move(m).to || goes_to_sleep(host)) continue;
            if (feasibility.stopping_over(vm, host) || feasibility.cpu().refusal(vm, host, move(m).to)) continue;
            const double peak = state_.placement().peak_utilisation(host, state_.placement().need(vm));
            if (!best.valid() || peak < best_peak) {
                best = host;
                best_peak = peak;
            }
        }
        return best;
    }

    // The move least preferred; it waits in a circle, or for room that would not be there when all else is done.
    [[nodiscard]] Blocked blame() const {
        const std::size_t m = pending_.back();
        const HostId to = move(m).to;
        ResourceVector use = state_.placement().used(to);
        for (const std::size_t other : pending_) {
            if (move(other).to == to) use += state_.placement().need(move(other).vm);
            if (state_.placement().host_of(move(other).vm) == to) use -= state_.placement().need(move(other).vm);
        }
        Reason reason;
        reason.code = ReasonCode::move_cycle;
        reason.host = to;
        for (const Resource r : all_resources) {
            if (fits(r, use[r], state_.placement().usable(to)[r])) continue;
            reason.code = ReasonCode::resource_fit;
            reason.resource = r;
            reason.value = use[r];
            reason.limit = state_.placement().usable(to)[r];
            break;
        }
        return {m, reason};
    }

    // What only the breaking of a circle asks for; most plans have none.
    struct Circle {
        Circle(const Cluster& cluster, const Placement& placement)
            : units(cluster), feasibility(cluster, placement, units) {}
        AffinityUnits units;
        Feasibility feasibility;
    };

    const Cluster& cluster_;
    const Proposal& proposal_;
    SequenceState state_;
    std::optional<Circle> circle_;
    std::vector<std::size_t> pending_;  // indices of moves, in the proposal's order
    std::vector<bool> stepped_aside_;   // by move
};

// Whether one of these moves must not happen without the other.
bool all_or_nothing(const Move& a, const Move& b, const AffinityUnits& units) {
    const bool emptying = a.reason.code == ReasonCode::empty_host && b.reason.code == ReasonCode::empty_host;
    return (emptying && a.from == b.from) || units.unit_of(a.vm) == units.unit_of(b.vm);
}

// Excludes the blocked move with everything that must not happen without it.
void leave_out(const Proposal& proposal, const AffinityUnits& units, const Blocked& blocked,
               std::vector<bool>& excluded, std::vector<Stay>& left_out) {
    Reason companions;
    companions.code = ReasonCode::host_not_emptied;
    companions.host = proposal.moves[blocked.move].from;
    companions.vm = proposal.moves[blocked.move].vm;
    std::vector<std::size_t> open = {blocked.move};
    excluded[blocked.move] = true;
    left_out.push_back({proposal.moves[blocked.move].vm, blocked.reason, blocked.reason.host});
    while (!open.empty()) {
        const Move& move = proposal.moves[open.back()];
        open.pop_back();
        for (std::size_t m = 0; m < proposal.moves.size(); ++m) {
            if (excluded[m] || !all_or_nothing(move, proposal.moves[m], units)) continue;
            excluded[m] = true;
            open.push_back(m);
            const bool emptying = proposal.moves[m].reason.code == ReasonCode::empty_host;
            left_out.push_back({proposal.moves[m].vm, emptying ? companions : blocked.reason, {}});
        }
    }
}

}  // namespace

Plan sequence(const Cluster& cluster, const Proposal& proposal) {
    Plan plan;
    const bool power = std::any_of(proposal.hosts.begin(), proposal.hosts.end(),
                                   [](const HostVerdict& v) { return v.action != HostAction::none; });
    if (proposal.moves.empty() && !power) return plan;
    std::vector<bool> excluded(proposal.moves.size(), false);
    for (;;) {
        Attempt attempt(cluster, proposal, excluded);
        const auto blocked = attempt.run();
        if (!blocked) {
            plan.actions = attempt.take_actions();
            break;
        }
        leave_out(proposal, AffinityUnits(cluster), *blocked, excluded, plan.left_out);
    }
    std::sort(plan.left_out.begin(), plan.left_out.end(), [](const Stay& a, const Stay& b) { return a.vm < b.vm; });
    return plan;
}

}  // namespace ballast
