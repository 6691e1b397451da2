// SPDX-License-Identifier: Apache-2.0
#include "cli/execution.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/output.hpp"
#include "cli/stop.hpp"
#include "cli/text_table.hpp"
#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/plan_actuator.hpp"
#include "executor/power_recovery.hpp"

namespace ballast {

namespace {

std::string progress_in_words(const MigrationProgress& p) {
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

}  // namespace

struct Execution::Impl {
    LiveCluster& cluster;
    LoopMetrics* metrics;
    std::unique_ptr<SqliteJournal> journal;
    LibvirtHypervisor hypervisor;
    std::optional<PowerPorts> power;
    std::optional<PlanRunner> runner;
    std::optional<PlanActuator> actuator;

    Impl(LiveCluster& c, LoopMetrics* m) : cluster(c), metrics(m), hypervisor(c.clock()) {}

    void on_event(const RunEvent& event) const {
        const std::string number = fmt::format("[{}]", event.action.index() + 1);
        switch (event.kind) {
            case RunEvent::Kind::progress: ProgressLine::draw(number + " " + progress_in_words(event.progress)); return;
            case RunEvent::Kind::waiting: return;
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

Result<std::unique_ptr<Execution>> Execution::open(LiveCluster& cluster, LoopMetrics* metrics, bool advise_only) {
    auto impl = std::make_unique<Impl>(cluster, metrics);
    if (!advise_only) {
        Result<std::unique_ptr<SqliteJournal>> journal = cluster.journal_for_writing();
        if (!journal) return tl::unexpected(journal.error());
        const auto open = (*journal)->open_migrations();
        if (!open) return tl::unexpected(open.error());
        if (!open->empty()) {
            return fail(ErrorKind::refused,
                        fmt::format("the migration of {} from {} to {} has not been brought to its end; see `ballast "
                                    "status`, then run `ballast recover`",
                                    open->front().vm.name, open->front().source.name, open->front().destination.name));
        }
        const auto switches = (*journal)->open_switches();
        if (!switches) return tl::unexpected(switches.error());
        if (!switches->empty()) {
            return fail(ErrorKind::refused,
                        what_was_going_on(switches->front()) +
                            " when ballast ended; see `ballast status`, then run `ballast recover`");
        }
        impl->journal = std::move(*journal);
        impl->power.emplace(PowerPorts{cluster.power(), *impl->journal});
        impl->runner.emplace(impl->hypervisor, *impl->journal, cluster.clock(), cluster.config().run, &*impl->power);
        impl->actuator.emplace(*impl->runner, stop_signal(),
                               [raw = impl.get()](const RunEvent& e) { raw->on_event(e); });
    }
    catch_stop_signals();
    return std::unique_ptr<Execution>(new Execution(std::move(impl)));
}

Actuator* Execution::actuator() { return impl_->actuator ? &*impl_->actuator : nullptr; }

SqliteJournal* Execution::journal() { return impl_->journal.get(); }

bool Execution::stop_requested() const { return stop_signal().start_nothing_new(); }

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
