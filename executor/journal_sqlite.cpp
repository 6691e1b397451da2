// SPDX-License-Identifier: Apache-2.0
#include "executor/journal_sqlite.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "executor/folder_owner.hpp"
#include "executor/journal_sqlite_db.hpp"
#include "executor/journal_sqlite_impl.hpp"
#include "executor/journal_sqlite_schema.hpp"
#include "executor/writer_lock.hpp"

namespace ballast {

namespace {

using sqlite::Database;
using sqlite::open_migration_states;
using sqlite::read_all;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::string_view migration_columns =
    "id, plan_id, vm_name, vm_uuid, source_name, source_uri, source_address, destination_name, destination_uri, "
    "destination_address, handover, destination_defined_before, copies_diverged, reported_success, state, "
    "created_unix_s, updated_unix_s, reason, note, predicted_duration_s, predicted_downtime_s, duration_s, downtime_s, "
    "bytes_sent";

std::optional<MigrationState> migration_state(std::string_view text) {
    for (const auto state :
         {MigrationState::intended, MigrationState::migrating, MigrationState::verifying, MigrationState::done,
          MigrationState::rolled_back, MigrationState::rejected, MigrationState::needs_operator}) {
        if (name(state) == text) return state;
    }
    return std::nullopt;
}

// The file is input: what the schema's checks would have caught is checked again, the file may be another program's
// work.
Result<MigrationRecord> read_migration(Statement& row) {
    MigrationRecord record;
    record.id = row.integer();
    record.plan_id = row.integer();
    record.vm = {row.text(), row.text()};
    record.source = {row.text(), row.text(), row.text()};
    record.destination = {row.text(), row.text(), row.text()};
    const std::string handover = row.text();
    record.destination_defined_before = row.integer() != 0;
    record.copies_diverged = row.integer() != 0;
    record.reported_success = row.integer() != 0;
    const std::string state = row.text();
    record.created_unix_s = row.number();
    record.updated_unix_s = row.number();
    record.reason = row.text();
    record.note = row.text();
    record.predicted_duration_s = row.number();
    record.predicted_downtime_s = row.number();
    record.duration_s = row.number();
    record.downtime_s = row.number();
    record.bytes_sent = row.number();

    const std::string where = "migration " + std::to_string(record.id) + " in the journal: ";
    const std::optional<MigrationState> known = migration_state(state);
    if (!known) return fail(ErrorKind::usage, where + "unknown state '" + state + "'");
    record.state = *known;
    if (handover != name(Handover::direct) && handover != name(Handover::paused)) {
        return fail(ErrorKind::usage, where + "unknown hand-over '" + handover + "'");
    }
    record.handover = handover == name(Handover::direct) ? Handover::direct : Handover::paused;
    if (record.vm.uuid.empty() || record.source.uri.empty() || record.destination.uri.empty()) {
        return fail(ErrorKind::usage, where + "it names no VM, source or destination");
    }
    if (!std::isfinite(record.created_unix_s) || !std::isfinite(record.updated_unix_s)) {
        return fail(ErrorKind::usage, where + "it has no date");
    }
    return record;
}

std::string directory_of(const std::string& path) {
    const std::string directory = std::filesystem::path(path).parent_path();
    return directory.empty() ? "." : directory;
}

// SQLite syncs the file; that the file exists at all is in its directory, which nobody syncs for us.
void sync_directory_of(const std::string& path) {
    const int fd = ::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

// In WAL mode a commit appends to the log and, with synchronous=FULL, syncs it before it returns; readers never wait
// for the writer, nor it for them. FULL is compiled in as the default, but a file's durability is not left to a
// default.
Status set_up(Database& db, bool writing) {
    if (!writing) return sqlite::check_schema(db);
    // Before anything is changed: the file may be another program's.
    if (Status usable = sqlite::check_usable(db); !usable) return usable;
    const Status wal = db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    if (!wal) return wal;
    return sqlite::prepare_schema(db);
}

Status check_damage(Database& db) {
    Statement check = db.prepare("PRAGMA quick_check(1)");
    const Result<bool> row = check.row();
    if (!row) return tl::unexpected(row.error());
    const std::string verdict = *row ? check.text() : "no answer";
    if (verdict == "ok") return {};
    return fail(ErrorKind::usage, "the file is damaged (" + verdict +
                                      "); restore it, or move it away and check with "
                                      "`virsh list` where every VM runs");
}

}  // namespace

SqliteJournal::SqliteJournal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteJournal::~SqliteJournal() = default;

std::optional<pid_t> SqliteJournal::writer(const std::string& path) { return WriterLock::holder(path + ".lock"); }

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::string& path, Mode mode) {
    const bool writing = mode == Mode::write;
    const std::string directory = directory_of(path);
    std::error_code ignored;
    if (writing && !std::filesystem::is_directory(directory, ignored)) {
        return fail(ErrorKind::usage, "journal " + path + ": there is no directory " + directory +
                                          "; create it (mkdir -p), or name another file");
    }
    std::optional<WriterLock> lock;
    if (writing) {
        auto acquired = WriterLock::acquire(path + ".lock");
        if (!acquired) return tl::unexpected(acquired.error());
        lock.emplace(std::move(*acquired));
    } else if (!std::filesystem::exists(path, ignored)) {
        return fail(ErrorKind::usage, "there is no journal at " + path + "; nothing was executed with it yet");
    }
    const auto named = [&](const Error& error) {
        std::string what = "journal " + path + ": ";
        // A reader needs the memory that it shares with the writer, and makes it if there is none.
        const bool denied = access(path.c_str(), R_OK) != 0 || access(directory.c_str(), W_OK) != 0;
        if (!writing && error.kind == ErrorKind::failed && denied) {
            what += "this user may not read it, or not write in " + directory +
                    ", which SQLite needs also for reading; run as the user who wrote it or as root: ";
        }
        return fail(error.kind, what + error.message);
    };
    auto db = Database::open(path, writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (!db) return named(db.error());
    if (writing) give_to_folders_owner(path);  // before SQLite makes files beside it, which get the same owner
    if (Status ready = set_up(*db, writing); !ready) return named(ready.error());
    if (Status sound = check_damage(*db); !sound) return named(sound.error());
    if (writing) sync_directory_of(path);
    return std::unique_ptr<SqliteJournal>(
        new SqliteJournal(std::make_unique<Impl>(path, std::move(lock), std::move(*db))));
}

Result<std::int64_t> SqliteJournal::begin_plan(const PlanRecord& plan, std::string_view plan_json) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return tl::unexpected(may.error());
    const Status inserted =
        impl_->db.prepare("INSERT INTO plans(created_unix_s, policy, actions, plan_json) VALUES (?, ?, ?, ?)")
            .bind(plan.created_unix_s)
            .bind(std::string_view(plan.policy))
            .bind(std::int64_t{plan.actions})
            .bind(plan_json)
            .run();
    if (!inserted) return impl_->error(inserted.error());
    return impl_->db.last_row_id();
}

Status SqliteJournal::end_plan(std::int64_t id, std::string_view outcome, double unix_time_s) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return may;
    const Status updated = impl_->db.prepare("UPDATE plans SET outcome = ?, ended_unix_s = ? WHERE id = ?")
                               .bind(outcome)
                               .bind(unix_time_s)
                               .bind(id)
                               .run();
    if (updated && impl_->db.changes() == 0) {
        return fail(ErrorKind::failed, "journal " + impl_->path + ": there is no plan " + std::to_string(id));
    }
    return impl_->status(updated);
}

