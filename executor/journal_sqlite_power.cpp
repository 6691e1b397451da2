// SPDX-License-Identifier: Apache-2.0
// SqliteJournal: hosts put to sleep and woken.
#include <algorithm>
#include <cmath>
#include <optional>

#include "executor/journal_sqlite.hpp"
#include "executor/journal_sqlite_db.hpp"
#include "executor/journal_sqlite_impl.hpp"
#include "executor/journal_sqlite_schema.hpp"

namespace ballast {

namespace {

using sqlite::read_all;
using sqlite::Statement;

constexpr std::string_view switch_columns =
    "id, plan_id, host, host_uri, kind, state, created_unix_s, updated_unix_s, reason, note, duration_s, cpu_mhz, "
    "memory_bytes, cpus, cpu_arch, cpu_vendor, cpu_model, hypervisor_version";
constexpr std::string_view open_states = "('intended', 'switching')";
constexpr std::int64_t since_version = 3;  // a journal of an older version has no power in it; a reader adds none

std::optional<SwitchState> switch_state(std::string_view text) {
    for (const auto state : {SwitchState::intended, SwitchState::switching, SwitchState::done, SwitchState::rejected,
                             SwitchState::failed}) {
        if (name(state) == text) return state;
    }
    return std::nullopt;
}

SleeperFacts read_facts(Statement& row) {
    SleeperFacts facts;
    facts.cpu_mhz = row.number();
    facts.memory_bytes = row.number();
    facts.cpus = static_cast<std::uint32_t>(row.integer());
    facts.cpu.arch = row.text();
    facts.cpu.vendor = row.text();
    facts.cpu.model = row.text();
    facts.hypervisor_version = static_cast<std::uint64_t>(row.integer());
    return facts;
}

// The file is input: it may be another program's work.
Result<SwitchRecord> read_switch(Statement& row) {
    SwitchRecord record;
    record.id = row.integer();
    record.plan_id = row.integer();  // NULL is 0
    record.host.name = row.text();
    record.host.uri = row.text();
    const std::string kind = row.text();
    const std::string state = row.text();
    record.created_unix_s = row.number();
    record.updated_unix_s = row.number();
    record.reason = row.text();
    record.note = row.text();
    record.duration_s = row.number();
    record.facts = read_facts(row);

    const std::string where = "power switch " + std::to_string(record.id) + " in the journal: ";
    const std::optional<SwitchState> known = switch_state(state);
    if (!known) return fail(ErrorKind::usage, where + "unknown state '" + state + "'");
    record.state = *known;
    if (kind != name(SwitchKind::sleep) && kind != name(SwitchKind::wake)) {
        return fail(ErrorKind::usage, where + "unknown kind '" + kind + "'");
    }
    record.kind = kind == name(SwitchKind::sleep) ? SwitchKind::sleep : SwitchKind::wake;
    if (!std::isfinite(record.created_unix_s) || !std::isfinite(record.updated_unix_s)) {
        return fail(ErrorKind::usage, where + "it has no date");
    }
    return record;
}

// What a person stopped, or a crash, says nothing against the host.
bool was_interrupted(const SwitchRecord& record) {
    return record.note.starts_with("stopped") || record.note.starts_with("interrupted") ||
           record.note.starts_with("recovered");
}

// In older journals recovery closed a sleep that may have been commanded as rejected.
bool is_failure(const SwitchRecord& record) {
    return record.state == SwitchState::failed ||
           (record.state == SwitchState::rejected && record.kind == SwitchKind::sleep &&
            record.note.starts_with("recovered"));
}
constexpr std::string_view failures =  // the same in SQL
    "(state = 'failed' OR (state = 'rejected' AND kind = 'sleep' AND note GLOB 'recovered*'))";

// The latest records decide: the last sleep or wake that was done says whether the host sleeps, the last wake that
// failed, or woke a host that was seen asleep, whether waking works.
void take_in(PowerPast& past, const SwitchRecord& record, std::int64_t cleared_through) {
    const bool wake = record.kind == SwitchKind::wake;
    past.switching = is_open(record.state);  // only the newest can be open
    if (past.switching) past.kind = record.kind;
    if (record.state == SwitchState::rejected && !wake && !was_interrupted(record)) {
        past.refused_because = record.note;
        past.refused_unix_s = record.updated_unix_s;
    }
    if (record.state == SwitchState::done) {
        past.refused_because.clear();
        past.asleep = !wake;
        past.slept_by = wake ? 0 : record.id;
        if (wake && record.note.ends_with(woke_up)) past.wake_proven = true;
        if (!wake) past.facts = record.facts;
    }
    if (!is_failure(record)) return;
    if (wake) past.wake_proven = false;
    if (!wake)
        past.asleep = false;  // it was awake when this began: if it is silent now, its guests are not known to be gone
    if (record.id <= cleared_through) return;
    past.quarantined_because = record.note;
    if (!wake) past.may_fall_asleep = true;
}

}  // namespace

Result<std::int64_t> SqliteJournal::open_switch(const SwitchRecord& record) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return tl::unexpected(may.error());
    Statement other =
        impl_->db.prepare("SELECT id FROM power_switches WHERE host = ? AND state IN " + std::string(open_states));
    const Result<bool> found = other.bind(std::string_view(record.host.name)).row();
    if (!found) return impl_->error(found.error());
    if (*found) {
        return fail(ErrorKind::refused, record.host.name + ": power switch " + std::to_string(other.integer()) +
                                            " of this host is still open in the journal; run `ballast recover` first");
    }
    const Status inserted = impl_->db
                                .prepare(
                                    "INSERT INTO power_switches(plan_id, host, host_uri, kind, state, "
                                    "created_unix_s, updated_unix_s, reason, note, duration_s, cpu_mhz, "
                                    "memory_bytes, cpus, cpu_arch, cpu_vendor, cpu_model, hypervisor_version) "
                                    "VALUES (nullif(?, 0),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
                                .bind(record.plan_id)
                                .bind(std::string_view(record.host.name))
                                .bind(std::string_view(record.host.uri))
                                .bind(name(record.kind))
                                .bind(name(record.state))
                                .bind(record.created_unix_s)
                                .bind(record.updated_unix_s)
                                .bind(std::string_view(record.reason))
                                .bind(std::string_view(record.note))
                                .bind(record.duration_s)
                                .bind(record.facts.cpu_mhz)
                                .bind(record.facts.memory_bytes)
                                .bind(std::int64_t{record.facts.cpus})
                                .bind(std::string_view(record.facts.cpu.arch))
                                .bind(std::string_view(record.facts.cpu.vendor))
                                .bind(std::string_view(record.facts.cpu.model))
                                .bind(static_cast<std::int64_t>(record.facts.hypervisor_version))
                                .run();
    if (!inserted) return impl_->error(inserted.error());
    return impl_->db.last_row_id();
}

Status SqliteJournal::update_switch(const SwitchRecord& record) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return may;
    const Status updated = impl_->db
                               .prepare(
                                   "UPDATE power_switches SET state = ?, updated_unix_s = ?, note = ?, "
                                   "duration_s = ? WHERE id = ? AND state IN " +
                                   std::string(open_states))
                               .bind(name(record.state))
                               .bind(record.updated_unix_s)
                               .bind(std::string_view(record.note))
                               .bind(record.duration_s)
                               .bind(record.id)
                               .run();
    if (updated && impl_->db.changes() == 0) {
        return fail(ErrorKind::refused, "journal " + impl_->path + ": power switch " + std::to_string(record.id) +
                                            " is closed, or was never opened; it cannot be changed");
    }
    return impl_->status(updated);
}

