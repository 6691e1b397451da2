// SPDX-License-Identifier: Apache-2.0
// `ballast run` and `ballast apply`: decide and act, or carry out a plan that was made before.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <optional>

#include "cli/approval.hpp"
#include "cli/command.hpp"
#include "cli/execution.hpp"
#include "cli/live.hpp"
#include "cli/loop.hpp"
#include "cli/loop_metrics.hpp"
#include "cli/output.hpp"
#include "cli/recording.hpp"
#include "cli/rule_warnings.hpp"
#include "cli/show.hpp"
#include "control/acting_limits.hpp"
#include "control/cycle.hpp"
#include "core/io/json.hpp"

namespace ballast {

namespace {

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

// Everything the one turn needs, in the order in which it is taken down again.
struct Session {
    std::unique_ptr<LiveCluster> cluster;
    Intent intent;
    std::unique_ptr<LoopMetrics> metrics;  // may be null
    std::unique_ptr<Execution> execution;
    std::optional<Recording> recording;  // of the load the decision is based on
};

// Says which hosts could be put to sleep but for something a person has to do.
void report_barred(const LiveCluster& cluster) {
    for (const auto& [host, because] : cluster.barred()) {
        note(fmt::format("ballast: {} stays as it is, neither put to sleep nor woken: {}", host, because));
    }
}

// Why nothing may be begun besides the hold file.
std::optional<std::string> closed(const LiveCluster& cluster, Mode mode) {
    if (mode != Mode::automatic) return std::nullopt;
    return closed_because(cluster.config().loop.limits, LiveCluster::clock().unix_time_s());
}

Result<Session> open_session(const RunCommandOptions& options, const CommonOptions& common) {
    Session session;
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    session.cluster = std::move(*cluster);
    const Config& config = session.cluster->config();
    Result<Intent> intent = intent_of(options, config);
    if (!intent) return tl::unexpected(intent.error());
    session.intent = std::move(*intent);
    const Mode mode = session.intent.mode;
    Result<std::unique_ptr<LoopMetrics>> metrics = LoopMetrics::open(*session.cluster, name(mode));
    if (!metrics) return tl::unexpected(metrics.error());
    session.metrics = std::move(*metrics);
    Result<std::unique_ptr<Execution>> execution =
        Execution::open(*session.cluster, session.metrics.get(), mode == Mode::advise,
                        [&live = *session.cluster, mode] { return closed(live, mode); });
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

// How many migrations mode auto may begin; nothing = no limit.
Result<std::optional<std::size_t>> budget(const Session& session) {
    if (session.intent.mode != Mode::automatic) return std::optional<std::size_t>();
    const auto past = session.execution->journal()->past_moves(LiveCluster::clock().unix_time_s(), History::day_s);
    if (!past) return tl::unexpected(past.error());
    return moves_left(session.cluster->config().loop.limits, *past);
}

// The turn; the exit code it deserves.
Result<int> turn(Session& session, WatchedCluster& telemetry, Rng& rng, const CommonOptions& common) {
    LoopMetrics* const metrics = session.metrics.get();
    const Approval approve = approval_of(session.intent.mode, metrics, common);
    std::optional<MeteredActuator> actuator;
    if (session.execution->actuator() != nullptr) actuator.emplace(*session.execution->actuator(), metrics);
    const auto moves_max = budget(session);
    if (!moves_max) return tl::unexpected(moves_max.error());
    const Result<Cycle> cycle = run_cycle({telemetry, *session.intent.policy, actuator ? &*actuator : nullptr,
                                           session.cluster->config().migration, approve, *moves_max},
                                          rng);
    if (!cycle) return tl::unexpected(cycle.error());
    if (cycle->decision.plan.actions.empty()) {
        if (metrics != nullptr) metrics->decided(cycle->decision.proposal, cycle->decision.plan);
        show_decision(cycle->snapshot, cycle->decision, common);
    }
    const bool all_seen = report_problems(cycle->snapshot);
    RuleWarnings().report(cycle->snapshot.cluster);
    report_barred(*session.cluster);
    if (cycle->moves_cut > 0) {
        note(fmt::format("ballast: the budget of [run] is used up: moves left out: {}", cycle->moves_cut));
    }
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
Result<int> timed_turn(Session& session, WatchedCluster& telemetry, Rng& rng, const CommonOptions& common) {
    if (!session.metrics) return turn(session, telemetry, rng, common);
    session.metrics->turn_began();
    Result<int> code = turn(session, telemetry, rng, common);
    if (code) session.metrics->turn_ended();
    if (!code) session.metrics->turn_failed();
    return code;
}

Result<int> run_once(const RunCommandOptions& options, const CommonOptions& common) {
    Result<Session> session = open_session(options, common);
    if (!session) return tl::unexpected(session.error());
    Rng rng(common.seed);
    WatchedCluster telemetry(*session->cluster, session->metrics.get());
    telemetry.watch(session->intent.samples);
    if (session->recording) {
        session->cluster->tell([&](const Snapshot& snapshot) { return keep_recording(*session, snapshot); });
    }
    return timed_turn(*session, telemetry, rng, common);
}

Result<int> run_run(const RunCommandOptions& options, const CommonOptions& common) {
    if (options.once) return run_once(options, common);
    if (common.json) return fail(ErrorKind::usage, "--json is one document: it goes with --once only");
    return run_loop(options, common);
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
    command->add_option("--mode", options->mode,
                        "advise: only say it; confirm: ask first; auto: do it; default: [run] mode, or advise");
    command
        ->add_option("--samples", options->samples,
                     "Samples of load before the first decision, one every telemetry.interval_s; default: what the\n"
                     "policy needs")
        ->check(CLI::Range(1, 10'000));
    add_common_options(*command, common);
    command->footer(
        "Without --goal the configuration's [run] goal counts, without --mode its mode.\n"
        "Ctrl-C or SIGTERM starts nothing new and waits for what is under way; a second one aborts migrations, the "
        "VMs\n"
        "stay where they are. SIGHUP reads the configuration again, and the certificate and password of [metrics]; a "
        "bad\n"
        "one changes nothing. While the hold file ([executor] hold) exists nothing new is begun: SIGUSR1 makes it, "
        "SIGUSR2\n"
        "takes it away. Every step is in the journal before it is taken: `ballast status`.\n"
        "Hosts with a power method (`ballast power`) are put to sleep and woken as the policy decides.");
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_run(*options, common); }; });
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
