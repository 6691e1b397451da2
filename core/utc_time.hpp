// SPDX-License-Identifier: Apache-2.0
// Points in time as people write them.
#pragma once

#include <string>

namespace ballast {

// The last second of the year 9999: no time that Ballast takes in is later or before 1970.
inline constexpr double unix_time_max_s = 253'402'300'799.0;

// "2026-11-28 06:00 UTC", to the minute. `unix_time_s` is from 0 to unix_time_max_s.
[[nodiscard]] std::string utc_text(double unix_time_s);

}  // namespace ballast
