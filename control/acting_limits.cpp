// SPDX-License-Identifier: Apache-2.0
#include "control/acting_limits.hpp"

#include <algorithm>

namespace ballast {

namespace {

constexpr double hour_s = 3600.0;
constexpr double day_s = 24.0 * hour_s;

std::size_t left_of(std::size_t max, double window_s, std::span<const JournalMove> past) {
    const auto spent = static_cast<std::size_t>(
        std::count_if(past.begin(), past.end(), [&](const JournalMove& move) { return move.age_s < window_s; }));
    return max - std::min(max, spent);
}

}  // namespace

std::optional<std::string> closed_because(const ActingLimits& limits, double unix_time_s) {
    const auto is_open = [&](const WeeklyWindow& window) { return open_until(window, unix_time_s).has_value(); };
    if (limits.windows.empty() || std::any_of(limits.windows.begin(), limits.windows.end(), is_open)) {
        return std::nullopt;
    }
    return "outside the windows of [run]";
}

std::optional<std::size_t> moves_left(const ActingLimits& limits, std::span<const JournalMove> past) {
    std::optional<std::size_t> left;
    if (limits.moves_per_hour_max > 0) left = left_of(limits.moves_per_hour_max, hour_s, past);
    if (limits.moves_per_day_max > 0) {
        const std::size_t of_day = left_of(limits.moves_per_day_max, day_s, past);
        left = std::min(left.value_or(of_day), of_day);
    }
    return left;
}

}  // namespace ballast
