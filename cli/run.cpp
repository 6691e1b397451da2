// SPDX-License-Identifier: Apache-2.0
// `ballast run` and `ballast apply`: decide and act, or carry out a plan that was made before.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>
#include <memory>
#include <optional>

#include "cli/approval.hpp"
#include "cli/command.hpp"
#include "cli/execution.hpp"
#include "cli/goal.hpp"
#include "cli/live.hpp"
#include "cli/loop_metrics.hpp"
#include "cli/output.hpp"
#include "cli/recording.hpp"
#include "cli/rule_warnings.hpp"
#include "cli/show.hpp"
#include "cli/stop.hpp"
#include "control/cycle.hpp"
#include "core/io/json.hpp"

namespace ballast {

namespace {

struct RunCommandOptions {
    GoalOptions goal;
    bool once = false;
    std::string mode = "advise";
    std::string record;       // folder; empty = no recording
    std::size_t samples = 0;  // 0 = as many as the policy needs
};

constexpr double status_interval_s = 1.0;  // between the two looks that show the loads afterwards

// Reads the load `samples` times before it answers: what one decision of `run --once` is based on.
class WatchedCluster final : public Telemetry {
  public:
    WatchedCluster(LiveCluster& cluster, LoopMetrics* metrics) : cluster_(cluster), metrics_(metrics) {}

    void watch(std::size_t samples) { samples_ = samples; }
    [[nodiscard]] Result<Snapshot> observe() override {
        Result<Snapshot> snapshot = cluster_.observe(samples_, cluster_.config().collector.interval_s);
        if (snapshot && metrics_ != nullptr) metrics_->looked(*snapshot);
        return snapshot;
    }