Result<std::int64_t> SqliteJournal::open_migration(const MigrationRecord& record) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return tl::unexpected(may.error());
    Statement other = impl_->db.prepare("SELECT id FROM migrations WHERE vm_uuid = ? AND state IN " +
                                        std::string(open_migration_states));
    const Result<bool> found = other.bind(std::string_view(record.vm.uuid)).row();
    if (!found) return impl_->error(found.error());
    if (*found) {
        return fail(ErrorKind::refused, record.vm.name + ": migration " + std::to_string(other.integer()) +
                                            " of this VM is still open in the journal; run `ballast recover` first");
    }
    const Status inserted =
        impl_->db
            .prepare(
                "INSERT INTO migrations(plan_id, vm_name, vm_uuid, source_name, source_uri, source_address, "
                "destination_name, destination_uri, destination_address, handover, destination_defined_before, "
                "copies_diverged, reported_success, state, created_unix_s, updated_unix_s, reason, note, "
                "predicted_duration_s, predicted_downtime_s, duration_s, downtime_s, bytes_sent) "
                "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
            .bind(record.plan_id)
            .bind(std::string_view(record.vm.name))
            .bind(std::string_view(record.vm.uuid))
            .bind(std::string_view(record.source.name))
            .bind(std::string_view(record.source.uri))
            .bind(std::string_view(record.source.migration_address))
            .bind(std::string_view(record.destination.name))
            .bind(std::string_view(record.destination.uri))
            .bind(std::string_view(record.destination.migration_address))
            .bind(name(record.handover))
            .bind(std::int64_t{record.destination_defined_before})
            .bind(std::int64_t{record.copies_diverged})
            .bind(std::int64_t{record.reported_success})
            .bind(name(record.state))
            .bind(record.created_unix_s)
            .bind(record.updated_unix_s)
            .bind(std::string_view(record.reason))
            .bind(std::string_view(record.note))
            .bind(record.predicted_duration_s)
            .bind(record.predicted_downtime_s)
            .bind(record.duration_s)
            .bind(record.downtime_s)
            .bind(record.bytes_sent)
            .run();
    if (!inserted) return impl_->error(inserted.error());
    Statement id = impl_->db.prepare("SELECT max(id) FROM migrations");  // the trigger moved last_row_id()
    const Result<bool> row = id.row();
    if (!row) return impl_->error(row.error());
    return id.integer();
}

