// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulate.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/toml/hosts_file.hpp"
#include "simulator/trace/planetlab.hpp"

namespace ballast {

namespace {

struct SimulateOptions {
    std::string trace;
    std::string hosts;
    std::vector<std::string> policies;
};

// "NAME  12 % of 288 intervals, 3 s left" while a run goes on.
Progress progress_of(const std::string& policy) {
    return [policy, start = std::chrono::steady_clock::now()](std::size_t done, std::size_t all) {
        const double spent_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const double left_s = spent_s / static_cast<double>(done) * static_cast<double>(all - done);
        ProgressLine::draw(
            fmt::format("{}  {} % of {} intervals, {:.0f} s left", policy, done * 100 / all, all, left_s));
    };
}

using Runs = std::vector<std::pair<std::string, std::unique_ptr<Policy>>>;

Result<Runs> make_policies(const std::vector<std::string>& specifications) {
    Runs runs;
    for (const std::string& specification : specifications) {
        if (specification == "none") {
            runs.emplace_back(specification, nullptr);
            continue;
        }
        Result<std::unique_ptr<Policy>> policy = make_policy(specification);
        if (!policy) return tl::unexpected(policy.error());
        runs.emplace_back(specification, std::move(*policy));
    }
    return runs;
}

Result<int> run_simulate(const SimulateOptions& options, const CommonOptions& common) {
    SimulationOptions simulation;
    simulation.seed = common.seed;
    if (!options.hosts.empty()) {
        if (Status ok = load_hosts_file(options.hosts, simulation); !ok) return tl::unexpected(ok.error());
    }
    const Result<Runs> runs = make_policies(options.policies);
    if (!runs) return tl::unexpected(runs.error());
    const Result<Trace> trace = read_planetlab_day(options.trace);
    if (!trace) return tl::unexpected(trace.error());

    std::vector<SimulationResult> results;
    for (const auto& [name, policy] : *runs) {
        Result<SimulationResult> result = simulate(*trace, simulation, policy.get(), progress_of(name));
        ProgressLine::clear();
        if (!result) return tl::unexpected(result.error());
        results.push_back(std::move(*result));
    }
    if (Status ok = print(common.json ? to_json(results) : to_table(results)); !ok) return tl::unexpected(ok.error());
    return 0;
}

std::string policy_help() {
    std::string text = "Policies: none (nothing moves)";
    for (const PolicyHelp& policy : policy_catalogue()) {
        text += fmt::format("\n  {}: {}", policy.name, policy.help);
        for (const PolicyOptionHelp& option : policy.options) {
            text += fmt::format("\n      {}={} ({}): {}", option.key, option.default_value, option.unit, option.help);
        }
    }
    return text;
}

}  // namespace

void declare_simulate(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<SimulateOptions>();
    CLI::App* command = app.add_subcommand("simulate", "Replay recorded load under one or more policies");
    command->add_option("--trace", options->trace, "A PlanetLab day: a folder, or a tar archive of one")->required();
    command->add_option("--hosts", options->hosts,
                        "Hosts and VM sizes (TOML); default: the 800 hosts of configs/hosts/planetlab.toml");
    command->add_option("--policy", options->policies, "NAME or NAME:key=value,key=value; may be repeated")
        ->required()
        ->allow_extra_args(false);
    command->footer(policy_help());
    add_common_options(*command, common);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_simulate(*options, common); }; });
}

}  // namespace ballast
