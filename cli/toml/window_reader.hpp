// SPDX-License-Identifier: Apache-2.0
// The window of the week that a table describes with days, between and utc_offset.
#pragma once

#include "cli/toml/table_reader.hpp"
#include "core/weekly_window.hpp"

namespace ballast::toml_io {

// Without any of these keys: every day, all day.
[[nodiscard]] WeeklyWindow read_window(TableReader& table);

}  // namespace ballast::toml_io
