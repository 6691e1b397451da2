// SPDX-License-Identifier: Apache-2.0
// `ballast power`: how every host is switched and what it is now; putting one to sleep, waking it, trying whether it
// wakes, taking it out of quarantine.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/live.hpp"
#include "cli/output.hpp"
#include "cli/stop.hpp"
#include "cli/text_table.hpp"
#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/power_job.hpp"

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

struct PowerCommandOptions {
    std::string host;
    std::string action;
};

constexpr int switches_looked_at_max = 1000;

// --- the table
// --------------------------------------------------------------------------------------------------------

// What is known of one host.
struct PowerRow {
    std::string host;
    std::string method;   // empty = none
    std::string state;    // what its power control sees
    std::string trouble;  // why that cannot be known
    bool vouched = false;
    PowerPast past;
    std::optional<SwitchRecord> last;
};

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string wake_in_words(const PowerRow& row) {
    if (row.past.wake_proven) return "worked";
    return row.vouched ? "vouched for" : "not tried";
}

Json to_json_value(const SwitchRecord& record) {
    return {{"kind", name(record.kind)},
            {"state", name(record.state)},
            {"updated_unix_s", record.updated_unix_s},
            {"duration_s", record.duration_s},
            {"text", record.note}};
}

Json to_json_value(const PowerRow& row) {
    return {{"host", row.host},
            {"method", row.method.empty() ? Json() : Json(row.method)},
            {"state", row.state.empty() ? Json() : Json(row.state)},
            {"put_to_sleep", row.past.asleep},
            {"wake_proven", row.past.wake_proven},
            {"wake_vouched", row.vouched},
            {"quarantined", row.past.quarantined_because.empty() ? Json() : Json(row.past.quarantined_because)},
            {"last", row.last ? to_json_value(*row.last) : Json()},
            {"trouble", row.trouble.empty() ? Json() : Json(row.trouble)}};
}

Result<std::vector<PowerRow>> known_rows(LiveCluster& cluster) {
    std::vector<PowerRow> rows;
    for (const HostOptions& host : cluster.config().collector.hosts) rows.emplace_back().host = host.name;
    const auto journal = cluster.journal_if_any();
    if (!journal) return tl::unexpected(journal.error());
    if (*journal == nullptr) return rows;
    const auto pasts = (*journal)->power_pasts();
    if (!pasts) return tl::unexpected(pasts.error());
    const auto switches = (*journal)->recent_switches(switches_looked_at_max);
    if (!switches) return tl::unexpected(switches.error());
    for (PowerRow& row : rows) {
        for (const PowerPast& past : *pasts) {
            if (past.host == row.host) row.past = past;
        }
        const auto last = std::find_if(switches->begin(), switches->end(),
                                       [&](const SwitchRecord& record) { return record.host.name == row.host; });
        if (last != switches->end()) row.last = *last;
    }
    return rows;
}

// Asks all power controls at once: one that does not answer takes its time.
void look(PowerControl& control, std::vector<PowerRow>& rows) {
    std::vector<std::future<Result<PowerSight>>> sights(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto method = control.method(rows[i].host);
        if (!method) continue;
        rows[i].method = method->text;
        rows[i].vouched = method->wake_vouched;
        sights[i] = std::async(std::launch::async, [&, host = rows[i].host] { return control.look(host); });
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!sights[i].valid()) continue;
        const Result<PowerSight> sight = sights[i].get();
        rows[i].state = sight ? std::string(name(*sight)) : "no answer";
        if (!sight) rows[i].trouble = sight.error().message;
    }
}

std::string show(const std::vector<PowerRow>& rows) {
    TextTable table({{"HOST"}, {"METHOD"}, {"STATE"}, {"BALLAST"}, {"WAKING"}, {"LAST"}});
    std::string notes;
    for (const PowerRow& row : rows) {
        const std::string& quarantine = row.past.quarantined_because;
        const std::string ours = !quarantine.empty() ? "quarantine" : row.past.asleep ? "put to sleep" : "-";
        table.add_row({row.host, row.method.empty() ? "-" : row.method, row.state.empty() ? "-" : row.state, ours,
                       row.method.empty() ? "-" : wake_in_words(row),
                       row.last ? fmt::format("{} {}", name(row.last->kind), name(row.last->state)) : "-"});
        if (!quarantine.empty()) notes += "QUARANTINE: " + quarantine + "\n";
        if (row.last && row.last->state == SwitchState::rejected) notes += row.host + ": " + row.last->note + "\n";
    }
    return table.render() + notes;
}

Result<int> run_table(LiveCluster& cluster, const CommonOptions& common) {
    Result<std::vector<PowerRow>> rows = known_rows(cluster);
    if (!rows) return tl::unexpected(rows.error());
    look(cluster.power(), *rows);
    bool all_answer = true;
    Json list = Json::array();
    for (const PowerRow& row : *rows) {
        all_answer = all_answer && row.trouble.empty();
        if (!row.trouble.empty()) note("ballast: " + row.host + ": " + row.trouble);
        list.push_back(to_json_value(row));
    }
    const Status ok = print(common.json ? dump(Json{{"hosts", list}}) + "\n" : show(*rows));
    if (!ok) return tl::unexpected(ok.error());
    return all_answer ? 0 : exit_code(ErrorKind::unreachable);
}

// --- one host
// ---------------------------------------------------------------------------------------------------------

int exit_code_of(const SwitchOutcome& outcome) {
    if (outcome.journal_failed) return exit_code(ErrorKind::failed);
    if (outcome.state == SwitchState::done) return 0;
    return exit_code(outcome.state == SwitchState::rejected ? ErrorKind::refused : ErrorKind::partial);
}

