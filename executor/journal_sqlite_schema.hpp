// SPDX-License-Identifier: Apache-2.0
// The journal's schema and its version. Internal to journal_sqlite.
#pragma once

#include "executor/journal_sqlite_db.hpp"

namespace ballast::sqlite {

inline constexpr std::int64_t journal_schema_version = 3;

// Makes the tables in an empty file, adds those that a journal of an older version lacks. Errors as for check_schema.
[[nodiscard]] Status prepare_schema(Database& db);
// Success for a journal of this or an older version and for an empty file; changes nothing. Errors as for check_schema.
[[nodiscard]] Status check_usable(Database& db);
// Errors: usage if this is not a journal, or one of a newer (or unknown) version.
[[nodiscard]] Status check_schema(Database& db);
// The version of a journal, known to be one.
[[nodiscard]] Result<std::int64_t> schema_version(Database& db);

}  // namespace ballast::sqlite
