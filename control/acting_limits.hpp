// SPDX-License-Identifier: Apache-2.0
// When the loop may act by itself, and how much: windows of the week, and a budget of migrations. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/ports/journal.hpp"
#include "core/weekly_window.hpp"

namespace ballast {

struct ActingLimits {
    std::vector<WeeklyWindow> windows;   // something may be begun while one of them is open; none = always
    std::size_t moves_per_hour_max = 0;  // migrations in the whole cluster; 0 = no limit
    std::size_t moves_per_day_max = 0;   // likewise, in 24 hours
};

// Why nothing may be begun at this time, in words; nothing if it may.
[[nodiscard]] std::optional<std::string> closed_because(const ActingLimits& limits, double unix_time_s);

// How many migrations may be begun now, after these, which have ended: all count, also the failed ones. Nothing if
// there is no limit. O(past).
[[nodiscard]] std::optional<std::size_t> moves_left(const ActingLimits& limits, std::span<const JournalMove> past);

}  // namespace ballast