Result<std::vector<SwitchRecord>> SqliteJournal::Impl::switches(const std::string& rest, double parameter) {
    const auto version = sqlite::schema_version(db);
    if (!version) return error(version.error());
    if (*version < since_version) return std::vector<SwitchRecord>{};
    Statement query = db.prepare("SELECT " + std::string(switch_columns) + " FROM power_switches " + rest);
    query.bind(parameter);
    auto records = read_all<SwitchRecord>(query, read_switch);
    if (!records) return error(records.error());
    return records;
}

Result<std::vector<SwitchRecord>> SqliteJournal::open_switches() {
    const std::scoped_lock guard(impl_->mutex);
    return impl_->switches("WHERE state IN " + std::string(open_states) + " AND id > ? ORDER BY id", 0);
}

Result<std::vector<SwitchRecord>> SqliteJournal::recent_switches(int limit) {
    const std::scoped_lock guard(impl_->mutex);
    return impl_->switches("ORDER BY id DESC LIMIT ?", limit);
}

Result<std::vector<PowerPast>> SqliteJournal::power_pasts() {
    const std::scoped_lock guard(impl_->mutex);
    const auto records = impl_->switches("WHERE id > ? ORDER BY host, id", 0);
    if (!records) return tl::unexpected(records.error());
    std::vector<PowerPast> pasts;
    std::int64_t cleared_through = 0;
    for (const SwitchRecord& record : *records) {
        if (pasts.empty() || pasts.back().host != record.host.name) {
            pasts.emplace_back().host = record.host.name;
            Statement cleared = impl_->db.prepare("SELECT through_id FROM power_clearances WHERE host = ?");
            const Result<bool> found = cleared.bind(std::string_view(record.host.name)).row();
            if (!found) return impl_->error(found.error());
            cleared_through = *found ? cleared.integer() : 0;
        }
        take_in(pasts.back(), record, cleared_through);
    }
    return pasts;
}

