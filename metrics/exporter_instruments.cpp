// SPDX-License-Identifier: Apache-2.0
#include "metrics/exporter_instruments.hpp"

#include <cmath>
#include <string>

#include "core/plan.hpp"
#include "core/ports/journal.hpp"
#include "metrics/exporter.hpp"

namespace ballast {

namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets collect_buckets_s = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
const Buckets decide_buckets_s = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60};
const Buckets turn_buckets_s = {0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600};
const Buckets duration_buckets_s = {1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1280};
const Buckets downtime_buckets_s = {0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30};
const Buckets ratio_buckets = {0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 2, 4, 10};

template <typename Builder>
auto& family(prometheus::Registry& registry, Builder builder, const std::string& name, const std::string& help) {
    return builder.Name(name).Help(help).Register(registry);
}

auto& counters(prometheus::Registry& registry, const std::string& name, const std::string& help) {
    return family(registry, prometheus::BuildCounter(), name, help);
}

prometheus::Counter& counter(prometheus::Registry& registry, const std::string& name, const std::string& help) {
    return counters(registry, name, help).Add({});
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const std::string& name, const std::string& help) {
    return family(registry, prometheus::BuildGauge(), name, help).Add({});
}

prometheus::Histogram& histogram(prometheus::Registry& registry, const std::string& name, const std::string& help,
                                 const Buckets& buckets) {
    return family(registry, prometheus::BuildHistogram(), name, help).Add({}, buckets);
}

Compared compared(prometheus::Registry& registry, const std::string& what, const std::string& unit) {
    const std::string name = "ballast_migration_" + what;
    const std::string of = what + " of migrations that were carried out";
    return {counter(registry, name + "_predicted_" + unit + "_total", "Predicted " + of + ", summed."),
            counter(registry, name + "_measured_" + unit + "_total", "Measured " + of + ", summed."),
            histogram(registry, name + "_ratio", "Measured over predicted " + of + ".", ratio_buckets)};
}

}  // namespace

void Compared::observe(double predicted_value, double measured_value) {
    if (!std::isfinite(measured_value) || measured_value < 0.0 || !(predicted_value > 0.0)) return;
    predicted.Increment(predicted_value);
    measured.Increment(measured_value);
    ratio.Observe(measured_value / predicted_value);
}

ExporterInstruments::ExporterInstruments(prometheus::Registry& r)
    : mode(family(r, prometheus::BuildGauge(), "ballast_mode_info", "1, with the mode that ballast runs in.")),
      hold(gauge(r, "ballast_hold", "1 while no new move is begun because an operator said so, 0 otherwise.")),
      collect_s(histogram(r, "ballast_collect_duration_seconds", "Time to read all hosts once.", collect_buckets_s)),
      decide_s(histogram(r, "ballast_decide_duration_seconds", "Time of one decision: policy, sequence and check.",
                         decide_buckets_s)),
      turn_s(histogram(r, "ballast_cycle_duration_seconds",
                       "Time of one turn: looking, deciding, and carrying out what was decided.", turn_buckets_s)),
      turns_failed(counter(r, "ballast_cycle_failures_total", "Turns of the loop that failed and were tried again.")),
      reloads(counters(r, "ballast_config_reloads_total", "Requests to reload the configuration, by result.")),
      decisions(counters(r, "ballast_decisions_total", "Decisions taken, by policy.")),
      moves(counters(r, "ballast_proposed_moves_total", "Moves that decisions proposed, by policy.")),
      refusals(counters(r, "ballast_refusals_total",
                        "VMs that a decision left where they were, by reason, once per decision.")),
      left_out(counter(r, "ballast_unordered_moves_total", "Proposed moves that could not be ordered safely.")),
      plans(counters(r, "ballast_plans_total", "Plans with at least one action, by what became of them.")),
      migrations(
          counters(r, "ballast_migrations_total", "Migrations that came to an end, by result as in the journal.")),
      duration_s(histogram(r, "ballast_migration_duration_seconds", "Duration of migrations, from the call to its end.",
                           duration_buckets_s)),
      downtime_s(histogram(r, "ballast_migration_downtime_seconds",
                           "Time guests stood still for a migration, as the hypervisor says.", downtime_buckets_s)),
      transferred_bytes(
          counter(r, "ballast_migration_transferred_bytes_total", "Guest memory sent over the network by migrations.")),
      duration(compared(r, "duration", "seconds")),
      downtime(compared(r, "downtime", "seconds")),
      transferred(compared(r, "transfer", "bytes")),
      switches(
          counters(r, "ballast_power_switches_total", "Hosts put to sleep or woken, or not, by action and result.")),
      fences(counters(r, "ballast_fences_total",
                      "Hosts that were to be made certain to be off because they fell silent in a migration, by "
                      "result.")),
      migrations_open(gauge(r, "ballast_journal_open_migrations", "Migrations whose end is not in the journal.")),
      needs_operator(
          gauge(r, "ballast_journal_needs_operator", "Migrations that wait for a person; `ballast status` has more.")),
      switches_open(gauge(r, "ballast_journal_open_switches", "Power switches whose end is not in the journal.")),
      hosts_quarantined(gauge(r, "ballast_journal_quarantined_hosts",
                              "Hosts that no plan switches because a switch of them failed.")),
      journal_bytes(gauge(r, "ballast_journal_size_bytes", "Size of the journal's files.")),
      writing(gauge(r, "ballast_writer_lock_held",
                    "1 if this process is the one that may carry plans out, 0 if it only looks.")) {
    for (const PlanEnd end :
         {PlanEnd::done, PlanEnd::partly, PlanEnd::failed, PlanEnd::refused, PlanEnd::not_approved}) {
        plans.Add({{"result", std::string(name(end))}});
    }
    for (const MigrationState result : {MigrationState::done, MigrationState::rolled_back, MigrationState::rejected,
                                        MigrationState::needs_operator}) {
        migrations.Add({{"result", std::string(name(result))}});
    }
    for (const char* result : {"done", "failed", "refused"}) fences.Add({{"result", result}});
    for (const char* result : {"taken", "refused"}) reloads.Add({{"result", result}});
    for (const ActionKind kind : {ActionKind::power_on, ActionKind::power_off}) {
        for (const char* result : {"done", "rejected", "needs-operator"}) {
            switches.Add({{"action", std::string(name(kind))}, {"result", result}});
        }
    }
}

}  // namespace ballast
