// SPDX-License-Identifier: Apache-2.0
#include "scheduler/consolidation.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "scheduler/headroom.hpp"
#include "scheduler/packing_order.hpp"

namespace ballast {

namespace {

class Consolidation {
  public:
    Consolidation(Draft& draft, Packer& packer, Problem::GoalId energy, const ConsolidationOptions& options)
        : draft_(draft),
          packer_(packer),
          energy_(energy),
          options_(options),
          headroom_(draft.cluster(), draft.placement(), draft.feasibility(),
                    {options.target - options.headroom, options.spare_hosts, options.target, options.rise_mhz}) {}

    void run() {
        rest_empty_hosts();
        std::vector<HostId> candidates = find_candidates();
        std::size_t tried = 0;  // of them: no room was found for what they carry
        for (bool progress = true; progress && draft_.may_move(1);) {
            const Round round = try_in_order(candidates);
            progress = round.emptied > 0;
            tried = round.no_room.size();
            candidates.erase(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(round.looked_at));
            candidates.insert(candidates.begin(), round.no_room.begin(), round.no_room.end());
        }
        for (std::size_t i = tried; i < candidates.size(); ++i) give_up(candidates[i]);
    }

  private:
    // After so many hosts in a row for which no room was found the others are not tried: they come later because, as a
    // rule, they have more to place.
    static constexpr std::size_t patience = 256;
    static constexpr double wear_per_sleep = 0.05;

    enum class Outcome : std::uint8_t {
        emptied,
        no_room,  // for what it carries; what else is emptied may change that
        never,    // in this decision
    };
    struct Round {
        std::size_t looked_at = 0;
        std::size_t emptied = 0;
        std::vector<HostId> no_room;
    };

    [[nodiscard]] const Cluster& cluster() const { return draft_.cluster(); }
    [[nodiscard]] const Placement& placement() const { return draft_.placement(); }
    [[nodiscard]] bool controllable(HostId host) const {
        const auto& power = cluster().spec(host).power;
        return power && power->controllable;
    }
    [[nodiscard]] double sleep_watts(HostId host) const {
        const auto& power = cluster().spec(host).power;
        return power ? power->sleep_watts : 0.0;
    }
    // Why Ballast would not put this host to sleep, if it could. Nothing, if a person has to do it.
    [[nodiscard]] std::optional<Reason> keeps_on(HostId host) const {
        if (!controllable(host)) return std::nullopt;
        if (auto refused = draft_.feasibility().power_refusal(host)) return refused;
        if (auto reason = draft_.stability().awake(host)) return reason;
        return headroom_.keeps_on(host);
    }
    // A watt saved by a host that slept often today counts less.
    [[nodiscard]] double worn(HostId host, double saved_watts) const {
        return saved_watts / (1.0 + wear_per_sleep * static_cast<double>(draft_.stability().sleeps(host)));
    }

    void rest_empty_hosts();
    void rest(HostId host, double saved_watts);
    [[nodiscard]] std::vector<HostId> find_candidates();
    [[nodiscard]] bool is_worth_trying(HostId host);
    // Tries to empty one after the other until patience or the moves are used up.
    [[nodiscard]] Round try_in_order(const std::vector<HostId>& candidates);
    [[nodiscard]] Outcome try_to_empty(HostId host);
    [[nodiscard]] bool place_all(const std::vector<UnitId>& units, HostId host);
    void explain_no_place(UnitId unit, HostId host);
    [[nodiscard]] Reason too_little(HostId host, double net_watts) const;
    void keep(HostId host, const Reason& reason);
    void give_up(HostId host);
    void keep_because_of(HostId host, VmId blocker, UnitId unit, const Reason& reason, HostId best);

