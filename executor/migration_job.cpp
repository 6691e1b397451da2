// SPDX-License-Identifier: Apache-2.0
#include "executor/migration_job.hpp"

#include <cmath>
#include <optional>

namespace ballast {

namespace {

class MigrationJob {
  public:
    MigrationJob(const MigrationPorts& ports, MigrationOrder order, const SettleOptions& options,
                 const StopSignal& stop)
        : ports_(ports), order_(std::move(order)), record_(order_.record), options_(options), stop_(stop) {}

    ActionOutcome run(const Hypervisor::ProgressSink& progress, const NoteSink& note) {
        if (std::optional<ActionOutcome> ended = declare_intent()) return *ended;
        if (std::optional<std::string> objection = find_objection()) return reject(*objection);
        if (Status written = write(MigrationState::migrating); !written) return journal_failed(written.error());

        const double started_s = ports_.clock.monotonic_s();
        const MigrationReport report =
            ports_.hypervisor.migrate(request(), progress, [this] { return stop_.abort_running(); });
        record_.reported_success = report.reported_success;
        record_.note = report.reported_success ? "" : report.error;
        // From here on the VM comes first: it may be waiting, paused, to be resumed. A journal that cannot be written
        // still says `migrating`, which is enough for recovery.
        const Status verifying = write(MigrationState::verifying);
        const Settled settled = settle(record_, ports_.journal, ports_.hypervisor, ports_.clock, options_, note,
                                       Settling::right_after_the_call);
        measure(report, settled, ports_.clock.monotonic_s() - started_s);
        record_.note = explain(report, settled);
        const Status ended = write(settled.state);
        if (!ended) return journal_failed(ended.error());
        return outcome(result_of(settled.state), record_.note);
    }

  private:
    std::optional<ActionOutcome> declare_intent() {
        record_.state = MigrationState::intended;
        record_.created_unix_s = ports_.clock.unix_time_s();
        record_.updated_unix_s = record_.created_unix_s;
        const Result<std::int64_t> id = ports_.journal.open_migration(record_);
        if (id) {
            record_.id = *id;
            return std::nullopt;
        }
        if (id.error().kind == ErrorKind::refused) return outcome(ActionResult::rejected, id.error().message);
        return journal_failed(id.error());
    }

    // Why this migration must not start; nothing if it may. Fills in the hand-over and what the destination has.
    std::optional<std::string> find_objection() {
        if (stop_.start_nothing_new()) return "stopped before it began";
        // First, because it may take its time, and what pre-flight sees must be fresh.
        if (order_.veto) {
            if (std::optional<std::string> vetoed = order_.veto(request())) return vetoed;
        }
        const auto findings = ports_.hypervisor.preflight(request());
        if (!findings) return findings.error().message;
        if (any_refuses(*findings)) return refusals(*findings);
        const auto handover = ports_.hypervisor.required_handover(request());
        if (!handover) return handover.error().message;
        record_.handover = *handover;
        const SideObservation there = ports_.hypervisor.observe(record_.destination, record_.vm, Side::destination);
        if (there.state != SideState::absent && there.state != SideState::defined) {
            return "the destination " + record_.destination.name + " is not free for it: " + describe(there);
        }
        record_.destination_defined_before = there.state == SideState::defined;
        return std::nullopt;
    }

    // What refuses; warnings would only hide it.
    std::string refusals(const std::vector<PreflightFinding>& findings) const {
        const MoveNames names{record_.vm.name, record_.source.name, record_.destination.name};
        std::string text;
        for (const PreflightFinding& finding : findings) {
            if (finding.refuses()) text += (text.empty() ? "pre-flight: " : "; ") + describe(finding, names);
        }
        return text;
    }

    ActionOutcome reject(const std::string& why) {
        record_.note = why;
        if (Status written = write(MigrationState::rejected); !written) return journal_failed(written.error());
        return outcome(ActionResult::rejected, why);
    }

    Status write(MigrationState state) {
        record_.state = state;
        record_.updated_unix_s = ports_.clock.unix_time_s();
        return ports_.journal.update_migration(record_);
    }

    ActionOutcome journal_failed(const Error& error) const {
        return outcome(ActionResult::failed, "the journal cannot be written: " + error.message +
                                                 (record_.id == 0 ? "" : "; run `ballast recover` once it can"));
    }

    MigrationRequest request() const {
        return {record_.vm, record_.source, record_.destination, record_.handover, order_.control};
    }

    void measure(const MigrationReport& report, const Settled& settled, double duration_s) {
        record_.duration_s = duration_s;
        record_.bytes_sent = report.bytes_sent;
        // A guest that Ballast resumed was stopped until then; what the hypervisor measured ends too early.
        record_.downtime_s =
            std::isnan(settled.resumed_at_s) ? report.downtime_s : settled.resumed_at_s - report.stopped_at_s;
    }

    static std::string explain(const MigrationReport& report, const Settled& settled) {
        if (report.reported_success) return settled.note;
        const std::string why = (report.aborted ? "aborted" : "the hypervisor reported a failure") +
                                (report.error.empty() ? std::string() : " (" + report.error + ")");
        return settled.note + "; " + why;
    }

    static ActionResult result_of(MigrationState state) {
        switch (state) {
            case MigrationState::done: return ActionResult::done;
            case MigrationState::rolled_back: return ActionResult::rolled_back;
            default: return ActionResult::needs_operator;
        }
    }

    ActionOutcome outcome(ActionResult result, std::string text) const {
        ActionOutcome made;
        made.result = result;
        made.record_id = record_.id;
        made.text = std::move(text);
        made.duration_s = record_.duration_s;
        made.downtime_s = record_.downtime_s;
        made.bytes_sent = record_.bytes_sent;
        return made;
    }

    const MigrationPorts& ports_;
    const MigrationOrder order_;
    MigrationRecord record_;
    const SettleOptions& options_;
    const StopSignal& stop_;
};

}  // namespace

ActionOutcome run_migration(const MigrationPorts& ports, MigrationOrder order, const SettleOptions& options,
                            const StopSignal& stop, const Hypervisor::ProgressSink& progress, const NoteSink& note) {
    return MigrationJob(ports, std::move(order), options, stop).run(progress, note);
}

}  // namespace ballast
