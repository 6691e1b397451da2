// SPDX-License-Identifier: Apache-2.0
#include "cli/loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/execution.hpp"
#include "cli/live.hpp"
#include "cli/loop_metrics.hpp"
#include "cli/output.hpp"
#include "cli/recording.hpp"
#include "cli/rule_warnings.hpp"
#include "cli/service_notifier.hpp"
#include "cli/show.hpp"
#include "cli/standing_notes.hpp"
#include "cli/stop.hpp"
#include "control/cycle.hpp"
#include "executor/writer_lock.hpp"
#include "metrics/http_listener.hpp"

namespace ballast {

namespace {

constexpr double poll_s = 0.2;  // how soon a signal or the hold file is noticed between two turns
constexpr double day_s = 86'400.0;

// Lets a plan through, and remembers when its record could not be kept.
class WatchedActuator final : public Actuator {
  public:
    explicit WatchedActuator(Actuator& actuator) : actuator_(actuator) {}
    [[nodiscard]] Result<ActuationReport> carry_out(const Plan& plan, const Cluster& cluster,
                                                    std::string_view policy) override {
        Result<ActuationReport> report = actuator_.carry_out(plan, cluster, policy);
        if (!report && report.error().kind == ErrorKind::failed) journal_error_ = report.error();
        return report;
    }
    [[nodiscard]] const std::optional<Error>& journal_error() const { return journal_error_; }

  private:
    Actuator& actuator_;
    std::optional<Error> journal_error_;
};

// One line per action: "migrate a  h1 -> h2: h1 is at 92 % CPU …".
std::vector<std::string> plan_lines(const Plan& plan, const Cluster& cluster) {
    std::vector<std::string> lines;
    for (const Action& action : plan.actions) {
        lines.push_back(action_in_words(action, cluster) + ": " + describe(action.reason, cluster));
    }
    return lines;
}

class Loop final : private Telemetry {
  public:
    Loop(const RunCommandOptions& options, const CommonOptions& common)
        : options_(options), common_(common), rng_(common.seed) {}

    Result<int> run() {
        if (Status ok = open(); !ok) return tl::unexpected(ok.error());
        next_turn_s_ = clock().monotonic_s();
        while (!stop_signal().start_nothing_new()) {
            turn();
            if (fatal_) break;
            if (!std::exchange(ready_, true)) notifier_.ready();
            pass_interval();
        }
        notifier_.stopping();
        cluster_->write_weeks();
        if (fatal_) return tl::unexpected(*fatal_);
        log(LogLevel::info, "ended, as asked");
        return 0;
    }

  private:
    // --- beginning
    // ----------------------------------------------------------------------------------------------------
    Status open() {
        Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common_.config_path);
        if (!cluster) return tl::unexpected(cluster.error());
        cluster_ = std::move(*cluster);
        Result<Intent> intent = intent_of(options_, config());
        if (!intent) return tl::unexpected(intent.error());
        intent_ = std::move(*intent);
        Result<std::unique_ptr<LoopMetrics>> metrics = LoopMetrics::open(*cluster_, name(intent_.mode));
        if (!metrics) return tl::unexpected(metrics.error());
        metrics_ = std::move(*metrics);
        if (!options_.record.empty()) {
            Result<Recording> recording = Recording::open(options_.record, config().collector.interval_s);
            if (!recording) return tl::unexpected(recording.error());
            recording_.emplace(std::move(*recording));
            cluster_->tell([this](const Snapshot& snapshot) { return keep_recording(snapshot); });
        }
        cluster_->keep_weeks();
        execution_ = Execution::idle(
            *cluster_, metrics_.get(), [this] { return closed(); }, [this] { beat(); });
        catch_stop_signals();
        catch_service_signals(cluster_->hold());
        log(LogLevel::info, fmt::format("version {} runs: {}, {}, {} hosts, one look every {:g} s", BALLAST_VERSION,
                                        mode_in_words(), intent_.policy->specification(),
                                        config().collector.hosts.size(), config().collector.interval_s));
        return {};
    }

    // A recording that cannot go on, on a full disk, say, is no reason to leave the cluster alone.
    Status keep_recording(const Snapshot& snapshot) {
        if (!recording_) return {};
        if (const Status ok = recording_->look(snapshot); !ok) {
            log(LogLevel::warning, ok.error().message + "; the recording ends here");
            recording_.reset();
        }
        return {};
    }

