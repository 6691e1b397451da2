// SPDX-License-Identifier: Apache-2.0
#include "scheduler/spread.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "scheduler/draft.hpp"
#include "scheduler/improvement.hpp"
#include "scheduler/policy_options.hpp"
#include "scheduler/pressure_options.hpp"
#include "scheduler/problem/goals.hpp"
#include "scheduler/problem/local_search.hpp"
#include "scheduler/relief.hpp"
#include "scheduler/repair.hpp"
#include "scheduler/stability_options.hpp"

namespace ballast {

namespace {

enum Option : std::size_t {
    enter,
    exit_level,
    memory,
    cpu_wait,
    memory_stall,
    cpu_weight,
    memory_weight,
    network_weight,
    disk_weight,
    sustain,
    cooldown,
    no_return,
    daily_moves,
    moves,
    search,
};

constexpr std::array<PolicyOptionHelp, 15> option_table = {{
    {"enter", "fraction", 0.98, 0.05, 1.0, "a host above this share of its usable CPU is hot"},
    {"exit", "fraction", 0.85, 0.05, 1.0, "hot hosts are relieved down to it; destinations stay at or below it"},
    {"memory", "fraction", 1.0, 0.05, 1.0, "the same for configured memory: hot above, destinations at or below"},
    cpu_wait_row,
    memory_stall_row,
    {"cpu_weight", "factor", 1.0, 0.0, 100.0,
     "destinations are compared by the largest of their loads after the move,"},
    {"memory_weight", "factor", 1.0, 0.0, 100.0, "   each as a share of what is usable, times its weight;"},
    {"network_weight", "factor", 1.0, 0.0, 100.0, "   0 = it does not count (it must fit all the same)"},
    {"disk_weight", "factor", 1.0, 0.0, 100.0, "   of disk I/O"},
    {"sustain", "s", 30.0, 0.0, 604800.0, "a host is hot after so long above enter; 0 = at once"},
    {"cooldown", "s", 1800.0, 0.0, 604800.0, "a VM that moved rests for so long"},
    no_return_row,
    daily_moves_row,
    {"moves", "count", 64.0, 1.0, 100000.0, "VMs moved by one decision at most"},
    {"search", "count", 1000.0, 0.0, 1e6, "changes looked at to lower expected contention, at most; 0 = none is made"},
}};

constexpr PolicyHelp help{"spread", "takes the peak off hosts that are hot or about to be; leaves a calm cluster alone",
                          option_table};

// Of usable CPU: what is expected above it counts as contention, because means of minutes hide peaks of seconds and
// migrations take CPU, too.
constexpr double safe_load = 0.85;
// MHz that a migration has to save over the hour per MHz that goes with the memory it moves (moved_memory_goal()).
constexpr double price_of_moving = 0.25;
// The objective is in thousandths of a mean host's CPU, so that it does not depend on the size of hosts.
constexpr double smallest_gain = 1.0;  // what a change has to gain after its price

double mean_mhz(const Cluster& cluster) {
    double sum = 0.0;
    for (std::size_t h = 0; h < cluster.host_count(); ++h) sum += cluster.usable(HostId(h)).cpu_mhz();
    return sum > 0.0 ? sum / static_cast<double>(cluster.host_count()) : 1.0;
}

class Spread final : public Policy {
  public:
    explicit Spread(std::vector<double> values) : values_(std::move(values)) {}

    [[nodiscard]] std::string specification() const override { return policy_specification(help, values_); }

    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng& /*rng*/) const override {
        DraftOptions options;
        options.sustain = samples_of(values_[sustain], input.history);
        options.stability.cooldown_s = options.stability.relief_cooldown_s = values_[cooldown];
        options.stability.no_return_s = values_[no_return];
        options.stability.daily_moves = static_cast<std::size_t>(values_[daily_moves]);
        options.pressure = {values_[cpu_wait], values_[memory_stall]};
        options.weights = {values_[cpu_weight], values_[memory_weight], values_[network_weight], values_[disk_weight]};
        options.moves_max = static_cast<std::size_t>(values_[moves]);
        options.enter = values_[enter];
        Draft draft(input, options);
        const Problem::GoalId contention = set_goals(draft.problem(), input.cluster);
        const ImprovementOptions improvement{static_cast<std::size_t>(values_[search]),
                                             {values_[exit_level], values_[memory]},
                                             Urgency::relief,
                                             smallest_gain};
        do {
            relieve_and_repair(draft);
        } while (improve(draft, LocalSearch(), contention, improvement));
        return draft.finish(specification());
    }

  private:
    [[nodiscard]] static Problem::GoalId set_goals(Problem& problem, const Cluster& cluster) {
        const double per_mhz = 1000.0 / mean_mhz(cluster);
        const Problem::GoalId contention =
            problem.add(contention_goal(cluster, problem.plan_jointly(0.0, true), safe_load), per_mhz);
        problem.add(moved_memory_goal(cluster, problem.placement()), price_of_moving * per_mhz);
        return contention;
    }

    void relieve_and_repair(Draft& draft) const {
        do {
            relieve(draft, {values_[enter], values_[exit_level], values_[memory]});
        } while (repair(draft, {values_[exit_level], values_[memory]}));
    }

    std::vector<double> values_;  // in the order of option_table
};

}  // namespace

const PolicyHelp& spread_help() { return help; }

Result<std::unique_ptr<Policy>> make_spread(std::string_view options) {
    Result<std::vector<double>> values = parse_policy_options(help, options);
    if (!values) return tl::unexpected(values.error());
    if ((*values)[exit_level] >= (*values)[enter]) {
        return fail(ErrorKind::usage,
                    "policy \"spread\": exit must be below enter, or hosts would be hot and relieved "
                    "at the same load");
    }
    if (std::max({(*values)[cpu_weight], (*values)[memory_weight], (*values)[network_weight],
                  (*values)[disk_weight]}) <= 0.0) {
        return fail(ErrorKind::usage,
                    "policy \"spread\": one of the weights must be above 0, or all hosts would be alike");
    }
    return std::make_unique<Spread>(std::move(*values));
}

}  // namespace ballast
