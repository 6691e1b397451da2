// SPDX-License-Identifier: Apache-2.0
#include "cli/goal.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace ballast {

void add_goal_options(CLI::App& command, GoalOptions& options) {
    command.add_option("--goal", options.goal,
                       "spread: take the peak off hot hosts; consolidate: empty hosts so that they can sleep;\n"
                       "auto: the one or the other, by the load; drain: empty the hosts in maintenance");
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

Result<std::size_t> samples_for(const Policy& policy, double interval_s, std::size_t samples_max) {
    const std::string specification = policy.specification();
    constexpr std::string_view key = "sustain=";
    const std::size_t found = specification.find(key);
    double sustain_s = 0.0;
    if (found != std::string::npos) {
        const char* begin = specification.data() + found + key.size();
        std::from_chars(begin, specification.data() + specification.size(), sustain_s);
    }
    const double needed = std::ceil(sustain_s / interval_s);
    if (needed > static_cast<double>(samples_max)) {
        return fail(ErrorKind::usage,
                    fmt::format("policy {}: its sustain of {:g} s is more than telemetry keeps: "
                                "samples_max = {} samples, one every {:g} s",
                                specification.substr(0, specification.find(':')), sustain_s, samples_max, interval_s));
    }
    return std::min(samples_max, std::max(default_samples, static_cast<std::size_t>(needed) + 1));
}

}  // namespace ballast
