// SPDX-License-Identifier: Apache-2.0
// `ballast status` and `ballast recover`: what is, what was going on, and bringing it to an end.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.hpp"
#include "cli/live.hpp"
#include "cli/loop.hpp"
#include "cli/output.hpp"
#include "cli/recovered.hpp"
#include "cli/show.hpp"
#include "cli/stop.hpp"
#include "cli/text_table.hpp"
#include "core/io/json.hpp"
#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/power_recovery.hpp"
#include "executor/recovery.hpp"
#include "executor/writer_lock.hpp"

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

constexpr int recent_migrations_shown = 10;
constexpr double status_interval_s = 1.0;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json to_json_value(const MigrationRecord& record) {
    return {{"id", record.id},
            {"plan", record.plan_id},
            {"vm", record.vm.name},
            {"uuid", record.vm.uuid},
            {"from", record.source.name},
            {"to", record.destination.name},
            {"state", name(record.state)},
            {"created_unix_s", record.created_unix_s},
            {"updated_unix_s", record.updated_unix_s},
            {"note", record.note},
            {"duration_s", record.duration_s},
            {"downtime_s", record.downtime_s},
            {"bytes", record.bytes_sent}};
}

Json to_json_value(const SwitchRecord& record) {
    return {{"id", record.id},
            {"host", record.host.name},
            {"kind", name(record.kind)},
            {"state", name(record.state)},
            {"created_unix_s", record.created_unix_s},
            {"updated_unix_s", record.updated_unix_s},
            {"note", record.note}};
}

std::string show_recent(const std::vector<MigrationRecord>& records) {
    TextTable table({{"WHEN"},
                     {"VM"},
                     {"FROM"},
                     {"TO"},
                     {"OUTCOME"},
                     {"TOOK s", Align::right},
                     {"DOWN ms", Align::right},
                     {"NOTE"}});
    for (const MigrationRecord& r : records) {
        table.add_row({local_time(r.created_unix_s), r.vm.name, r.source.name, r.destination.name,
                       std::string(name(r.state)), fixed(r.duration_s, 1), fixed(r.downtime_s * 1000.0, 0), r.note});
    }
    return table.render();
}

struct JournalView {
    std::vector<SqliteJournal::DrainedHost> drained;
    std::vector<OpenMigration> open;
    std::vector<SwitchRecord> open_switches;
    std::vector<PowerPast> power;
    std::vector<MigrationRecord> recent;
    bool exists = false;
    bool writer_alive = false;
    std::optional<pid_t> loop_pid;    // of the `ballast run` that acts by itself
    std::optional<std::string> hold;  // why nothing new is begun
};

Result<JournalView> view_journal(LiveCluster& cluster) {
    JournalView view;
    view.hold = cluster.hold().because();
    view.loop_pid = WriterLock::holder(loop_lock_path(cluster.config()));
    Result<std::unique_ptr<SqliteJournal>> journal = cluster.journal_if_any();
    if (!journal) return tl::unexpected(journal.error());
    if (*journal == nullptr) return view;
    view.exists = true;
    view.writer_alive = SqliteJournal::writer(cluster.config().journal).has_value();
    LibvirtHypervisor hypervisor(cluster.clock());
    Result<std::vector<OpenMigration>> open =
        describe_open(**journal, hypervisor, cluster.clock(), cluster.config().run.settle);
    if (!open) return tl::unexpected(open.error());
    view.open = std::move(*open);
    Result<std::vector<MigrationRecord>> recent = (*journal)->recent_migrations(recent_migrations_shown);
    if (!recent) return tl::unexpected(recent.error());
    view.recent = std::move(*recent);
    Result<std::vector<SqliteJournal::DrainedHost>> drained = (*journal)->drained_hosts();
    if (!drained) return tl::unexpected(drained.error());
    view.drained = std::move(*drained);
    Result<std::vector<SwitchRecord>> switches = (*journal)->open_switches();
    if (!switches) return tl::unexpected(switches.error());
    view.open_switches = std::move(*switches);
    Result<std::vector<PowerPast>> power = (*journal)->power_pasts();
    if (!power) return tl::unexpected(power.error());
    view.power = std::move(*power);
    return view;
}

std::string show_service(const JournalView& view) {
    std::string text;
    if (view.hold) text += "ON HOLD: nothing new is begun: " + *view.hold + "\n";
    if (view.loop_pid) text += fmt::format("`ballast run` acts by itself here (pid {}).\n", *view.loop_pid);
    return text;
}

std::string show_journal(const JournalView& view, const std::string& path) {
    if (!view.exists) return "Journal: none yet (" + path + "); nothing was ever carried out.\n";
    std::string text;
    for (const OpenMigration& open : view.open) text += "OPEN: " + open.text + "\n";
    for (const SwitchRecord& record : view.open_switches) text += "OPEN: " + what_was_going_on(record) + "\n";
    if (!view.open.empty() || !view.open_switches.empty()) {
        text += view.writer_alive ? "A ballast is at work on this.\n"
                                  : "No ballast is at work: `ballast recover` brings this to its end.\n";
    }
    for (const auto& host : view.drained) {
        text += fmt::format("Drained since {}: {}; `ballast undrain {}` gives it back.\n",
                            local_time(host.since_unix_s), host.name, host.name);
    }
    for (const PowerPast& past : view.power) {
        if (!past.quarantined_because.empty()) text += "QUARANTINE: " + past.quarantined_because + "\n";
    }
    if (!view.recent.empty()) text += show_recent(view.recent);
    return text.empty() ? "Journal: empty.\n" : text;
}