    // --- one turn
    // -----------------------------------------------------------------------------------------------------
    void turn() {
        beat();
        if (metrics_) metrics_->turn_began();
        trouble_now_.clear();
        std::map<std::string, std::string> gate_now;
        const bool acting = begin_acting(gate_now);
        if (fatal_) return;
        tell_changes(gate_, std::move(gate_now), LogLevel::warning, "over: ");
        Status done = cluster_->read_journal();
        if (!done) {
            fatal_ = done.error();
        } else {
            done = looks_ < intent_.samples ? watch_only() : decide_and_act(acting);
        }
        execution_->end();
        if (metrics_ && done) metrics_->turn_ended();
        if (metrics_ && !done) metrics_->turn_failed();
        if (fatal_) return;
        if (!done) {
            const bool hopeless = !ready_ && done.error().kind == ErrorKind::usage;
            if (hopeless) fatal_ = done.error();
            trouble_now_["a failing turn"] = done.error().message + "; trying again";
            notifier_.status(mode_in_words() + "; the last turn failed: " + done.error().message);
        }
        tell_changes(trouble_, std::move(trouble_now_), LogLevel::warning, "over: ");
    }

    // Takes the journal, if this turn may act at all. What keeps it from that is in `gate_now` or fatal_.
    bool begin_acting(std::map<std::string, std::string>& gate_now) {
        if (intent_.mode == Mode::advise) return false;
        if (cluster_->hold().because()) return false;  // beat() has told
        if (const auto because = closed()) {
            gate_now["closed windows"] = *because + ": nothing is begun";
            return false;
        }
        if (Status ok = claim(); !ok) {
            fatal_ = ok.error();
            return false;
        }
        const Status begun = execution_->begin(LeftOpen::bring_to_an_end, 0.0);
        if (begun) return true;
        if (begun.error().kind != ErrorKind::refused) {
            fatal_ = begun.error();
        } else {
            gate_now["a journal in use"] = begun.error().message + "; until then nothing is begun";
        }
        return false;
    }

    // There is one loop that acts, while others may carry something out by hand between its turns.
    Status claim() {
        if (lock_) return {};
        Result<WriterLock> lock = WriterLock::acquire(loop_lock_path(config()));
        if (lock) {
            lock_.emplace(std::move(*lock));
            return {};
        }
        if (lock.error().kind != ErrorKind::refused) return tl::unexpected(lock.error());
        const auto pid = WriterLock::holder(loop_lock_path(config()));
        return fail(ErrorKind::refused,
                    fmt::format("another `ballast run` (pid {}) acts by itself with the journal {}; "
                                "stop one of the two",
                                pid.value_or(0), config().journal));
    }

    // Why nothing may be begun besides the hold file.
    [[nodiscard]] std::optional<std::string> closed() {
        if (intent_.mode != Mode::automatic) return std::nullopt;
        return closed_because(config().loop.limits, clock().unix_time_s());
    }

    [[nodiscard]] Result<Snapshot> observe() override {
        Result<Snapshot> snapshot = cluster_->look();
        beat();
        if (!snapshot) return snapshot;
        ++looks_;
        if (metrics_) metrics_->looked(*snapshot);
        std::map<std::string, std::string> problems;
        for (const HostProblem& problem : snapshot->problems) problems[problem.host] = problem.message;
        tell_changes(problems_, std::move(problems), LogLevel::warning, "is as it should be again: ");
        std::map<std::string, std::string> barred;
        for (const auto& [host, because] : cluster_->barred()) {
            barred[host] = fmt::format("{} stays as it is, neither put to sleep nor woken: {}", host, because);
        }
        tell_changes(barred_, std::move(barred), LogLevel::warning, "may be switched again: ");
        warnings_.report(snapshot->cluster);
        return snapshot;
    }

    Status watch_only() {
        const Result<Snapshot> snapshot = observe();
        if (!snapshot) return tl::unexpected(snapshot.error());
        notifier_.status(fmt::format("{}; watching the load: look {} of {}", mode_in_words(), looks_, intent_.samples));
        return {};
    }

