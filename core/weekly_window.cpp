// SPDX-License-Identifier: Apache-2.0
#include "core/weekly_window.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ballast {

namespace {

constexpr double seconds_per_minute = 60.0;

// 1970-01-01, day 0, was a Thursday.
bool opens_on(const WeeklyWindow& window, std::int64_t day) {
    const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;
    return ((window.days >> weekday) & 1) != 0;
}

}  // namespace

std::optional<int> find_weekday(std::string_view name) {
    const auto it = std::find(weekday_names.begin(), weekday_names.end(), name);
    if (it == weekday_names.end()) return std::nullopt;
    return static_cast<int>(it - weekday_names.begin());
}

std::optional<double> open_until(const WeeklyWindow& window, double unix_time_s) {
    const double now_min = unix_time_s / seconds_per_minute + window.utc_offset_min;
    const auto today = static_cast<std::int64_t>(std::floor(now_min / minutes_per_day));
    int length_min = window.closes_min - window.opens_min;
    if (length_min <= 0) length_min += minutes_per_day;
    const auto opens = [&](std::int64_t day) { return static_cast<double>(day * minutes_per_day + window.opens_min); };

    for (const std::int64_t first : {today - 1, today}) {
        const bool open = now_min >= opens(first) && now_min < opens(first) + length_min;
        if (!opens_on(window, first) || !open) continue;
        std::int64_t last = first;  // where one closes as the next opens, they are one
        while (length_min == minutes_per_day && opens_on(window, last + 1)) {
            if (++last - first > 7) return std::numeric_limits<double>::infinity();
        }
        return (opens(last) + length_min - window.utc_offset_min) * seconds_per_minute;
    }
    return std::nullopt;
}

}  // namespace ballast