  private:
    LiveCluster& cluster_;
    LoopMetrics* metrics_;
    std::size_t samples_ = 0;
};

void show_decision(const Snapshot& snapshot, const Decision& decision, const CommonOptions& common) {
    static_cast<void>(print_for_people(show_hosts(snapshot) + "\n" + show_plan(decision.plan, snapshot.cluster) + "\n" +
                                           show_stays(decision.proposal, snapshot.cluster, common.verbose) + "\n",
                                       common.json));
}

// Counts and shows the decision, then says whether the mode lets it happen.
Approval approval_of(Mode mode, LoopMetrics* metrics, const CommonOptions& common) {
    return [mode, metrics, &common](const Snapshot& snapshot, const Decision& decision) {
        if (metrics != nullptr) metrics->decided(decision.proposal, decision.plan);
        show_decision(snapshot, decision, common);
        if (mode == Mode::automatic) return true;
        const bool approved = mode == Mode::confirm && ask_on_terminal();
        if (!approved && metrics != nullptr) metrics->not_approved();
        if (mode == Mode::confirm) return approved;
        static_cast<void>(print_for_people(
            "Mode advise: nothing was done. To carry it out: --mode confirm or --mode auto.\n", common.json));
        return false;
    };
}

// Everything a turn of the loop needs, in the order in which it is taken down again.
struct Session {
    std::unique_ptr<LiveCluster> cluster;
    std::unique_ptr<Policy> policy;
    std::unique_ptr<LoopMetrics> metrics;  // may be null
    std::unique_ptr<Execution> execution;
    RuleWarnings warnings;
    std::optional<Recording> recording;         // of the load the decisions are based on
    std::map<std::string, std::string> barred;  // hosts of which was said why plans do not switch them, with the reason
};

// Says, once per host and reason, which hosts could be put to sleep but for something a person has to do.
void report_barred(Session& session) {
    for (const auto& [host, because] : session.cluster->barred()) {
        if (session.barred[host] == because) continue;
        session.barred[host] = because;
        note(fmt::format("ballast: {} stays as it is, neither put to sleep nor woken: {}", host, because));
    }
}

Result<Session> open_session(const RunCommandOptions& options, const CommonOptions& common, Mode mode) {
    Session session;
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    session.cluster = std::move(*cluster);
    const Config& config = session.cluster->config();
    Result<std::unique_ptr<Policy>> policy =
        make_goal_policy(options.goal, GoalSettings{config.policies, config.migration});
    if (!policy) return tl::unexpected(policy.error());
    session.policy = std::move(*policy);
    Result<std::unique_ptr<LoopMetrics>> metrics = LoopMetrics::open(*session.cluster, options.mode);
    if (!metrics) return tl::unexpected(metrics.error());
    session.metrics = std::move(*metrics);
    Result<std::unique_ptr<Execution>> execution =
        Execution::open(*session.cluster, session.metrics.get(), mode == Mode::advise);
    if (!execution) return tl::unexpected(execution.error());
    session.execution = std::move(*execution);
    if (!options.record.empty()) {
        Result<Recording> recording = Recording::open(options.record, config.collector.interval_s);
        if (!recording) return tl::unexpected(recording.error());
        session.recording.emplace(std::move(*recording));
    }
    return session;
}

// A recording that cannot go on, on a full disk, say, is no reason to leave the cluster alone.
Status keep_recording(Session& session, const Snapshot& snapshot) {
    if (!session.recording) return {};
    if (const Status ok = session.recording->look(snapshot); !ok) {
        note("ballast: " + ok.error().message + "; the recording ends here");
        session.recording.reset();
    }
    return {};
}

// One turn; the exit code it deserves.
Result<int> turn(Session& session, WatchedCluster& telemetry, Mode mode, Rng& rng, const CommonOptions& common) {
    LoopMetrics* const metrics = session.metrics.get();
    const Approval approve = approval_of(mode, metrics, common);
    std::optional<MeteredActuator> actuator;
    if (session.execution->actuator() != nullptr) actuator.emplace(*session.execution->actuator(), metrics);
    const Result<Cycle> cycle = run_cycle(
        {telemetry, *session.policy, actuator ? &*actuator : nullptr, session.cluster->config().migration, approve},
        rng);
    if (!cycle) return tl::unexpected(cycle.error());
    if (cycle->decision.plan.actions.empty()) {
        if (metrics != nullptr) metrics->decided(cycle->decision.proposal, cycle->decision.plan);
        show_decision(cycle->snapshot, cycle->decision, common);
    }
    const bool all_seen = report_problems(cycle->snapshot);
    session.warnings.report(cycle->snapshot.cluster);
    report_barred(session);
    int code = 0;
    std::string after_json = "null";
    if (cycle->actuation) {
        code = session.execution->report_outcome();
        if (const Result<Snapshot> after = session.cluster->observe(1, status_interval_s); after) {
            static_cast<void>(print_for_people("\nAfterwards:\n" + show_hosts(*after), common.json));
            after_json = to_json(*after);
        } else {
            note("ballast: the look afterwards: " + after.error().message);
        }
    }
    if (code == 0 && !all_seen) code = exit_code(ErrorKind::unreachable);
    if (common.json) {
        const Cluster& before = cycle->snapshot.cluster;
        const std::string document =
            fmt::format("{{\"before\":{},\"proposal\":{},\"plan\":{},\"outcome\":{},\"after\":{}}}\n",
                        to_json(cycle->snapshot), to_json(cycle->decision.proposal, before),
                        to_json(cycle->decision.plan, before, cycle->decision.proposal.policy),
                        session.execution->outcome_json(before, cycle->decision.plan), after_json);
        if (Status ok = print(document); !ok) return tl::unexpected(ok.error());
    }
    return code;
}

// The same, timed.
Result<int> timed_turn(Session& session, WatchedCluster& telemetry, Mode mode, Rng& rng, const CommonOptions& common) {
    if (!session.metrics) return turn(session, telemetry, mode, rng, common);
    session.metrics->turn_began();
    Result<int> code = turn(session, telemetry, mode, rng, common);
    if (code) session.metrics->turn_ended();
    if (!code) session.metrics->turn_failed();
    return code;
}

Result<int> run_loop(const RunCommandOptions& options, const CommonOptions& common) {
    const Result<Mode> mode = parse_mode(options.mode);
    if (!mode) return tl::unexpected(mode.error());
    if (common.json && !options.once) return fail(ErrorKind::usage, "--json is one document: it goes with --once only");
    Result<Session> session = open_session(options, common, *mode);
    if (!session) return tl::unexpected(session.error());
    Rng rng(common.seed);
    WatchedCluster telemetry(*session->cluster, session->metrics.get());
    const CollectorOptions& collector = session->cluster->config().collector;
    const Result<std::size_t> needed = samples_for(*session->policy, collector.interval_s, collector.samples_max);
    if (!needed) return tl::unexpected(needed.error());
    telemetry.watch(options.samples > 0 ? options.samples : *needed);
    if (session->recording) {
        session->cluster->tell([&](const Snapshot& snapshot) { return keep_recording(*session, snapshot); });
    }
    Result<int> code = timed_turn(*session, telemetry, *mode, rng, common);
    const bool hopeless = !code && code.error().kind == ErrorKind::usage;
    while (!options.once && !hopeless && !session->execution->stop_requested()) {
        if (!code) note("ballast: " + code.error().message + "; trying again");
        if (!code && !LiveCluster::wait(session->cluster->config().collector.interval_s)) break;
        telemetry.watch(1);  // by now the collector has a past
        code = timed_turn(*session, telemetry, *mode, rng, common);
    }
    const bool asked_to_end = !options.once && session->execution->stop_requested();
    return asked_to_end && !code ? Result<int>(0) : code;
}

Result<int> run_apply(const std::string& path, const CommonOptions& common) {
    const Result<std::string> text = read_file(path);
    if (!text) return tl::unexpected(text.error());
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    // The journal's lock first: nothing may be carried out between the look and the plan.
    Result<std::unique_ptr<Execution>> execution = Execution::open(**cluster, nullptr, false);
    if (!execution) return tl::unexpected(execution.error());
    // Two looks, so that every VM has a fresh sample: the checker lets nothing happen to one that has none.
    const Result<Snapshot> snapshot = (*cluster)->observe(1, status_interval_s);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const bool all_seen = report_problems(*snapshot);
    const Result<NamedPlan> named = plan_from_json(*text, snapshot->cluster);
    if (!named) return fail(named.error().kind, path + ": " + named.error().message);
    static_cast<void>(print_for_people(show_plan(named->plan, snapshot->cluster) + "\n", common.json));
    const auto report = (*execution)->actuator()->carry_out(named->plan, snapshot->cluster, named->policy);
    if (!report) return tl::unexpected(report.error());
    int code = (*execution)->report_outcome();
    if (code == 0 && !all_seen) code = exit_code(ErrorKind::unreachable);
    if (common.json) {
        if (Status ok = print((*execution)->outcome_json(snapshot->cluster, named->plan) + "\n"); !ok) {
            return tl::unexpected(ok.error());
        }
    }
    return code;
}

}  // namespace

void declare_run(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<RunCommandOptions>();
    CLI::App* command = app.add_subcommand("run", "Observe, decide and act, again and again or once");
    add_goal_options(*command, options->goal);
    command->add_flag("--once", options->once, "One turn, then end");
    command->add_option("--record", options->record,
                        "Write down the load that decisions are based on into this folder (see `ballast record`)");
    command->add_option("--mode", options->mode, "advise: only say it; confirm: ask first; auto: do it")
        ->capture_default_str();
    command
        ->add_option("--samples", options->samples,
                     "Samples of load before the first decision, one every telemetry.interval_s; default: what the\n"
                     "policy needs")
        ->check(CLI::Range(1, 10'000));
    add_common_options(*command, common);
    command->footer(
        "Ctrl-C starts nothing new and waits for what is under way; a second Ctrl-C aborts migrations, the VMs\n"
        "stay where they are. Every step is in the journal before it is taken: `ballast status`.\n"
        "Hosts with a power method (`ballast power`) are put to sleep and woken as the policy decides.");
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_loop(*options, common); }; });
}

void declare_apply(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto path = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("apply", "Carry out a plan made by `ballast plan -o`");
    command->add_option("plan", *path, "The plan (JSON)")->required();
    add_common_options(*command, common);
    command->footer(
        "The plan is checked against the cluster as it is now; what breaks a rule or fits no more is refused\n"
        "with exit code 3 before anything is done.");
    command->callback([path, &common, &selected] { selected = [path, &common] { return run_apply(*path, common); }; });
}

}  // namespace ballast
