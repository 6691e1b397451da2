// SPDX-License-Identifier: Apache-2.0
#include "scheduler/consolidate.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "scheduler/draft.hpp"
#include "scheduler/forecast.hpp"
#include "scheduler/headroom.hpp"
#include "scheduler/packer.hpp"
#include "scheduler/packing_order.hpp"
#include "scheduler/policy_options.hpp"
#include "scheduler/pressure_options.hpp"
#include "scheduler/problem/goals.hpp"
#include "scheduler/relief.hpp"
#include "scheduler/repair.hpp"
#include "scheduler/stability_options.hpp"
#include "scheduler/wake_ahead.hpp"

namespace ballast {

namespace {

struct ConsolidateOptions {
    double low;
    double target;
    double headroom;
    std::size_t spare_hosts;
    double rise_mhz;
    double min_saving_watts;
    double stable_s;
};

class Consolidation {
  public:
    Consolidation(Draft& draft, Packer& packer, Problem::GoalId energy, const ConsolidateOptions& options)
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
    const ConsolidateOptions& options_;
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

enum Option : std::size_t {
    low,
    target,
    margin,
    enter,
    memory,
    cpu_wait,
    memory_stall,
    cpu_fullness,
    memory_fullness,
    network_fullness,
    disk_fullness,
    headroom,
    spare,
    ahead,
    min_saving,
    stable,
    sustain,
    cooldown,
    no_return,
    daily_moves,
    host_rest,
    daily_sleeps,
    moves,
};

constexpr std::array<PolicyOptionHelp, 23> option_table = {{
    {"low", "fraction", 0.60, 0.0, 1.0, "hosts below this share of their usable CPU are emptied if possible"},
    {"target", "fraction", 0.95, 0.05, 1.0, "what destinations are planned to carry stays at or below it"},
    {"margin", "sigma", 1.0, 0.0, 10.0, "planned: this many standard deviations of a host's joint load above its mean"},
    {"enter", "fraction", 0.98, 0.05, 1.0, "a host above it is hot and relieved down to target"},
    {"memory", "fraction", 1.0, 0.05, 1.0, "configured memory: a host above it is hot, destinations stay at or below"},
    cpu_wait_row,
    memory_stall_row,
    {"cpu_fullness", "factor", 1.0, 0.0, 100.0,
     "of hosts that give a MHz for as few watts the fullest is filled first:"},
    {"memory_fullness", "factor", 0.0, 0.0, 100.0, "   by the mean of its loads, each as a share of what is usable,"},
    {"network_fullness", "factor", 0.0, 0.0, 100.0, "   with these weights; 0 = it does not count"},
    {"disk_fullness", "factor", 0.0, 0.0, 100.0, "   (it must fit all the same)"},
    {"headroom", "fraction", 0.10, 0.0, 0.9, "mean load of the hosts that stay on is at most target - headroom"},
    {"spare", "count", 0.0, 0.0, 1000.0, "so many of the hosts that stay on may fail: the others could carry all VMs"},
    {"ahead", "s", 3600.0, 0.0, 3600.0,
     "hosts that the load expected within so long needs stay on, or are woken in time"},
    {"min_saving", "W", 1.0, 0.0, 10000.0, "a host with a power curve is emptied if that saves at least so much,"},
    {"stable", "s", 3600.0, 60.0, 604800.0, "   after what migrations, sleeping and waking cost, spread over so long"},
    {"sustain", "s", 30.0, 0.0, 604800.0, "a host is hot, or low, after so long; 0 = at once"},
    {"cooldown", "s", 1800.0, 0.0, 604800.0, "a VM that moved rests for so long; a sixth of it where its host is hot"},
    no_return_row,
    daily_moves_row,
    {"host_rest", "s", 1800.0, 0.0, 604800.0, "a host that was woken stays on for so long"},
    {"daily_sleeps", "count", 12.0, 1.0, 1000.0, "a host is put to sleep so often in a day at most"},
    {"moves", "count", 1000.0, 1.0, 100000.0, "VMs moved by one decision at most"},
}};

constexpr PolicyHelp help{"consolidate", "empties hosts with little load and puts them to sleep; relieves hot hosts",
                          option_table};

// How many times what a MHz costs may be spent so that VMs do not lack it: who is short of CPU pays with time.
constexpr double price_of_contention = 90.0;

// Of full hosts that have a power curve, all together; 0 if none has.
double mean_watts_per_mhz(const Cluster& cluster) {
    double peak_watts = 0.0;
    double mhz = 0.0;
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const auto& power = cluster.spec(HostId(h)).power;
        if (!power) continue;
        peak_watts += power->curve.peak_watts();
        mhz += cluster.usable(HostId(h)).cpu_mhz();
    }
    return mhz > 0.0 ? peak_watts / mhz : 0.0;
}

class Consolidate final : public Policy {
  public:
    explicit Consolidate(std::vector<double> values) : values_(std::move(values)) {}