Status SqliteJournal::update_migration(const MigrationRecord& record) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return may;
    const Status updated =
        impl_->db
            .prepare(
                "UPDATE migrations SET source_name = ?, source_uri = ?, source_address = ?, destination_name = ?, "
                "destination_uri = ?, destination_address = ?, handover = ?, destination_defined_before = ?, "
                "copies_diverged = ?, reported_success = ?, state = ?, updated_unix_s = ?, reason = ?, note = ?, "
                "predicted_duration_s = ?, predicted_downtime_s = ?, duration_s = ?, downtime_s = ?, "
                "bytes_sent = ? WHERE id = ? AND state IN " +
                std::string(open_migration_states))
            .bind(std::string_view(record.source.name))
            .bind(std::string_view(record.source.uri))
            .bind(std::string_view(record.source.migration_address))
            .bind(std::string_view(record.destination.name))
            .bind(std::string_view(record.destination.uri))
            .bind(std::string_view(record.destination.migration_address))
            .bind(name(record.handover))
            .bind(std::int64_t{record.destination_defined_before})
            .bind(std::int64_t{record.copies_diverged})
            .bind(std::int64_t{record.reported_success})
            .bind(name(record.state))
            .bind(record.updated_unix_s)
            .bind(std::string_view(record.reason))
            .bind(std::string_view(record.note))
            .bind(record.predicted_duration_s)
            .bind(record.predicted_downtime_s)
            .bind(record.duration_s)
            .bind(record.downtime_s)
            .bind(record.bytes_sent)
            .bind(record.id)
            .run();
    if (updated && impl_->db.changes() == 0) {
        return fail(ErrorKind::refused, "journal " + impl_->path + ": migration " + std::to_string(record.id) +
                                            " is closed, or was never opened; it cannot be changed");
    }
    return impl_->status(updated);
}

Result<std::vector<MigrationRecord>> SqliteJournal::open_migrations() {
    const std::scoped_lock guard(impl_->mutex);
    Statement query =
        impl_->db.prepare("SELECT " + std::string(migration_columns) + " FROM migrations WHERE state IN " +
                          std::string(open_migration_states) + " ORDER BY id");
    auto records = read_all<MigrationRecord>(query, read_migration);
    if (!records) return impl_->error(records.error());
    return records;
}

