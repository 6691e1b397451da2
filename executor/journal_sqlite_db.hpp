// SPDX-License-Identifier: Apache-2.0
// The little of SQLite that the journal needs, with errors as values. Internal to journal_sqlite.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast::sqlite {

struct DatabaseCloser {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct StatementFinalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// One statement, bound left to right, stepped row by row. An error sticks and shows at the next row() or run().
class Statement {
  public:
    Statement(sqlite3* db, std::string_view sql);

    Statement& bind(std::int64_t value);
    Statement& bind(double value);  // NaN becomes NULL
    Statement& bind(std::string_view value);

    // True if there is a row, false at the end.
    [[nodiscard]] Result<bool> row();
    // For statements without rows.
    [[nodiscard]] Status run();

    // Columns of the current row, left to right.
    [[nodiscard]] std::int64_t integer() { return sqlite3_column_int64(statement_.get(), column_++); }
    [[nodiscard]] double number();  // NULL becomes NaN
    [[nodiscard]] std::string text();

  private:
    sqlite3* db_;
    std::unique_ptr<sqlite3_stmt, StatementFinalizer> statement_;
    int status_;
    int parameter_ = 0;
    int column_ = 0;
};

class Database {
  public:
    [[nodiscard]] static Result<Database> open(const std::string& path, int flags);

    [[nodiscard]] Statement prepare(std::string_view sql) { return {db_.get(), sql}; }
    [[nodiscard]] Status execute(const char* sql);
    [[nodiscard]] Result<std::int64_t> integer(std::string_view sql);  // the one value of a query
    [[nodiscard]] std::int64_t last_row_id() const { return sqlite3_last_insert_rowid(db_.get()); }
    [[nodiscard]] int changes() const { return sqlite3_changes(db_.get()); }

  private:
    explicit Database(sqlite3* db) : db_(db) {}
    std::unique_ptr<sqlite3, DatabaseCloser> db_;
};

// BEGIN IMMEDIATE … COMMIT; rolls back unless committed.
class Transaction {
  public:
    explicit Transaction(Database& db) : db_(db), begun_(db.execute("BEGIN IMMEDIATE")) {}
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    [[nodiscard]] const Status& begun() const { return begun_; }
    [[nodiscard]] Status commit();

  private:
    Database& db_;
    Status begun_;
    bool committed_ = false;
};

}  // namespace ballast::sqlite
