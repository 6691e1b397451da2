// SPDX-License-Identifier: Apache-2.0
#include "control/acting_limits.hpp"

#include <gtest/gtest.h>

namespace ballast {
namespace {

// 2026-11-27 was a Friday; 1795737600 is its midnight UTC.
constexpr double friday_s = 1795737600.0;
constexpr double hour_s = 3600.0;

WeeklyWindow window(std::uint8_t days, int from_hour, int to_hour) { return {days, from_hour * 60, to_hour * 60, 0}; }

JournalMove ended(double ago_s, bool failed = false) { return {"vm", "h1", "h2", ago_s, failed}; }

TEST(ActingLimits, WithoutWindowsItIsAlwaysTime) { EXPECT_FALSE(closed_because({}, friday_s)); }

TEST(ActingLimits, OneOpenWindowIsEnough) {
    const std::uint8_t every_day = 0x7F;
    const std::uint8_t saturday = 1 << 5;
    const ActingLimits limits{{window(every_day, 22, 6), window(saturday, 12, 14)}, 0, 0};
    EXPECT_FALSE(closed_because(limits, friday_s + 23 * hour_s));
    EXPECT_EQ(closed_because(limits, friday_s + 13 * hour_s), "outside the windows of [run]");
    EXPECT_FALSE(closed_because(limits, friday_s + 37 * hour_s));  // Saturday 13:00
}

TEST(ActingLimits, EveryEndedMigrationCountsAgainstBothBudgets) {
    const std::vector<JournalMove> past = {ended(10.0), ended(3599.0, true), ended(3600.0), ended(86399.0),
                                           ended(86400.0)};  // two within the hour, four within the day
    EXPECT_EQ(moves_left({}, past), std::nullopt);
    EXPECT_EQ(moves_left({{}, 5, 0}, past), 3U);
    EXPECT_EQ(moves_left({{}, 0, 5}, past), 1U);
    EXPECT_EQ(moves_left({{}, 5, 100}, past), 3U);
    EXPECT_EQ(moves_left({{}, 5, 5}, past), 1U);
    EXPECT_EQ(moves_left({{}, 1, 5}, past), 0U) << "never below zero";
}

}  // namespace
}  // namespace ballast
