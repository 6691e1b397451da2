// SPDX-License-Identifier: Apache-2.0
// What every command shares: the options all commands take, and how a command is declared and run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace CLI {
class App;
}

namespace ballast {

struct CommonOptions {
    std::string config_path = "/etc/ballast/ballast.toml";
    bool json = false;
    std::uint64_t seed = 1;
    bool verbose = false;
};

// Runs a parsed command; returns the exit code, or an error that main prints as one line.
using CommandAction = std::function<Result<int>()>;

// Declares one sub-command on `app`; `selected` receives its action when the arguments name it. `common` outlives both.
using DeclareCommand = void (*)(CLI::App& app, CommonOptions& common, CommandAction& selected);

void declare_simulate(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_plan(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_explain(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_sweep(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_trace(CLI::App& app, CommonOptions& common, CommandAction& selected);

// The commands that talk to libvirt; absent from a build without it.
void declare_snapshot(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_check(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_apply(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_record(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_run(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_drain(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_undrain(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_power(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_status(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_history(CLI::App& app, CommonOptions& common, CommandAction& selected);
void declare_recover(CLI::App& app, CommonOptions& common, CommandAction& selected);

// Adds --config, --json, --seed and -v to a sub-command.
void add_common_options(CLI::App& command, CommonOptions& common);

}  // namespace ballast
