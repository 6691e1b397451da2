// SPDX-License-Identifier: Apache-2.0
// The column map of `ballast trace import --format csv --columns MAP.toml`. Every key is explained in
// docs/formats/trace.md.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "simulator/trace/import/generic_csv.hpp"

namespace ballast {

// Errors: usage, "file:line:column: problem".
[[nodiscard]] Result<CsvMap> load_trace_columns(const std::string& path);
[[nodiscard]] Result<CsvMap> parse_trace_columns(std::string_view text, const std::string& name);

}  // namespace ballast
