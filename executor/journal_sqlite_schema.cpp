// SPDX-License-Identifier: Apache-2.0
#include "executor/journal_sqlite_schema.hpp"

namespace ballast::sqlite {

namespace {

constexpr std::int64_t application_id = 0x424C5354;  // "BLST"

// The checks repeat what the program checks: the file may be edited by hand.
constexpr const char* schema = R"sql(
CREATE TABLE plans(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created_unix_s REAL NOT NULL,
    policy TEXT NOT NULL,
    actions INTEGER NOT NULL CHECK (actions >= 0),
    plan_json TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT '',
    ended_unix_s REAL
) STRICT;
CREATE TABLE migrations(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plan_id INTEGER NOT NULL REFERENCES plans(id),
    vm_name TEXT NOT NULL CHECK (vm_name <> ''),
    vm_uuid TEXT NOT NULL CHECK (vm_uuid <> ''),
    source_name TEXT NOT NULL, source_uri TEXT NOT NULL, source_address TEXT NOT NULL,
    destination_name TEXT NOT NULL, destination_uri TEXT NOT NULL, destination_address TEXT NOT NULL,
    handover TEXT NOT NULL CHECK (handover IN ('direct', 'paused')),
    destination_defined_before INTEGER NOT NULL CHECK (destination_defined_before IN (0, 1)),
    copies_diverged INTEGER NOT NULL CHECK (copies_diverged IN (0, 1)),
    reported_success INTEGER NOT NULL CHECK (reported_success IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('intended', 'migrating', 'verifying', 'done', 'rolled-back', 'rejected',
                                         'needs-operator')),
    created_unix_s REAL NOT NULL,
    updated_unix_s REAL NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    predicted_duration_s REAL NOT NULL,
    predicted_downtime_s REAL NOT NULL,
    duration_s REAL,
    downtime_s REAL,
    bytes_sent REAL
) STRICT;
CREATE UNIQUE INDEX one_open_migration_per_vm ON migrations(vm_uuid)
    WHERE state IN ('intended', 'migrating', 'verifying', 'needs-operator');
CREATE TABLE transitions(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    migration_id INTEGER NOT NULL REFERENCES migrations(id),
    unix_s REAL NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE TRIGGER migration_opened AFTER INSERT ON migrations BEGIN
    INSERT INTO transitions(migration_id, unix_s, state, note)
        VALUES (new.id, new.updated_unix_s, new.state, new.note);
END;
CREATE TRIGGER migration_changed AFTER UPDATE ON migrations BEGIN
    INSERT INTO transitions(migration_id, unix_s, state, note)
        VALUES (new.id, new.updated_unix_s, new.state, new.note);
END;
PRAGMA application_id = 1112298324;
)sql";
static_assert(application_id == 1112298324, "the last line of the schema says the same");

// What version 2 has more than version 1.
constexpr const char* since_version_2 = R"sql(
CREATE TABLE drained_hosts(
    host TEXT PRIMARY KEY CHECK (host <> ''),
    since_unix_s REAL NOT NULL
) STRICT;
PRAGMA user_version = 2;
)sql";

// What version 3 has more than version 2.
constexpr const char* since_version_3 = R"sql(
CREATE TABLE power_switches(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plan_id INTEGER REFERENCES plans(id),
    host TEXT NOT NULL CHECK (host <> ''),
    host_uri TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sleep', 'wake')),
    state TEXT NOT NULL CHECK (state IN ('intended', 'switching', 'done', 'rejected', 'failed')),
    created_unix_s REAL NOT NULL,
    updated_unix_s REAL NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    duration_s REAL,
    cpu_mhz REAL NOT NULL, memory_bytes REAL NOT NULL, cpus INTEGER NOT NULL,
    cpu_arch TEXT NOT NULL, cpu_vendor TEXT NOT NULL, cpu_model TEXT NOT NULL,
    hypervisor_version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_open_switch_per_host ON power_switches(host) WHERE state IN ('intended', 'switching');
CREATE INDEX switches_by_host ON power_switches(host, id);
CREATE TABLE power_clearances(
    host TEXT PRIMARY KEY CHECK (host <> ''),
    through_id INTEGER NOT NULL,
    unix_s REAL NOT NULL
) STRICT;
PRAGMA user_version = 3;
)sql";
static_assert(journal_schema_version == 3, "the line above says the same");

Result<bool> is_empty(Database& db) {
    const auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
    if (!tables) return tl::unexpected(tables.error());
    const auto application = db.integer("PRAGMA application_id");
    if (!application) return tl::unexpected(application.error());
    return *tables == 0 && *application == 0;
}

}  // namespace

Status prepare_schema(Database& db) {
    Transaction transaction(db);
    if (!transaction.begun()) return transaction.begun();
    const auto empty = is_empty(db);
    if (!empty) return tl::unexpected(empty.error());
    std::int64_t version = 1;
    if (*empty) {
        if (Status made = db.execute(schema); !made) return made;
    } else {
        if (Status known = check_schema(db); !known) return known;
        const auto found = schema_version(db);
        if (!found) return tl::unexpected(found.error());
        version = *found;
        if (version == journal_schema_version) return {};
    }
    if (version < 2) {
        if (Status made = db.execute(since_version_2); !made) return made;
    }
    if (Status made = db.execute(since_version_3); !made) return made;
    return transaction.commit();
}

Status check_usable(Database& db) {
    const auto empty = is_empty(db);
    if (!empty) return tl::unexpected(empty.error());
    return *empty ? Status() : check_schema(db);
}

Status check_schema(Database& db) {
    const auto application = db.integer("PRAGMA application_id");
    if (!application) return tl::unexpected(application.error());
    if (*application != application_id) {
        return fail(ErrorKind::usage, "this is an SQLite file, but not a Ballast journal; name another file");
    }
    const auto version = schema_version(db);
    if (!version) return tl::unexpected(version.error());
    if (*version < 1 || *version > journal_schema_version) {
        return fail(ErrorKind::usage, "schema version " + std::to_string(*version) + ", but this program knows 1 to " +
                                          std::to_string(journal_schema_version) +
                                          " only; use the Ballast that wrote it, or a newer one");
    }
    return {};
}

Result<std::int64_t> schema_version(Database& db) { return db.integer("PRAGMA user_version"); }

}  // namespace ballast::sqlite
