// SPDX-License-Identifier: Apache-2.0
#include "core/weekly_window.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/utc_time.hpp"

namespace ballast {
namespace {

// Monday 2026-11-23 00:00 UTC.
constexpr double monday_s = 1'795'392'000.0;
constexpr double hour_s = 3600.0;
constexpr double day_s = 86'400.0;

std::string closes(const WeeklyWindow& window, double unix_time_s) {
    const auto until = open_until(window, unix_time_s);
    return until ? utc_text(*until) : "closed";
}

TEST(UtcTime, IsWrittenToTheMinute) {
    EXPECT_EQ(utc_text(0.0), "1970-01-01 00:00 UTC");
    EXPECT_EQ(utc_text(monday_s), "2026-11-23 00:00 UTC");
    EXPECT_EQ(utc_text(unix_time_max_s), "9999-12-31 23:59 UTC");
}

TEST(WeeklyWindow, ANightReachesIntoTheNextDay) {
    const WeeklyWindow nights{0b001'1111, 22 * 60, 6 * 60, 0};   // opens on Monday to Friday
    EXPECT_EQ(closes(nights, monday_s + 3 * hour_s), "closed");  // Sunday's night is none of its
    EXPECT_EQ(closes(nights, monday_s + 22 * hour_s - 1), "closed");
    EXPECT_EQ(closes(nights, monday_s + 22 * hour_s), "2026-11-24 06:00 UTC");
    EXPECT_EQ(closes(nights, monday_s + 30 * hour_s - 1), "2026-11-24 06:00 UTC");
    EXPECT_EQ(closes(nights, monday_s + 30 * hour_s), "closed");
    EXPECT_EQ(closes(nights, monday_s + 5 * day_s + hour_s), "2026-11-28 06:00 UTC");  // Friday's, on Saturday
    EXPECT_EQ(closes(nights, monday_s + 5 * day_s + 23 * hour_s), "closed");           // Saturday night
}

TEST(WeeklyWindow, WholeDaysInARowAreOne) {
    const WeeklyWindow weekend{0b110'0000, 0, 0, 0};
    EXPECT_EQ(closes(weekend, monday_s + 4 * day_s), "closed");
    EXPECT_EQ(closes(weekend, monday_s + 5 * day_s), "2026-11-30 00:00 UTC");
    EXPECT_EQ(closes(weekend, monday_s + 6 * day_s), "2026-11-30 00:00 UTC");
    EXPECT_EQ(open_until(WeeklyWindow{}, monday_s), std::numeric_limits<double>::infinity());
}

TEST(WeeklyWindow, IsReadFromItsOwnClock) {
    const WeeklyWindow noon{0b000'0001, 12 * 60, 13 * 60, 120};  // Monday 12:00 at +02:00 is 10:00 UTC
    EXPECT_EQ(closes(noon, monday_s + 10 * hour_s), "2026-11-23 11:00 UTC");
    EXPECT_EQ(closes(noon, monday_s + 11 * hour_s), "closed");
    EXPECT_EQ(closes(noon, monday_s + 12 * hour_s), "closed");
}

}  // namespace
}  // namespace ballast