    Status decide_and_act(bool acting) {
        std::optional<std::size_t> budget;
        if (acting && intent_.mode == Mode::automatic) {
            const auto past = execution_->journal()->past_moves(clock().unix_time_s(), day_s);
            if (!past) {
                fatal_ = past.error();
                return tl::unexpected(past.error());
            }
            budget = moves_left(config().loop.limits, *past);
        }
        const Approval approve = [&](const Snapshot& snapshot, const Decision& decision) {
            if (metrics_) metrics_->decided(decision.proposal, decision.plan);
            tell_plan(snapshot, decision, acting);
            const bool approved = acting && (intent_.mode == Mode::automatic || ask_on_terminal());
            if (!approved && metrics_) metrics_->not_approved();
            return approved;
        };
        std::optional<MeteredActuator> metered;
        std::optional<WatchedActuator> actuator;
        if (acting) {
            metered.emplace(*execution_->actuator(), metrics_.get());
            actuator.emplace(*metered);
        }
        const Result<Cycle> cycle = run_cycle(
            {*this, *intent_.policy, actuator ? &*actuator : nullptr, config().migration, approve, budget}, rng_);
        if (actuator) fatal_ = actuator->journal_error();
        if (!cycle) return tl::unexpected(cycle.error());
        if (cycle->decision.plan.actions.empty()) {
            if (metrics_) metrics_->decided(cycle->decision.proposal, cycle->decision.plan);
            tell_plan(cycle->snapshot, cycle->decision, acting);
        }
        if (cycle->moves_cut > 0) {
            trouble_now_["a used-up budget"] =
                fmt::format("the budget of [run] is used up: moves that wait: {}", cycle->moves_cut);
        }
        if (cycle->actuation) {
            static_cast<void>(execution_->report_outcome());
            last_plan_.clear();  // what is wanted again is said again
            if (execution_->journal_failed()) fatal_ = Error{ErrorKind::failed, "the journal could not be written"};
        }
        tell_status(*cycle);
        return {};
    }

    // --- what is said
    // -------------------------------------------------------------------------------------------------
    [[nodiscard]] std::string mode_in_words() const { return "mode " + std::string(name(intent_.mode)); }

    void tell_plan(const Snapshot& snapshot, const Decision& decision, bool acting) {
        if (common_.verbose || intent_.mode == Mode::confirm) {
            static_cast<void>(print(show_hosts(snapshot) + "\n" + show_plan(decision.plan, snapshot.cluster) + "\n" +
                                    show_stays(decision.proposal, snapshot.cluster, common_.verbose) + "\n"));
        }
        std::vector<std::string> lines = plan_lines(decision.plan, snapshot.cluster);
        if (lines == last_plan_) return;
        if (lines.empty()) log(LogLevel::info, "nothing is to be done any more");
        for (const std::string& line : lines) log(LogLevel::info, (acting ? "decided: " : "would: ") + line);
        last_plan_ = std::move(lines);
    }

    void tell_status(const Cycle& cycle) {
        const Cluster& cluster = cycle.snapshot.cluster;
        const std::size_t actions = cycle.decision.plan.actions.size();
        std::string text = fmt::format("{}; {} of {} hosts in order, {} VMs; ", mode_in_words(),
                                       cluster.host_count() - cycle.snapshot.problems.size(), cluster.host_count(),
                                       cluster.vm_count());
        if (const auto because = cluster_->hold().because()) {
            text += *because;
        } else if (cycle.actuation) {
            text += fmt::format("{} actions done, {} not", cycle.actuation->done,
                                cycle.actuation->failed + cycle.actuation->skipped);
        } else {
            text += actions == 0 ? "nothing is to be done" : fmt::format("{} actions would be done", actions);
        }
        notifier_.status(text);
    }

    static void tell_changes(StandingNotes& standing, std::map<std::string, std::string> now, LogLevel level,
                             std::string_view over) {
        for (const StandingNotes::Change& change : standing.update(std::move(now))) {
            if (change.text.empty()) {
                log(LogLevel::info, std::string(over) + change.about);
            } else {
                log(level, change.text);
            }
        }
    }

    // Called again and again, also while a plan is carried out: the sign of life, and what persons asked for.
    void beat() {
        notifier_.alive(clock().monotonic_s());
        const std::optional<std::string> hold = cluster_->hold().because();
        if (hold != hold_) {
            if (hold) log(LogLevel::warning, *hold + ": nothing new is begun, what runs is finished");
            if (!hold) log(LogLevel::warning, "no longer on hold");
            if (metrics_) metrics_->exporter().set_hold(hold.has_value());
            hold_ = hold;
        }
        if (stop_signal().start_nothing_new() && !std::exchange(stopping_, true)) {
            notifier_.stopping();
            log(LogLevel::info, "asked to stop: what runs is finished; asked once more, migrations are aborted");
        }
    }

    // --- between two turns
    // --------------------------------------------------------------------------------------------
    void pass_interval() {
        next_turn_s_ = std::max(next_turn_s_ + config().collector.interval_s, clock().monotonic_s());
        while (!stop_signal().start_nothing_new()) {
            beat();
            if (take_reload_request()) reload();
            const double left_s = next_turn_s_ - clock().monotonic_s();
            if (left_s <= 0.0) return;
            clock().sleep(std::min(left_s, poll_s));
        }
        beat();
    }

    void reload() {
        notifier_.reloading(clock().monotonic_s());
        const Status taken = take_configuration();
        if (taken) {
            log(LogLevel::info, "configuration reloaded: " + mode_in_words() + ", " + intent_.policy->specification());
        } else {
            log(LogLevel::warning, "configuration not reloaded, the old one stays in force: " + taken.error().message);
        }
        if (metrics_) metrics_->exporter().count_reload(taken.has_value());
        notifier_.ready();
    }

