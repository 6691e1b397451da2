// SPDX-License-Identifier: Apache-2.0
// A window that opens at the same time on certain days of the week: Monday to Friday from 22:00 to 06:00.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ballast {

inline constexpr std::array<std::string_view, 7> weekday_names = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
inline constexpr int minutes_per_day = 1440;

// 0 for "Mon" … 6 for "Sun".
[[nodiscard]] std::optional<int> find_weekday(std::string_view name);

struct WeeklyWindow {
    std::uint8_t days = 0x7F;  // on which it opens: bit 0 = Monday … bit 6 = Sunday; at least one
    int opens_min = 0;         // minutes after midnight, 0 to 1439
    int closes_min = 0;        // likewise; at or before opens_min: on the next day
    int utc_offset_min = 0;    // of the clock that days and minutes are read from, -1439 to 1439

    friend bool operator==(const WeeklyWindow&, const WeeklyWindow&) = default;
};

// When the window that is open at this time closes, in Unix seconds: infinity if it never does. Nothing if it is
// closed.
[[nodiscard]] std::optional<double> open_until(const WeeklyWindow& window, double unix_time_s);

}  // namespace ballast
