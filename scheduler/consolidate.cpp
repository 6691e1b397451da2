// SPDX-License-Identifier: Apache-2.0
#include "scheduler/consolidate.hpp"

#include <array>
#include <utility>
#include <vector>

#include "scheduler/consolidation.hpp"
#include "scheduler/draft.hpp"
#include "scheduler/forecast.hpp"
#include "scheduler/packer.hpp"
#include "scheduler/policy_options.hpp"
#include "scheduler/pressure_options.hpp"
#include "scheduler/problem/goals.hpp"
#include "scheduler/relief.hpp"
#include "scheduler/repair.hpp"
#include "scheduler/stability_options.hpp"
#include "scheduler/wake_ahead.hpp"

namespace ballast {

namespace {

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
        const ConsolidationOptions options{values_[low],
                                           values_[target],
                                           values_[headroom],
                                           static_cast<std::size_t>(values_[spare]),
                                           forecast.rise_mhz(values_[ahead]),
                                           values_[min_saving],
                                           values_[stable]};
        empty_hosts(draft, packer, energy, options);
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