    [[nodiscard]] std::string specification() const override { return policy_specification(help, values_); }

    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng& /*rng*/) const override {
        DraftOptions draft_options;
        draft_options.sustain = samples_of(values_[sustain], input.history);
        draft_options.stability = stability();
        draft_options.pressure = {values_[cpu_wait], values_[memory_stall]};
        draft_options.moves_max = static_cast<std::size_t>(values_[moves]);
        draft_options.enter = values_[enter];
        Draft draft(input, draft_options);
        Packer packer(draft, packer_options());
        const Problem::GoalId energy = set_goals(draft.problem(), input);
        do {
            relieve(draft, {values_[enter], values_[target], values_[memory]}, &packer);
        } while (repair(draft, {values_[target], values_[memory]}, &packer));
        const Forecast forecast(input.cluster, input.history, values_[margin]);
        if (values_[ahead] > 0.0) wake_ahead(draft, forecast, values_[target] - values_[headroom], values_[ahead]);
        const ConsolidateOptions options{values_[low],
                                         values_[target],
                                         values_[headroom],
                                         static_cast<std::size_t>(values_[spare]),
                                         forecast.rise_mhz(values_[ahead]),
                                         values_[min_saving],
                                         values_[stable]};
        Consolidation(draft, packer, energy, options).run();
        return draft.finish(specification());
    }

  private:
    [[nodiscard]] PackerOptions packer_options() const {
        PackerOptions options{values_[target], values_[memory], values_[margin], values_[ahead] > 0.0, {}};
        options.fullness = {values_[cpu_fullness], values_[memory_fullness], values_[network_fullness],
                            values_[disk_fullness]};
        return options;
    }

    [[nodiscard]] Problem::GoalId set_goals(Problem& problem, const PolicyInput& input) const {
        const Placement& placement = problem.placement();
        problem.add(effort_goal(input.cluster, placement, input.migration_model, values_[stable]), 1.0);
        problem.add(contention_goal(input.cluster, problem.joint(), 1.0),
                    price_of_contention * mean_watts_per_mhz(input.cluster));
        return problem.add(energy_goal(input.cluster, placement), 1.0);
    }

    [[nodiscard]] StabilityOptions stability() const {
        StabilityOptions options;
        options.cooldown_s = values_[cooldown];
        options.relief_cooldown_s = values_[cooldown] / 6.0;  // whoever is on a hot host suffers from waiting
        options.no_return_s = values_[no_return];
        options.daily_moves = static_cast<std::size_t>(values_[daily_moves]);
        options.host_rest_s = values_[host_rest];
        options.daily_sleeps = static_cast<std::size_t>(values_[daily_sleeps]);
        return options;
    }

    std::vector<double> values_;  // in the order of option_table
};

}  // namespace

const PolicyHelp& consolidate_help() { return help; }

Result<std::unique_ptr<Policy>> make_consolidate(std::string_view options) {
    Result<std::vector<double>> parsed = parse_policy_options(help, options);
    if (!parsed) return tl::unexpected(parsed.error());
    const std::vector<double>& values = *parsed;
    if (values[low] >= values[target] || values[target] >= values[enter]) {
        return fail(ErrorKind::usage,
                    "policy \"consolidate\": low < target < enter must hold, or hosts would be "
                    "filled and emptied in turn");
    }
    if (values[headroom] >= values[target]) {
        return fail(ErrorKind::usage, "policy \"consolidate\": headroom must be below target");
    }
    if (std::max({values[cpu_fullness], values[memory_fullness], values[network_fullness], values[disk_fullness]}) <=
        0.0) {
        return fail(ErrorKind::usage,
                    "policy \"consolidate\": one of the fullness weights must be above 0, or no host would be the "
                    "fullest");
    }
    return std::make_unique<Consolidate>(std::move(*parsed));
}

}  // namespace ballast