Result<std::vector<JournalSwitch>> SqliteJournal::past_switches(double unix_time_s, double window_s) {
    const std::scoped_lock guard(impl_->mutex);
    const auto records =
        impl_->switches("WHERE state = 'done' AND updated_unix_s >= ? ORDER BY id", unix_time_s - window_s);
    if (!records) return tl::unexpected(records.error());
    std::vector<JournalSwitch> switches;
    for (const SwitchRecord& record : *records) {
        // A clock that was set back must not make a switch of the future.
        const double age_s = std::max(0.0, unix_time_s - record.updated_unix_s);
        switches.push_back({record.host.name, age_s, record.kind == SwitchKind::sleep});
    }
    return switches;
}

Result<bool> SqliteJournal::clear_quarantine(const std::string& host, double unix_time_s) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return tl::unexpected(may.error());
    Statement failed = impl_->db.prepare(
        "SELECT max(id) FROM power_switches WHERE host = ?1 AND " + std::string(failures) +
        " AND id > coalesce((SELECT through_id FROM power_clearances WHERE host = ?1), 0) HAVING count(*) > 0");
    const Result<bool> found = failed.bind(std::string_view(host)).row();
    if (!found) return impl_->error(found.error());
    if (!*found) return false;
    const Status cleared = impl_->db
                               .prepare(
                                   "INSERT INTO power_clearances(host, through_id, unix_s) VALUES (?, ?, ?) "
                                   "ON CONFLICT(host) DO UPDATE SET through_id = excluded.through_id, "
                                   "unix_s = excluded.unix_s")
                               .bind(std::string_view(host))
                               .bind(failed.integer())
                               .bind(unix_time_s)
                               .run();
    if (!cleared) return impl_->error(cleared.error());
    return true;
}

Result<std::string> SqliteJournal::sleep_objection(const std::string& host) {
    const std::scoped_lock guard(impl_->mutex);
    Statement drained = impl_->db.prepare("SELECT 1 FROM drained_hosts WHERE host = ?");
    const Result<bool> is_drained = drained.bind(std::string_view(host)).row();
    if (!is_drained) return impl_->error(is_drained.error());
    if (*is_drained) return "a person drained " + host + "; it is theirs until `ballast undrain " + host + "`";
    Statement moves = impl_->db.prepare(
        "SELECT id, vm_name FROM migrations WHERE (source_name = ?1 OR destination_name = ?1) AND state IN " +
        std::string(sqlite::open_migration_states) + " ORDER BY id");
    const Result<bool> is_open = moves.bind(std::string_view(host)).row();
    if (!is_open) return impl_->error(is_open.error());
    if (!*is_open) return std::string();
    const std::int64_t id = moves.integer();
    return "migration " + std::to_string(id) + " of " + moves.text() + " from or to " + host +
           " is open in the journal; run `ballast recover`";
}

}  // namespace ballast