    Status take_configuration() {
        Result<Config> to = load_config(common_.config_path);
        if (!to) return tl::unexpected(to.error());
        if (Status ok = check_what_stays(*to); !ok) return ok;
        Result<Intent> intent = intent_of(options_, *to);
        if (!intent) return tl::unexpected(intent.error());
        Result<EnergyOptions> energy = energy_options(*to);
        if (!energy) return tl::unexpected(energy.error());
        std::optional<ListenerSecrets> secrets;  // as they are now, also where the configuration has not changed
        if (metrics_) {
            Result<ListenerSecrets> read = ListenerSecrets::read(to->metrics_listener);
            if (!read) return tl::unexpected(read.error());
            secrets = std::move(*read);
        }
        const Result<bool> keeps_history = cluster_->adopt(std::move(*to));
        if (!keeps_history) return tl::unexpected(keeps_history.error());
        intent_ = std::move(*intent);
        if (metrics_) {
            metrics_->exporter().set_mode(name(intent_.mode));
            metrics_->adopt(std::move(*energy));
            if (const Status renewed = metrics_->exporter().renew(*secrets); !renewed) {
                log(LogLevel::warning,
                    "the metrics are served with the certificate and password of before: " + renewed.error().message);
            }
        }
        last_plan_.clear();
        if (!*keeps_history) {
            looks_ = 0;
            log(LogLevel::info, "other hosts or telemetry: the load is watched anew before anything is decided");
        }
        return {};
    }

    [[nodiscard]] Status check_what_stays(const Config& to) const {
        const auto refuse = [&](const char* key) {
            return fail(ErrorKind::usage,
                        fmt::format("{}: {} cannot change while ballast runs: restart it", common_.config_path, key));
        };
        if (to.journal != config().journal) return refuse("executor.journal");
        if (to.hold != config().hold) return refuse("executor.hold");
        if (to.metrics_listener.address != config().metrics_listener.address) return refuse("metrics.listen");
        if (recording_ && to.collector.interval_s != config().collector.interval_s) {
            return refuse("telemetry.interval_s of a recording");
        }
        return {};
    }

    [[nodiscard]] const Config& config() const { return cluster_->config(); }
    [[nodiscard]] static SystemClock& clock() { return LiveCluster::clock(); }

    const RunCommandOptions& options_;
    const CommonOptions& common_;
    Rng rng_;
    ServiceNotifier notifier_ = ServiceNotifier::from_environment();
    std::unique_ptr<LiveCluster> cluster_;
    Intent intent_;
    std::unique_ptr<LoopMetrics> metrics_;  // may be null
    std::unique_ptr<Execution> execution_;
    std::optional<WriterLock> lock_;
    std::optional<Recording> recording_;  // of the load the decisions are based on
    std::size_t looks_ = 0;               // since the load is watched
    double next_turn_s_ = 0.0;            // monotonic
    bool ready_ = false;                  // the first turn is over
    bool stopping_ = false;               // it was said that a stop was asked for
    std::optional<Error> fatal_;          // what ends the loop
    std::optional<std::string> hold_;     // as was said last
    std::vector<std::string> last_plan_;  // likewise
    RuleWarnings warnings_;
    StandingNotes problems_;  // by host
    StandingNotes barred_;    // by host
    StandingNotes gate_;      // by what it is about
    StandingNotes trouble_;   // likewise
    std::map<std::string, std::string> trouble_now_;
};

}  // namespace

Result<Intent> intent_of(const RunCommandOptions& options, const Config& config) {
    Intent intent;
    const Result<Mode> mode = parse_mode(options.mode.empty() ? config.loop.mode : options.mode);
    if (!mode) return tl::unexpected(mode.error());
    intent.mode = *mode;
    GoalOptions goal = options.goal;
    if (goal.goal.empty()) goal.goal = config.loop.goal;
    Result<std::unique_ptr<Policy>> policy = make_goal_policy(goal, GoalSettings{config.policies, config.migration});
    if (!policy) return tl::unexpected(policy.error());
    intent.policy = std::move(*policy);
    const CollectorOptions& collector = config.collector;
    const Result<std::size_t> needed = samples_for(*intent.policy, collector.interval_s, collector.samples_max);
    if (!needed) return tl::unexpected(needed.error());
    intent.samples = options.samples > 0 ? options.samples : *needed;
    return intent;
}

std::string loop_lock_path(const Config& config) { return config.journal + ".loop"; }

Result<int> run_loop(const RunCommandOptions& options, const CommonOptions& common) {
    return Loop(options, common).run();
}

}  // namespace ballast