    Draft& draft_;
    Packer& packer_;
    Problem::GoalId energy_;  // of the draft's problem, whose objective is in watts
    const ConsolidationOptions& options_;
    Headroom headroom_;
};

// Most watts first, so that headroom is kept by the hosts that cost least.
void Consolidation::rest_empty_hosts() {
    std::vector<HostId> empty;
    for (const HostId host : draft_.feasibility().open_hosts()) {
        if (placement().vm_count(host) == 0) empty.push_back(host);
    }
    const auto saving = [&](HostId host) { return watts(cluster(), placement(), host) - sleep_watts(host); };
    std::stable_sort(empty.begin(), empty.end(),
                     [&](HostId a, HostId b) { return worn(a, saving(a)) > worn(b, saving(b)); });
    for (const HostId host : empty) {
        const auto reason = keeps_on(host);
        const auto& power = cluster().spec(host).power;
        const double net = power ? saving(host) - switching_joules(*power) / options_.stable_s : 0.0;
        if (reason) {
            keep(host, *reason);
        } else if (controllable(host) && net < options_.min_saving_watts) {
            keep(host, too_little(host, net));
        } else {
            rest(host, saving(host));
        }
    }
}

Reason Consolidation::too_little(HostId host, double net_watts) const {
    Reason reason;
    reason.code = ReasonCode::too_little_saving;
    reason.host = host;
    reason.value = net_watts;
    reason.limit = options_.min_saving_watts;
    return reason;
}

void Consolidation::rest(HostId host, double saved_watts) {
    Reason reason;
    reason.host = host;
    reason.code = controllable(host) ? ReasonCode::sleep_empty : ReasonCode::no_power_control;
    reason.value = saved_watts;
    draft_.verdict(host, controllable(host) ? HostAction::sleep : HostAction::none, reason);
    if (controllable(host)) headroom_.spare(host);
}

bool Consolidation::is_worth_trying(HostId host) {
    // A host with a verdict is hot, or its VMs have been dealt with.
    if (placement().vm_count(host) == 0 || draft_.has_verdict(host) || draft_.received(host)) return false;
    if (draft_.feasibility().source_refusal(host) || cluster().cpu_utilisation(host) >= options_.low) return false;
    const std::size_t below = draft_.window().samples_below(host, options_.low);
    if (below >= draft_.options().sustain) return true;
    Reason reason;
    reason.code = ReasonCode::not_sustained;
    reason.host = host;
    reason.value = static_cast<double>(below);
    reason.limit = static_cast<double>(draft_.options().sustain);
    keep(host, reason);
    return false;
}

std::vector<HostId> Consolidation::find_candidates() {
    struct Candidate {
        HostId host;
        int group;   // 0 can be put to sleep, 1 has a power curve, 2 neither
        double key;  // MHz to be placed per watt saved; without a power curve the load
    };
    std::vector<Candidate> candidates;
    for (std::size_t h = 0; h < cluster().host_count(); ++h) {
        const HostId host(h);
        if (!is_worth_trying(host)) continue;
        const double saving = worn(host, watts(cluster(), placement(), host) - sleep_watts(host));
        Candidate candidate{host, controllable(host) ? 0 : 1, placement().used(host).cpu_mhz() / saving};
        if (!cluster().spec(host).power) candidate = {host, 2, placement().utilisation(host, Resource::cpu)};
        if (candidate.group != 2 && saving <= 0.0) candidate.key = std::numeric_limits<double>::infinity();
        candidates.push_back(candidate);
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.group != b.group ? a.group < b.group : a.key < b.key;
    });
    std::vector<HostId> result;
    for (const Candidate& candidate : candidates) result.push_back(candidate.host);
    return result;
}

Consolidation::Round Consolidation::try_in_order(const std::vector<HostId>& candidates) {
    Round round;
    for (std::size_t failed_in_a_row = 0; failed_in_a_row < patience && draft_.may_move(1); ++round.looked_at) {
        if (round.looked_at == candidates.size()) break;
        const HostId host = candidates[round.looked_at];
        if (draft_.received(host)) continue;
        switch (try_to_empty(host)) {
            case Outcome::emptied:
                ++round.emptied;
                failed_in_a_row = 0;
                break;
            case Outcome::no_room:
                round.no_room.push_back(host);
                ++failed_in_a_row;
                break;
            case Outcome::never: break;
        }
    }
    return round;
}

// Its VMs stay for the same reason, unless something was said of one of them.
void Consolidation::keep(HostId host, const Reason& reason) { draft_.verdict(host, HostAction::none, reason); }

// Unless it was tried in an earlier round, or is needed for what was emptied.
void Consolidation::give_up(HostId host) {
    if (draft_.has_verdict(host) || draft_.received(host)) return;
    if (!draft_.may_move(1)) return keep(host, draft_.move_limit());
    Reason reason;
    reason.code = ReasonCode::not_tried;
    reason.host = host;
    reason.value = static_cast<double>(patience);
    keep(host, reason);
}

void Consolidation::keep_because_of(HostId host, VmId blocker, UnitId unit, const Reason& reason, HostId best) {
    Reason others;
    others.code = ReasonCode::host_not_emptied;
    others.host = host;
    others.vm = blocker;
    keep(host, others);
    draft_.stay(unit, reason, best);
}

void Consolidation::explain_no_place(UnitId unit, HostId host) {
    const std::optional<Reason> closest = packer_.closest(unit, host);
    Reason reason;
    reason.code = ReasonCode::no_destination;
    if (closest) reason = *closest;
    keep_because_of(host, draft_.units().members(unit).front(), unit, reason, reason.host);
}

bool Consolidation::place_all(const std::vector<UnitId>& units, HostId host) {
    const Reason reason = draft_.load_reason(ReasonCode::empty_host, host, options_.low);
    for (const UnitId unit : units) {
        const HostId to = packer_.find(unit, host, false);
        if (!to.valid()) {
            explain_no_place(unit, host);
            return false;
        }
        packer_.move(unit, to, reason, 0.0);
    }
    return true;
}

Consolidation::Outcome Consolidation::try_to_empty(HostId host) {
    if (const auto reason = keeps_on(host)) return keep(host, *reason), Outcome::never;
    if (!draft_.may_move(placement().vm_count(host))) return keep(host, draft_.move_limit()), Outcome::never;
    std::vector<UnitId> units = units_on(cluster(), draft_.units(), host);
    std::erase_if(units, [&](UnitId unit) { return draft_.moved(unit); });
    for (const UnitId unit : units) {
        if (const auto block = draft_.blocked(unit, Urgency::saving)) {
            keep_because_of(host, block->blocker, unit, block->reason, {});
            return Outcome::never;
        }
    }
    std::stable_sort(units.begin(), units.end(), [&](UnitId a, UnitId b) {
        return draft_.feasibility().need(a).cpu_mhz() > draft_.feasibility().need(b).cpu_mhz();
    });
    const std::size_t mark = draft_.move_count();
    Problem& problem = draft_.problem();
    const Cost energy = problem.added(energy_);
    const Cost all = problem.added();
    const bool placed = place_all(units, host);
    const double saving = in_units(energy - problem.added(energy_));
    const double net = in_units(all - problem.added());
    const bool pays = !cluster().spec(host).power || net >= options_.min_saving_watts;
    if (placed && pays) {
        draft_.credit_watts(mark, cluster().spec(host).power ? saving : 0.0);
        rest(host, saving);
        return Outcome::emptied;
    }
    packer_.rollback(mark);
    if (placed) keep(host, too_little(host, net));
    return Outcome::no_room;
}

}  // namespace

void empty_hosts(Draft& draft, Packer& packer, Problem::GoalId energy, const ConsolidationOptions& options) {
    Consolidation(draft, packer, energy, options).run();
}

}  // namespace ballast
