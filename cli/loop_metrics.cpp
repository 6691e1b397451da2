// SPDX-License-Identifier: Apache-2.0
#include "cli/loop_metrics.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/loop.hpp"
#include "cli/output.hpp"
#include "cli/prometheus_source.hpp"
#include "core/check.hpp"
#include "executor/journal_sqlite.hpp"
#include "executor/program.hpp"
#include "executor/writer_lock.hpp"
#include "metrics/exporter_gauges.hpp"

namespace ballast {

namespace {

MigrationState state_of(ActionResult result) {
    switch (result) {
        case ActionResult::done: return MigrationState::done;
        case ActionResult::rolled_back: return MigrationState::rolled_back;
        case ActionResult::rejected: return MigrationState::rejected;
        default: return MigrationState::needs_operator;
    }
}

PlanEnd end_of(const Result<ActuationReport>& report) {
    if (!report) return report.error().kind == ErrorKind::refused ? PlanEnd::refused : PlanEnd::failed;
    if (report->failed + report->skipped == 0) return PlanEnd::done;
    return report->done > 0 ? PlanEnd::partly : PlanEnd::failed;
}

// Of the journal's file and what SQLite keeps beside it.
double size_bytes(const std::string& path) {
    double sum = 0.0;
    for (const char* suffix : {"", "-wal"}) {
        std::error_code error;
        const auto size = std::filesystem::file_size(path + suffix, error);
        if (!error) sum += static_cast<double>(size);
    }
    return sum;
}

Result<JournalFigures> figures_of(SqliteJournal& journal) {
    const auto migrations = journal.open_migrations();
    if (!migrations) return tl::unexpected(migrations.error());
    const auto switches = journal.open_switches();
    if (!switches) return tl::unexpected(switches.error());
    const auto pasts = journal.power_pasts();
    if (!pasts) return tl::unexpected(pasts.error());
    JournalFigures figures;
    figures.migrations_open = migrations->size();
    figures.needs_operator =
        static_cast<std::size_t>(std::count_if(migrations->begin(), migrations->end(), [](const MigrationRecord& r) {
            return r.state == MigrationState::needs_operator;
        }));
    figures.switches_open = switches->size();
    figures.hosts_quarantined = static_cast<std::size_t>(std::count_if(
        pasts->begin(), pasts->end(), [](const PowerPast& past) { return !past.quarantined_because.empty(); }));
    return figures;
}

}  // namespace

Result<EnergyOptions> energy_options(const Config& config) {
    EnergyOptions energy = config.energy;
    if (!config.prometheus || config.prometheus->watts.empty()) return energy;
    Result<WattsOfMany> many = watts_from_prometheus(config);
    if (!many) return tl::unexpected(many.error());
    energy.many = std::move(*many);
    return energy;
}

LoopMetrics::LoopMetrics(LiveCluster& cluster, std::unique_ptr<Exporter> exporter, EnergyOptions energy)
    : cluster_(cluster), exporter_(std::move(exporter)), energy_(std::move(energy), run_or_fail, LiveCluster::clock()) {
    cluster_.tell_fences([this](FenceResult result) { exporter_->count_fence(name(result)); });
}

LoopMetrics::~LoopMetrics() { cluster_.tell_fences(nullptr); }

Result<std::unique_ptr<LoopMetrics>> LoopMetrics::open(LiveCluster& cluster, std::string_view mode) {
    if (cluster.config().metrics_listener.address.empty()) return nullptr;
    Result<std::unique_ptr<Exporter>> exporter = Exporter::listen(cluster.config().metrics_listener);
    if (!exporter) return tl::unexpected(exporter.error());
    (*exporter)->set_mode(mode);
    Result<EnergyOptions> energy = energy_options(cluster.config());
    if (!energy) return tl::unexpected(energy.error());
    return std::unique_ptr<LoopMetrics>(new LoopMetrics(cluster, std::move(*exporter), std::move(*energy)));
}

void LoopMetrics::turn_began() { turn_began_s_ = LiveCluster::clock().monotonic_s(); }

void LoopMetrics::turn_ended() {
    show_journal();
    exporter_->observe_turn(LiveCluster::clock().monotonic_s() - turn_began_s_);
}

void LoopMetrics::turn_failed() {
    turn_ended();
    exporter_->count_failed_cycle();
}

void LoopMetrics::looked(const Snapshot& snapshot) {
    energy_.look(snapshot);
    const bool per_vm = cluster_.config().metrics_per_vm;
    std::vector<SampleFamily> families = energy_.families(snapshot, per_vm);
    if (per_vm) {
        std::vector<SampleFamily> vms = vm_gauges(snapshot);
        std::move(vms.begin(), vms.end(), std::back_inserter(families));
    }
    exporter_->observe_snapshot(snapshot, cluster_.last_look_s(), std::move(families));
    show_journal();
    note_meters();
    looked_s_ = LiveCluster::clock().monotonic_s();
}

void LoopMetrics::decided(const Proposal& proposal, const Plan& plan) {
    exporter_->count_decision(proposal.policy, proposal, plan, LiveCluster::clock().monotonic_s() - looked_s_);
}

Result<ActuationReport> LoopMetrics::carry_out(Actuator& actuator, const Plan& plan, const Cluster& cluster,
                                               std::string_view policy) {
    plan_ = &plan;
    planned_for_ = &cluster;
    Result<ActuationReport> report = actuator.carry_out(plan, cluster, policy);
    plan_ = nullptr;
    planned_for_ = nullptr;
    exporter_->count_plan(end_of(report));
    return report;
}

void LoopMetrics::action_ended(const ActionOutcome& outcome) {
    BALLAST_CHECK(plan_ != nullptr, "an action ends while its plan is carried out");
    if (outcome.kind != ActionKind::migrate) {
        exporter_->count_switch(outcome.kind, name(outcome.result));
        if (outcome.result != ActionResult::done) return;
        const std::string& host = planned_for_->spec(plan_->actions[outcome.action.index()].host).name;
        const bool woke = outcome.kind == ActionKind::power_on;
        energy_.switched(host, woke && std::isfinite(outcome.duration_s) ? outcome.duration_s : 0.0);
        return;
    }
    exporter_->count_migration({state_of(outcome.result), outcome.duration_s, outcome.downtime_s, outcome.bytes_sent,
                                plan_->actions[outcome.action.index()].cost});
    if (outcome.bytes_sent > 0.0) energy_.migrated(outcome.bytes_sent);
}

// Says, once per host and reason, whose power is to be measured and is not.
void LoopMetrics::note_meters() {
    std::map<std::string, std::string> now = energy_.problems();
    for (const auto& [host, because] : now) {
        if (const auto said = meter_problems_.find(host); said != meter_problems_.end() && said->second == because) {
            continue;
        }
        note("ballast: the power of " + (host.empty() ? std::string("hosts") : host) + " is not measured: " + because);
    }
    meter_problems_ = std::move(now);
}

// A journal that cannot be read is the loop's to complain about; the figures stay as they were.
void LoopMetrics::show_journal() {
    const std::string& path = cluster_.config().journal;
    const Result<std::unique_ptr<SqliteJournal>> journal = cluster_.journal_if_any();
    if (!journal) return;
    Result<JournalFigures> figures = *journal ? figures_of(**journal) : JournalFigures{};
    if (!figures) return;
    figures->size_bytes = size_bytes(path);
    // The loop takes the journal turn by turn, and a lock of its own for good.
    figures->writing =
        SqliteJournal::writer(path) == getpid() || WriterLock::holder(loop_lock_path(cluster_.config())) == getpid();
    exporter_->observe_journal(*figures);
}

}  // namespace ballast
