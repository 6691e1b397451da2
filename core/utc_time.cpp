// SPDX-License-Identifier: Apache-2.0
#include "core/utc_time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "core/check.hpp"

namespace ballast {

std::string utc_text(double unix_time_s) {
    BALLAST_CHECK(unix_time_s >= 0.0 && unix_time_s <= unix_time_max_s, "a time from 1970 to 9999");
    const std::chrono::sys_seconds time{std::chrono::seconds(static_cast<std::int64_t>(unix_time_s))};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time - day).count();
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
    return text.data();
}

}  // namespace ballast