Json to_json_value(const JournalView& view) {
    Json open = Json::array();
    for (const OpenMigration& migration : view.open) {
        Json item = to_json_value(migration.record);
        item["source_state"] = name(migration.source.state);
        item["destination_state"] = name(migration.destination.state);
        item["text"] = migration.text;
        open.push_back(std::move(item));
    }
    Json recent = Json::array();
    for (const MigrationRecord& record : view.recent) recent.push_back(to_json_value(record));
    Json drained = Json::array();
    for (const auto& host : view.drained) drained.push_back({{"host", host.name}, {"since_unix_s", host.since_unix_s}});
    Json switches = Json::array();
    for (const SwitchRecord& record : view.open_switches) switches.push_back(to_json_value(record));
    Json quarantined = Json::array();
    for (const PowerPast& past : view.power) {
        if (past.quarantined_because.empty()) continue;
        quarantined.push_back({{"host", past.host}, {"because", past.quarantined_because}});
    }
    return {{"writer_alive", view.writer_alive},
            {"loop_pid", view.loop_pid ? Json(*view.loop_pid) : Json(nullptr)},
            {"hold", view.hold ? Json(*view.hold) : Json(nullptr)},
            {"open", open},
            {"open_switches", switches},
            {"recent", recent},
            {"drained", drained},
            {"quarantined", quarantined}};
}

// The hosts and the journal are shown independently: what cannot be had of one must not hide the other.
Result<int> run_status(const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    const Result<Snapshot> snapshot = (*cluster)->observe(1, status_interval_s);
    const Result<JournalView> journal = view_journal(**cluster);
    std::string text;
    if (common.json) {
        text = fmt::format("{{\"cluster\":{},\"journal\":{}}}\n", snapshot ? to_json(*snapshot) : "null",
                           journal ? dump(to_json_value(*journal)) : "null");
    } else {
        if (snapshot) text += show_hosts(*snapshot) + "\n" + (common.verbose ? show_vms(*snapshot) + "\n" : "");
        if (journal) text += show_service(*journal) + show_journal(*journal, (*cluster)->config().journal);
    }
    if (Status ok = print(text); !ok) return tl::unexpected(ok.error());
    if (!snapshot && !journal) note("ballast: " + journal.error().message);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const bool all_seen = report_problems(*snapshot);
    if (!journal) return tl::unexpected(journal.error());
    return all_seen ? 0 : exit_code(ErrorKind::unreachable);
}

Result<int> run_recover(const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    Result<std::unique_ptr<SqliteJournal>> journal = (*cluster)->journal_for_writing();
    if (!journal) return tl::unexpected(journal.error());
    LibvirtHypervisor hypervisor((*cluster)->clock());
    catch_stop_signals();  // a host may take minutes to be what it is going to be
    const Result<Recovered> recovered = recover_all(**cluster, **journal, hypervisor, (*cluster)->clock());
    if (!recovered) return tl::unexpected(recovered.error());
    std::string people;
    Json migrations = Json::array();
    for (const RecoveredMigration& migration : recovered->migrations) {
        people += migration.text + "\n";
        migrations.push_back(to_json_value(migration.record));
        migrations.back()["text"] = migration.text;
    }
    Json switches = Json::array();
    for (const RecoveredSwitch& one : recovered->switches) {
        people += one.text + "\n";
        switches.push_back(to_json_value(one.record));
        switches.back()["text"] = one.text;
    }
    if (people.empty()) people = "Nothing was left open.\n";
    if (Status ok = print_for_people(people, common.json); !ok) return tl::unexpected(ok.error());
    if (common.json) {
        const Json document{{"recovered", migrations}, {"switches", switches}};
        if (Status ok = print(dump(document) + "\n"); !ok) return tl::unexpected(ok.error());
    }
    return recovered->needs_person() ? exit_code(ErrorKind::partial) : 0;
}

}  // namespace

void declare_status(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    CLI::App* command =
        app.add_subcommand("status", "Hosts, loads and VMs, migrations that are open, and the last ones");
    add_common_options(*command, common);
    command->footer("Exit code 2 if a host does not answer; the others are shown all the same.");
    command->callback([&common, &selected] { selected = [&common] { return run_status(common); }; });
}

void declare_recover(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    CLI::App* command = app.add_subcommand(
        "recover",
        "Bring what a crash left open to its end: every VM running once, every host asleep or awake, the journal "
        "closed");
    add_common_options(*command, common);
    command->footer(
        "Exit code 4 if something is left that a person must decide; the text says how to look and decide.");
    command->callback([&common, &selected] { selected = [&common] { return run_recover(common); }; });
}

}  // namespace ballast