Result<std::vector<MigrationRecord>> SqliteJournal::recent_migrations(int limit) {
    const std::scoped_lock guard(impl_->mutex);
    Statement query =
        impl_->db.prepare("SELECT " + std::string(migration_columns) + " FROM migrations ORDER BY id DESC LIMIT ?");
    query.bind(std::int64_t{limit});
    auto records = read_all<MigrationRecord>(query, read_migration);
    if (!records) return impl_->error(records.error());
    return records;
}

Result<std::vector<PlanRecord>> SqliteJournal::recent_plans(int limit) {
    const std::scoped_lock guard(impl_->mutex);
    Statement query =
        impl_->db.prepare("SELECT id, created_unix_s, policy, outcome, actions FROM plans ORDER BY id DESC LIMIT ?");
    query.bind(std::int64_t{limit});
    auto plans = read_all<PlanRecord>(query, [](Statement& row) -> Result<PlanRecord> {
        PlanRecord plan;
        plan.id = row.integer();
        plan.created_unix_s = row.number();
        plan.policy = row.text();
        plan.outcome = row.text();
        plan.actions = static_cast<int>(row.integer());
        return plan;
    });
    if (!plans) return impl_->error(plans.error());
    return plans;
}

Result<std::vector<JournalMove>> SqliteJournal::past_moves(double unix_time_s, double window_s) {
    const std::scoped_lock guard(impl_->mutex);
    Statement query = impl_->db.prepare(
        "SELECT vm_name, source_name, destination_name, updated_unix_s, state <> 'done' FROM migrations "
        "WHERE state IN ('done', 'rolled-back', 'rejected') AND updated_unix_s >= ? "
        // What a person stopped, or a crash before it began, says nothing against the VM or the host.
        "AND NOT (state <> 'done' AND (note LIKE 'stopped%' OR note LIKE 'interrupted%' OR note LIKE '%aborted%')) "
        "ORDER BY id");
    query.bind(unix_time_s - window_s);
    auto moves = read_all<JournalMove>(query, [&](Statement& row) -> Result<JournalMove> {
        JournalMove move;
        move.vm = row.text();
        move.source = row.text();
        move.destination = row.text();
        // A clock that was set back must not make a move of the future.
        move.age_s = std::max(0.0, unix_time_s - row.number());
        move.failed = row.integer() != 0;
        return move;
    });
    if (!moves) return impl_->error(moves.error());
    return moves;
}

Result<std::vector<SqliteJournal::DrainedHost>> SqliteJournal::drained_hosts() {
    const std::scoped_lock guard(impl_->mutex);
    const auto version = sqlite::schema_version(impl_->db);
    if (!version) return impl_->error(version.error());
    if (*version < 2) return std::vector<DrainedHost>{};  // a reader does not upgrade a journal
    Statement query = impl_->db.prepare("SELECT host, since_unix_s FROM drained_hosts ORDER BY host");
    auto hosts = read_all<DrainedHost>(query, [](Statement& row) -> Result<DrainedHost> {
        DrainedHost host;
        host.name = row.text();
        host.since_unix_s = row.number();
        return host;
    });
    if (!hosts) return impl_->error(hosts.error());
    return hosts;
}

Status SqliteJournal::drain(const std::string& host, double unix_time_s) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return may;
    return impl_->status(impl_->db.prepare("INSERT OR IGNORE INTO drained_hosts(host, since_unix_s) VALUES (?, ?)")
                             .bind(std::string_view(host))
                             .bind(unix_time_s)
                             .run());
}

Result<bool> SqliteJournal::undrain(const std::string& host) {
    const std::scoped_lock guard(impl_->mutex);
    if (Status may = impl_->may_write(); !may) return tl::unexpected(may.error());
    const Status removed =
        impl_->db.prepare("DELETE FROM drained_hosts WHERE host = ?").bind(std::string_view(host)).run();
    if (!removed) return impl_->error(removed.error());
    return impl_->db.changes() > 0;
}

}  // namespace ballast
