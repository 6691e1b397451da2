// SPDX-License-Identifier: Apache-2.0
// What `plan` and `explain` have in common: a snapshot, from a file or from the live cluster, and what a policy decides
// for it. Nothing is done.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/goal.hpp"
#include "core/snapshot.hpp"
#include "scheduler/engine.hpp"

namespace ballast {

struct DecisionOptions {
    std::string snapshot;  // file; empty = the live cluster
    GoalOptions goal;
    std::size_t samples = 0;  // 0 = as many as the policy needs
};

// Adds --snapshot, --goal, --policy and --samples.
void add_decision_options(CLI::App& command, DecisionOptions& options);

struct Decided {
    Snapshot snapshot;
    MigrationModel migration;
    std::unique_ptr<Policy> policy;
    Decision decision;

    [[nodiscard]] PolicyInput input() const { return {snapshot.cluster, snapshot.history, migration}; }
};

// Errors: usage for wrong options or data, what observing the live cluster says, refused for what the checker rejects.
[[nodiscard]] Result<Decided> observe_and_decide(const DecisionOptions& options, const CommonOptions& common);

}  // namespace ballast
