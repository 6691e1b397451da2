// SPDX-License-Identifier: Apache-2.0
// `ballast run` without --once: observe, decide and act, turn after turn, for as long as nobody asks it to stop. What
// can happen to a cluster is logged and tried again; a journal that fails ends it. docs/running.md has signals and
// files.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cli/approval.hpp"
#include "cli/command.hpp"
#include "cli/goal.hpp"
#include "cli/toml/config.hpp"

namespace ballast {

struct RunCommandOptions {
    GoalOptions goal;  // where empty: the configuration's
    bool once = false;
    std::string mode;         // likewise
    std::string record;       // folder; empty = no recording
    std::size_t samples = 0;  // before the first decision; 0 = as many as the policy needs
};

// What the command line and the configuration together ask for. Errors: usage.
struct Intent {
    Mode mode = Mode::advise;
    std::unique_ptr<Policy> policy;
    std::size_t samples = 0;  // of load, before the first decision
};
[[nodiscard]] Result<Intent> intent_of(const RunCommandOptions& options, const Config& config);

// Beside the journal; held by the one loop that acts by itself.
[[nodiscard]] std::string loop_lock_path(const Config& config);

// Returns the exit code when it was asked to stop. Errors: usage, if the configuration or the first look shows that it
// cannot work; refused, if another loop is at work with the same journal; the journal's, whenever.
[[nodiscard]] Result<int> run_loop(const RunCommandOptions& options, const CommonOptions& common);

}  // namespace ballast
