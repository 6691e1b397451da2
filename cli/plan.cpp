// SPDX-License-Identifier: Apache-2.0
// `ballast plan` and `ballast snapshot`: look and decide, without acting.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/goal.hpp"
#include "cli/output.hpp"
#include "cli/rule_warnings.hpp"
#include "cli/show.hpp"
#include "core/io/json.hpp"
#include "scheduler/engine.hpp"
#ifdef BALLAST_WITH_LIBVIRT
#include "cli/live.hpp"
#endif

namespace ballast {

namespace {

struct PlanOptions {
    std::string snapshot;
    GoalOptions goal;
    std::string output;
    std::size_t samples = 0;  // 0 = as many as the policy needs
};

struct Observed {
    Snapshot snapshot;
    GoalSettings settings;
};

Result<Observed> observe_for_plan(const PlanOptions& options, const CommonOptions& common) {
    if (!options.snapshot.empty()) {
        const Result<std::string> text = read_file(options.snapshot);
        if (!text) return tl::unexpected(text.error());
        Result<Snapshot> snapshot = snapshot_from_json(*text);
        if (!snapshot) return fail(snapshot.error().kind, options.snapshot + ": " + snapshot.error().message);
        return Observed{std::move(*snapshot), GoalSettings{}};
    }
#ifdef BALLAST_WITH_LIBVIRT
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    const Config& config = (*cluster)->config();
    GoalSettings settings{config.policies, config.migration};
    const auto policy = make_goal_policy(options.goal, settings);
    if (!policy) return tl::unexpected(policy.error());
    const auto needed = samples_for(**policy, config.collector.interval_s, config.collector.samples_max);
    if (!needed) return tl::unexpected(needed.error());
    const std::size_t samples = options.samples > 0 ? options.samples : *needed;
    Result<Snapshot> snapshot = (*cluster)->observe(samples, config.collector.interval_s);
    if (!snapshot) return tl::unexpected(snapshot.error());
    return Observed{std::move(*snapshot), std::move(settings)};
#else
    static_cast<void>(common);
    return fail(ErrorKind::usage, "this build has no libvirt: give a cluster with --snapshot FILE");
#endif
}

Result<int> run_plan(const PlanOptions& options, const CommonOptions& common) {
    // What can be wrong with the arguments is found before anything is waited for.
    if (const auto early = make_goal_policy(options.goal, GoalSettings{}); !early) return tl::unexpected(early.error());
    const Result<Observed> observed = observe_for_plan(options, common);
    if (!observed) return tl::unexpected(observed.error());
    const Snapshot& snapshot = observed->snapshot;
    RuleWarnings().report(snapshot.cluster);
    const Result<std::unique_ptr<Policy>> policy = make_goal_policy(options.goal, observed->settings);
    if (!policy) return tl::unexpected(policy.error());
    Rng rng(common.seed);
    const Result<Decision> decision =
        decide({snapshot.cluster, snapshot.history, observed->settings.migration}, **policy, rng);
    if (!decision) return tl::unexpected(decision.error());

    const std::string people = show_hosts(snapshot) + "\n" + show_plan(decision->plan, snapshot.cluster) + "\n" +
                               show_stays(decision->proposal, snapshot.cluster, common.verbose);
    const std::string plan_json = to_json(decision->plan, snapshot.cluster, (*policy)->specification());
    if (Status ok = print_for_people(people, common.json); !ok) return tl::unexpected(ok.error());
    if (common.json) {
        if (Status ok = print(plan_json); !ok) return tl::unexpected(ok.error());
    }
    if (!options.output.empty()) {
        if (Status ok = write_file(options.output, plan_json); !ok) return tl::unexpected(ok.error());
        note("plan written to " + options.output + "; carry it out with `ballast apply " + options.output + "`");
    }
    return snapshot.problems.empty() ? 0 : exit_code(ErrorKind::unreachable);
}

}  // namespace

void declare_plan(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<PlanOptions>();
    CLI::App* command = app.add_subcommand("plan", "Decide what should move, and why; nothing is done");
    command->add_option("--snapshot", options->snapshot,
                        "Decide for this snapshot (from `ballast snapshot`) instead of the live cluster");
    add_goal_options(*command, options->goal);
    command
        ->add_option("--samples", options->samples,
                     "Samples of load to take first, one every telemetry.interval_s; default: what the policy needs")
        ->check(CLI::Range(1, 10'000));
    command->add_option("-o,--output", options->output, "Write the plan here (JSON), for `ballast apply`");
    add_common_options(*command, common);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_plan(*options, common); }; });
}

#ifdef BALLAST_WITH_LIBVIRT
namespace {

struct SnapshotOptions {
    std::string output = "-";
    std::size_t samples = default_samples;
};

Result<int> run_snapshot(const SnapshotOptions& options, const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    const Result<Snapshot> snapshot = (*cluster)->observe(options.samples, (*cluster)->config().collector.interval_s);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const std::string text = to_json(*snapshot);
    const Status written = options.output == "-" ? print(text) : write_file(options.output, text);
    if (!written) return tl::unexpected(written.error());
    return report_problems(*snapshot) ? 0 : exit_code(ErrorKind::unreachable);
}

}  // namespace

void declare_snapshot(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<SnapshotOptions>();
    CLI::App* command = app.add_subcommand("snapshot", "Write what the collectors see now, as JSON");
    command->add_option("-o,--output", options->output, "File to write; - is standard output")->capture_default_str();
    command->add_option("--samples", options->samples, "Samples of load to take, one every telemetry.interval_s")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    add_common_options(*command, common);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_snapshot(*options, common); }; });
}
#endif

}  // namespace ballast