// A host that is to sleep is looked at, so that its capacity is on record while it is silent. One that is to wake need
// not be visible at all.
Result<HostSpec> spec_of(LiveCluster& cluster, const std::string& host, SwitchKind kind) {
    if (kind == SwitchKind::wake) {
        HostSpec spec;
        for (const HostOptions& options : cluster.config().collector.hosts) {
            if (options.name != host) continue;
            spec.name = host;
            spec.uri = options.uri;
            spec.power = options.power;
        }
        return spec;
    }
    const Result<Snapshot> snapshot = cluster.observe(0, 0.0);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const HostId id = *snapshot->cluster.inventory().find_host(host);
    if (!snapshot->cluster.state(id).reachable) {
        return fail(ErrorKind::unreachable, host + " does not answer, so what runs on it is not known");
    }
    return snapshot->cluster.spec(id);
}

Result<SwitchOutcome> switch_host(LiveCluster& cluster, SqliteJournal& journal, const std::string& host,
                                  SwitchKind kind, bool on_trial) {
    const Result<HostSpec> spec = spec_of(cluster, host, kind);
    if (!spec) return tl::unexpected(spec.error());
    SwitchOrder order = switch_order(*spec, kind);
    order.record.reason = on_trial ? "a person tries whether it wakes" : "by hand";
    order.wake_is_on_trial = on_trial;
    LibvirtHypervisor hypervisor(cluster.clock());
    return run_switch({cluster.power(), journal}, hypervisor, cluster.clock(), std::move(order),
                      cluster.config().run.power, stop_signal(), [](const std::string& text) { note(text); });
}

Result<int> run_switches(LiveCluster& cluster, const PowerCommandOptions& options, const CommonOptions& common) {
    Result<std::unique_ptr<SqliteJournal>> journal = cluster.journal_for_writing();
    if (!journal) return tl::unexpected(journal.error());
    catch_stop_signals();
    const bool on_trial = options.action == "test";
    std::vector<SwitchKind> kinds;
    if (options.action != "wake") kinds.push_back(SwitchKind::sleep);
    if (options.action != "sleep") kinds.push_back(SwitchKind::wake);
    int code = 0;
    Json list = Json::array();
    for (const SwitchKind kind : kinds) {
        const Result<SwitchOutcome> outcome = switch_host(cluster, **journal, options.host, kind, on_trial);
        if (!outcome) return tl::unexpected(outcome.error());
        code = exit_code_of(*outcome);
        list.push_back({{"kind", name(kind)},
                        {"state", name(outcome->state)},
                        {"text", outcome->text},
                        {"duration_s", outcome->duration_s}});
        const std::string took =
            outcome->state == SwitchState::done ? fmt::format(" ({} s)", fixed(outcome->duration_s, 1)) : "";
        if (Status ok = print_for_people(outcome->text + took + "\n", common.json); !ok) {
            return tl::unexpected(ok.error());
        }
        if (code != 0) break;
    }
    if (!common.json) return code;
    if (Status ok = print(dump(Json{{"host", options.host}, {"switches", list}}) + "\n"); !ok) {
        return tl::unexpected(ok.error());
    }
    return code;
}

Result<int> run_clear(LiveCluster& cluster, const std::string& host, const CommonOptions& common) {
    Result<std::unique_ptr<SqliteJournal>> journal = cluster.journal_for_writing();
    if (!journal) return tl::unexpected(journal.error());
    const Result<bool> was = (*journal)->clear_quarantine(host, cluster.clock().unix_time_s());
    if (!was) return tl::unexpected(was.error());
    const std::string text = host + (*was ? " is out of quarantine\n" : " was not in quarantine; nothing changed\n");
    if (Status ok = print_for_people(text, common.json); !ok) return tl::unexpected(ok.error());
    if (!common.json) return 0;
    if (Status ok = print(dump(Json{{"host", host}, {"cleared", *was}}) + "\n"); !ok) return tl::unexpected(ok.error());
    return 0;
}

Result<int> run_power(const PowerCommandOptions& options, const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    if (options.host.empty()) return run_table(**cluster, common);
    if (options.action.empty()) {
        return fail(ErrorKind::usage, "what is to be done with " + options.host + "? sleep, wake, test or clear");
    }
    if (Status known = (*cluster)->check_names({options.host}); !known) return tl::unexpected(known.error());
    if (options.action == "clear") return run_clear(**cluster, options.host, common);
    if (!(*cluster)->power().method(options.host)) {
        return fail(ErrorKind::usage, "there is no way to switch " + options.host + "; give it one in [power]");
    }
    return run_switches(**cluster, options, common);
}

}  // namespace

void declare_power(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<PowerCommandOptions>();
    CLI::App* command = app.add_subcommand("power", "How hosts are put to sleep and woken; doing it by hand");
    command->add_option("host", options->host, "A host, by name; left out: a table of all");
    command
        ->add_option("action", options->action,
                     "sleep; wake; test: both, one after the other, to see that waking works; clear: out of quarantine")
        ->check(CLI::IsMember({"sleep", "wake", "test", "clear"}));
    add_common_options(*command, common);
    command->footer(
        "A host is put to sleep only if its hypervisor names no guest, twice, and never the one that Ballast runs on.\n"
        "Plans put a host to sleep only if it was seen to wake before (`test`, or wake_tested = true). A host that\n"
        "failed to sleep or to wake is in quarantine, and one that failed to sleep is drained as well: no plan uses "
        "it\n"
        "until `clear`. See docs/power.md.\n"
        "Exit codes: 3 a check said no, nothing was done; 4 it was tried and failed.");
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_power(*options, common); }; });
}

}  // namespace ballast
