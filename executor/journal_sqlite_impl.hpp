// SPDX-License-Identifier: Apache-2.0
// What the parts of SqliteJournal share. Internal to journal_sqlite.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "executor/journal_sqlite.hpp"
#include "executor/journal_sqlite_db.hpp"
#include "executor/writer_lock.hpp"

namespace ballast {

namespace sqlite {

inline constexpr std::string_view open_migration_states = "('intended', 'migrating', 'verifying', 'needs-operator')";

template <typename T, typename ReadRow>
Result<std::vector<T>> read_all(Statement& statement, ReadRow read_row) {
    std::vector<T> all;
    for (;;) {
        const Result<bool> row = statement.row();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return all;
        Result<T> one = read_row(statement);
        if (!one) return tl::unexpected(one.error());
        all.push_back(std::move(*one));
    }
}

}  // namespace sqlite

struct SqliteJournal::Impl {
    std::string path;
    std::optional<WriterLock> lock;  // released last
    sqlite::Database db;
    std::mutex mutex;  // guards db: last_row_id() and changes() belong to the statement before

    Impl(std::string path_, std::optional<WriterLock> lock_, sqlite::Database db_)
        : path(std::move(path_)), lock(std::move(lock_)), db(std::move(db_)) {}

    tl::unexpected<Error> error(const Error& inner) const {
        return fail(inner.kind, "journal " + path + ": " + inner.message);
    }
    Status status(Status inner) const {
        if (!inner) return error(inner.error());
        return inner;
    }
    Status may_write() const {
        if (!lock) return fail(ErrorKind::refused, "journal " + path + " is open for reading only");
        return {};
    }
    // With the mutex held. `rest` follows FROM and has one parameter; nothing from a journal without power.
    Result<std::vector<SwitchRecord>> switches(const std::string& rest, double parameter);
};

}  // namespace ballast
