// SPDX-License-Identifier: Apache-2.0
#include "cli/goal.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace ballast {

void add_goal_options(CLI::App& command, GoalOptions& options) {
    command.add_option("--goal", options.goal,
                       "spread: take the peak off hot hosts; consolidate: empty hosts so that they can sleep");
    command.add_option("--policy", options.policy,
                       "Policy with options, NAME:key=value,… (see `ballast simulate --help`); default: the goal's");
}

Result<std::unique_ptr<Policy>> make_goal_policy(const GoalOptions& options, const GoalSettings& settings) {
    if (!options.policy.empty()) return make_policy(options.policy);
    std::string known;
    for (const auto& [goal, specification] : settings.policies) {
        if (goal == options.goal) return make_policy(specification);
        known += (known.empty() ? "" : ", ") + goal;
    }
    if (options.goal.empty()) return fail(ErrorKind::usage, "say what is wanted with --goal: " + known);
    return fail(ErrorKind::usage, "unknown goal \"" + options.goal + "\"; known: " + known);
}

}  // namespace ballast
