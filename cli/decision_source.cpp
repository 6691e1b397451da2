// SPDX-License-Identifier: Apache-2.0
#include "cli/decision_source.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <utility>

#include "cli/output.hpp"
#include "core/io/json.hpp"
#ifdef BALLAST_WITH_LIBVIRT
#include "cli/live.hpp"
#endif

namespace ballast {

namespace {

struct Observed {
    Snapshot snapshot;
    GoalSettings settings;
};

Result<Observed> observe(const DecisionOptions& options, const CommonOptions& common) {
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

}  // namespace

void add_decision_options(CLI::App& command, DecisionOptions& options) {
    command.add_option("--snapshot", options.snapshot,
                       "Decide for this snapshot (from `ballast snapshot`) instead of the live cluster");
    add_goal_options(command, options.goal);
    command
        .add_option("--samples", options.samples,
                    "Samples of load to take first, one every telemetry.interval_s; default: what the policy needs")
        ->check(CLI::Range(1, 10'000));
}

Result<Decided> observe_and_decide(const DecisionOptions& options, const CommonOptions& common) {
    // What can be wrong with the arguments is found before anything is waited for.
    if (const auto early = make_goal_policy(options.goal, GoalSettings{}); !early) return tl::unexpected(early.error());
    Result<Observed> observed = observe(options, common);
    if (!observed) return tl::unexpected(observed.error());
    Result<std::unique_ptr<Policy>> policy = make_goal_policy(options.goal, observed->settings);
    if (!policy) return tl::unexpected(policy.error());
    Decided decided{std::move(observed->snapshot), observed->settings.migration, std::move(*policy), {}};
    Rng rng(common.seed);
    Result<Decision> decision = decide(decided.input(), *decided.policy, rng);
    if (!decision) return tl::unexpected(decision.error());
    decided.decision = std::move(*decision);
    return decided;
}

}  // namespace ballast
