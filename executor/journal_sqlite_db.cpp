// SPDX-License-Identifier: Apache-2.0
#include "executor/journal_sqlite_db.hpp"

#include <cmath>
#include <limits>

namespace ballast::sqlite {

namespace {

constexpr int busy_timeout_ms = 5000;

// A file that is not a database, or a damaged one, is bad input; the rest is the machine's fault.
Error error_of(sqlite3* db, int status) {
    const int primary = status & 0xFF;
    const bool bad_input = primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT;
    return {bad_input ? ErrorKind::usage : ErrorKind::failed, sqlite3_errmsg(db)};
}

}  // namespace

Statement::Statement(sqlite3* db, std::string_view sql) : db_(db) {
    sqlite3_stmt* statement = nullptr;
    status_ = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    statement_.reset(statement);
}

Statement& Statement::bind(std::int64_t value) {
    if (status_ == SQLITE_OK) status_ = sqlite3_bind_int64(statement_.get(), ++parameter_, value);
    return *this;
}

Statement& Statement::bind(double value) {
    if (status_ == SQLITE_OK) status_ = sqlite3_bind_double(statement_.get(), ++parameter_, value);
    return *this;
}

Statement& Statement::bind(std::string_view value) {
    if (status_ == SQLITE_OK) {
        status_ = sqlite3_bind_text64(statement_.get(), ++parameter_, value.data(), value.size(), SQLITE_TRANSIENT,
                                      SQLITE_UTF8);
    }
    return *this;
}

Result<bool> Statement::row() {
    if (status_ == SQLITE_OK || status_ == SQLITE_ROW) status_ = sqlite3_step(statement_.get());
    column_ = 0;
    if (status_ == SQLITE_ROW) return true;
    if (status_ == SQLITE_DONE) return false;
    return tl::unexpected(error_of(db_, status_));
}

Status Statement::run() {
    const Result<bool> stepped = row();
    if (!stepped) return tl::unexpected(stepped.error());
    return {};
}

double Statement::number() {
    const int column = column_++;
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::numeric_limits<double>::quiet_NaN();
    return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text() {
    const int column = column_++;
    const void* data = sqlite3_column_text(statement_.get(), column);
    if (data == nullptr) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Result<Database> Database::open(const std::string& path, int flags) {
    sqlite3* raw = nullptr;
    const int status = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    Database db(raw);
    if (status != SQLITE_OK) return tl::unexpected(error_of(raw, status));
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, busy_timeout_ms);
    return db;
}

Status Database::execute(const char* sql) {
    const int status = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
    if (status != SQLITE_OK) return tl::unexpected(error_of(db_.get(), status));
    return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
    Statement statement = prepare(sql);
    const Result<bool> row = statement.row();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return fail(ErrorKind::failed, std::string("no answer to ") + std::string(sql));
    return statement.integer();
}

Transaction::~Transaction() {
    // A failed rollback leaves nothing behind either: SQLite has then rolled back by itself.
    if (begun_ && !committed_) static_cast<void>(db_.execute("ROLLBACK"));
}

Status Transaction::commit() {
    Status status = db_.execute("COMMIT");
    committed_ = status.has_value();
    return status;
}

}  // namespace ballast::sqlite
