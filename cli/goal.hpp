// SPDX-License-Identifier: Apache-2.0
// From a goal to the policy that pursues it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "core/models/migration_model.hpp"
#include "scheduler/policy.hpp"

namespace CLI {
class App;
}

namespace ballast {

// Samples that are taken where nothing else is asked for.
inline constexpr std::size_t default_samples = 4;

struct GoalOptions {
    std::string goal;    // "spread", "consolidate", "auto", "drain"
    std::string policy;  // a policy specification; overrides the goal's
};

// What the configuration says about goals.
struct GoalSettings {
    std::map<std::string, std::string> policies = {
        {"auto", "auto"}, {"consolidate", "consolidate"}, {"drain", "drain"}, {"spread", "spread"}};
    MigrationModel migration;
};

// Adds --goal and --policy; one of the two must be given.
void add_goal_options(CLI::App& command, GoalOptions& options);

// Errors: usage for an unknown goal or a wrong policy specification.
[[nodiscard]] Result<std::unique_ptr<Policy>> make_goal_policy(const GoalOptions& options,
                                                               const GoalSettings& settings);

// How many samples, `interval_s` apart, a decision of this policy needs: what its `sustain` asks for and one to spare,
// at least default_samples. Errors: usage, if that is more than the `samples_max` that are kept.
[[nodiscard]] Result<std::size_t> samples_for(const Policy& policy, double interval_s, std::size_t samples_max);

}  // namespace ballast
