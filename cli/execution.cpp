// SPDX-License-Identifier: Apache-2.0
#include "cli/execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "cli/output.hpp"
#include "cli/recovered.hpp"
#include "cli/stop.hpp"
#include "cli/text_table.hpp"
#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/plan_actuator.hpp"
#include "executor/power_recovery.hpp"

namespace ballast {

namespace {

std::string progress_in_words(const MigrationProgress& p) {
    if (p.post_copy) return "post-copy: it runs on the destination, the rest of its memory follows";
    if (p.switched_over) return "switching over";
    const double left_s = p.rate_bytes_per_s > 0.0 ? p.bytes_remaining / p.rate_bytes_per_s : NAN;
    return fmt::format("{} left of {}, {}/s, round {}, {} s to go", bytes_in_words(p.bytes_remaining),
                       bytes_in_words(p.bytes_total), bytes_in_words(p.rate_bytes_per_s), p.iteration,
                       fixed(left_s, 0));
}

std::string outcome_in_words(const ActionOutcome& outcome) {
    if (outcome.result != ActionResult::done || !std::isfinite(outcome.downtime_s)) return outcome.text;
    return fmt::format("{}: {} s, {} sent, {} ms down", outcome.text, fixed(outcome.duration_s, 1),
                       bytes_in_words(outcome.bytes_sent), fixed(outcome.downtime_s * 1000.0, 0));
}

// The system's clock, whose sleeper says every second that it is alive.
class AliveClock final : public Clock {
  public:
    AliveClock(Clock& clock, const std::function<void()>& alive) : clock_(clock), alive_(alive) {}
    [[nodiscard]] double unix_time_s() override { return clock_.unix_time_s(); }
    [[nodiscard]] double monotonic_s() override { return clock_.monotonic_s(); }
    void sleep(double seconds) override {
        for (double left_s = seconds; left_s > 0.0; left_s -= 1.0) {
            if (alive_) alive_();
            clock_.sleep(std::min(left_s, 1.0));
        }
    }

  private:
    Clock& clock_;
    const std::function<void()>& alive_;
};

}  // namespace

struct Execution::Impl {
    LiveCluster& cluster;
    LoopMetrics* metrics;
    std::unique_ptr<SqliteJournal> journal;
    LibvirtHypervisor hypervisor;
    StartGate own_gate;           // may be null
    std::function<void()> alive;  // may be null
    bool recovered = false;       // what an earlier program left open has been looked at
    std::optional<PowerPorts> power;
    std::optional<PlanRunner> runner;
    std::optional<PlanActuator> actuator;

    Impl(LiveCluster& c, LoopMetrics* m, StartGate g, std::function<void()> a)
        : cluster(c), metrics(m), hypervisor(c.clock()), own_gate(std::move(g)), alive(std::move(a)) {}

    [[nodiscard]] std::optional<std::string> closed() const {
        if (auto because = cluster.hold().because()) return because;
        return own_gate ? own_gate() : std::nullopt;
    }

    [[nodiscard]] Status check_nothing_open() {
        const auto open = journal->open_migrations();
        if (!open) return tl::unexpected(open.error());
        if (!open->empty()) {
            return fail(ErrorKind::refused,
                        fmt::format("the migration of {} from {} to {} has not been brought to its end; see `ballast "
                                    "status`, then run `ballast recover`",
                                    open->front().vm.name, open->front().source.name, open->front().destination.name));
        }
        const auto switches = journal->open_switches();
        if (!switches) return tl::unexpected(switches.error());
        if (switches->empty()) return {};
        return fail(ErrorKind::refused, what_was_going_on(switches->front()) +
                                            " when ballast ended; see `ballast status`, then run `ballast recover`");
    }

    // Whether there is something that another program left open, or this one has not yet looked at. What was handed to
    // a person stays open: nothing touches its VM.
    [[nodiscard]] Result<bool> something_to_recover() {
        const auto open = journal->open_migrations();
        if (!open) return tl::unexpected(open.error());
        const auto switches = journal->open_switches();
        if (!switches) return tl::unexpected(switches.error());
        const bool waiting = std::any_of(open->begin(), open->end(), [&](const MigrationRecord& record) {
            return !recovered || record.state != MigrationState::needs_operator;
        });
        return waiting || !switches->empty();
    }

    [[nodiscard]] Status bring_to_an_end() {
        const Result<bool> wanted = something_to_recover();
        if (!wanted) return tl::unexpected(wanted.error());
        const Parked handed_over = std::exchange(recovered, true) ? Parked::leave : Parked::look_again;
        if (!*wanted) return {};
        AliveClock clock(cluster.clock(), alive);
        const Result<Recovered> all = recover_all(cluster, *journal, hypervisor, clock, handed_over);
        if (!all) return tl::unexpected(all.error());
        for (const RecoveredMigration& one : all->migrations) {
            const bool parked = one.record.state == MigrationState::needs_operator;
            log(parked ? LogLevel::warning : LogLevel::info, one.text);
        }
        for (const RecoveredSwitch& one : all->switches) log(LogLevel::warning, one.text);
        return {};
    }

    void on_event(const RunEvent& event) const {
        if (alive) alive();
        if (event.kind == RunEvent::Kind::waiting) return;
        const std::string number = fmt::format("[{}]", event.action.index() + 1);
        switch (event.kind) {
            case RunEvent::Kind::progress: ProgressLine::draw(number + " " + progress_in_words(event.progress)); return;
            case RunEvent::Kind::waiting:
            case RunEvent::Kind::started:
            case RunEvent::Kind::note:
            case RunEvent::Kind::finished:
            case RunEvent::Kind::skipped: break;
        }
        const bool ended = event.kind == RunEvent::Kind::finished && event.outcome != nullptr;
        const std::string text = ended ? outcome_in_words(*event.outcome) : event.text;
        if (!text.empty()) note(number + " " + text);
        if (ended && metrics != nullptr) metrics->action_ended(*event.outcome);
    }
};

Execution::Execution(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Execution::~Execution() = default;

std::unique_ptr<Execution> Execution::idle(LiveCluster& cluster, LoopMetrics* metrics, StartGate gate,
                                           std::function<void()> alive) {
    auto impl = std::make_unique<Impl>(cluster, metrics, std::move(gate), std::move(alive));
    return std::unique_ptr<Execution>(new Execution(std::move(impl)));
}

Status Execution::begin(LeftOpen left_open, double patience_s) {
    if (const auto closed = impl_->closed()) return fail(ErrorKind::refused, *closed + "; nothing was done");
    auto journal = impl_->cluster.journal_for_writing(patience_s);
    if (!journal) return tl::unexpected(journal.error());
    impl_->journal = std::move(*journal);
    const Status ready =
        left_open == LeftOpen::bring_to_an_end ? impl_->bring_to_an_end() : impl_->check_nothing_open();
    if (!ready) {
        end();
        return ready;
    }
    impl_->power.emplace(PowerPorts{impl_->cluster.power(), *impl_->journal});
    impl_->runner.emplace(impl_->hypervisor, *impl_->journal, impl_->cluster.clock(), impl_->cluster.config().run,
                          &*impl_->power, [impl = impl_.get()] { return impl->closed(); });
    impl_->actuator.emplace(*impl_->runner, stop_signal(),
                            [impl = impl_.get()](const RunEvent& event) { impl->on_event(event); });
    return {};
}

void Execution::end() {
    impl_->actuator.reset();
    impl_->runner.reset();
    impl_->power.reset();
    impl_->journal.reset();
}

Result<std::unique_ptr<Execution>> Execution::open(LiveCluster& cluster, LoopMetrics* metrics, bool advise_only,
                                                   StartGate gate) {
    constexpr double patience_s = 3.0;  // longer than a turn of the loop in which nothing is done, if all hosts answer
    std::unique_ptr<Execution> execution = idle(cluster, metrics, std::move(gate), nullptr);
    if (!advise_only) {
        if (Status ok = execution->begin(LeftOpen::refuse, patience_s); !ok) return tl::unexpected(ok.error());
    }
    catch_stop_signals();
    return execution;
}

Actuator* Execution::actuator() { return impl_->actuator ? &*impl_->actuator : nullptr; }

SqliteJournal* Execution::journal() { return impl_->journal.get(); }

bool Execution::stop_requested() const { return stop_signal().start_nothing_new(); }

bool Execution::journal_failed() const {
    if (!impl_->actuator || !impl_->actuator->outcome()) return false;
    const std::vector<ActionOutcome>& outcomes = impl_->actuator->outcome()->outcomes;
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [](const ActionOutcome& outcome) { return outcome.result == ActionResult::failed; });
}

int Execution::report_outcome() const {
    if (!impl_->actuator || !impl_->actuator->outcome()) return 0;
    const Status status = impl_->actuator->outcome()->status();
    if (status) return 0;
    note("ballast: " + status.error().message);
    return exit_code(status.error().kind);
}

std::string Execution::outcome_json(const Cluster& cluster, const Plan& plan) const {
    if (!impl_->actuator || !impl_->actuator->outcome()) return "null";
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ActionOutcome& outcome : impl_->actuator->outcome()->outcomes) {
        const Action& action = plan.actions[outcome.action.index()];
        list.push_back({{"action", outcome.action.index()},
                        {"kind", name(action.kind)},
                        {"host", cluster.spec(action.host).name},
                        {"vm", action.vm.valid() ? nlohmann::ordered_json(cluster.spec(action.vm).name) : nullptr},
                        {"result", name(outcome.result)},
                        {"text", outcome.text},
                        {"duration_s", outcome.duration_s},
                        {"downtime_s", outcome.downtime_s},
                        {"bytes", outcome.bytes_sent}});
    }
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ballast
