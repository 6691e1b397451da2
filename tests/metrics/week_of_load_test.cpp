// SPDX-License-Identifier: Apache-2.0
#include "metrics/week_of_load.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "metrics/outlook_maker.hpp"

namespace ballast {
namespace {

constexpr double hour_s = 3600.0;
constexpr double day_s = 24.0 * hour_s;
constexpr double start_s = 1000.0 * 7.0 * day_s;  // some Thursday, 00:00 UTC

// One sample in the middle of each hour: mhz_of(day, hour).
template <typename Load>
WeekOfLoad learnt(int hours, const Load& mhz_of) {
    WeekOfLoad week;
    for (int h = 0; h < hours; ++h) week.add(start_s + (h + 0.5) * hour_s, mhz_of(h / 24, h % 24));
    return week;
}

TEST(WeekOfLoadTest, NothingIsExpectedBeforeADayIsKnown) {
    // Eleven hours; the last is not over, and the one before does not count yet: of 08:30 of the next day something is
    // known, of 09:30 nothing.
    const WeekOfLoad week = learnt(11, [](int, int) { return 100.0; });
    EXPECT_TRUE(week.expected_mhz(start_s + day_s + 8.5 * hour_s - 1.0));
    EXPECT_FALSE(week.expected_mhz(start_s + day_s + 9.5 * hour_s));
    EXPECT_FALSE(WeekOfLoad().expected_mhz(start_s));
    EXPECT_FALSE(WeekOfLoad().knows_anything());
}

// 08:00 to 09:00 brings 500 MHz every day, the other hours 100.
TEST(WeekOfLoadTest, TheSameHourOfTheDayBefore) {
    const WeekOfLoad week = learnt(34, [](int, int hour) { return hour == 8 ? 500.0 : 100.0; });
    EXPECT_DOUBLE_EQ(week.expected_mhz(start_s + day_s + 8.5 * hour_s).value(), 500.0);
    EXPECT_DOUBLE_EQ(week.expected_mhz(start_s + day_s + 8.0 * hour_s).value(), 300.0);   // between two middles
    EXPECT_DOUBLE_EQ(week.expected_mhz(start_s + day_s + 8.25 * hour_s).value(), 400.0);  // a quarter from the middle
}

// The example of week_of_load.hpp; the days are called as there.
TEST(WeekOfLoadTest, TheSameDayOfTheWeekCountsThreeTimes) {
    const double mhz[] = {400.0, 600.0, 800.0};
    WeekOfLoad week = learnt(3 * 24 + 1, [&](int day, int) { return day < 3 ? mhz[day] : 0.0; });
    // The next week's third day: (3 * 800 + (400 + 600) / 2) / 4; hour 8 of the fourth day is not known.
    EXPECT_NEAR(week.expected_mhz(start_s + 9.0 * day_s + 8.5 * hour_s).value(), 725.0, 1e-3);
    // A day of the week that is not known: the mean of the three.
    EXPECT_NEAR(week.expected_mhz(start_s + 3.0 * day_s + 8.5 * hour_s).value(), 600.0, 1e-3);
}

// Three days of 400 MHz, then one of 100, always flat: nothing is expected to change on that day. (Of the next day, to
// which it belongs, a little less is expected.)
TEST(WeekOfLoadTest, AQuietDayIsNoRamp) {
    WeekOfLoad week;
    for (int minute = 0; minute < (3 * 24 + 22) * 60; minute += 5) {
        const double now_s = start_s + minute * 60.0;
        week.add(now_s, minute < 3 * 24 * 60 ? 400.0 : 100.0);
        if (minute < 27 * 60) continue;
        const WeekOfLoad* const weeks[] = {&week};
        const Outlook outlook = make_outlook(weeks, now_s);
        for (std::size_t step = 1; step < Outlook::steps; ++step) EXPECT_EQ(outlook.rise_mhz(VmId(0), step), 0.0);
    }
}

// The newest week counts 0.4: 100, then 200 -> 140. Other days do not blur it: they all bring the same.
TEST(WeekOfLoadTest, OldWeeksFade) {
    const WeekOfLoad week = learnt(14 * 24 + 1, [](int day, int) { return day < 7 ? 100.0 : 200.0; });
    EXPECT_NEAR(week.expected_mhz(start_s + 14.0 * day_s + 8.5 * hour_s).value(), 140.0, 1e-3);
}

TEST(WeekOfLoadTest, SamplesOfAnHourAreAveraged) {
    WeekOfLoad week;
    for (int h = 0; h < 26; ++h) {
        for (const double mhz : {100.0, 300.0}) week.add(start_s + h * hour_s + mhz, mhz);
    }
    EXPECT_NEAR(week.expected_mhz(start_s + day_s + 0.5 * hour_s).value(), 200.0, 1e-3);
}

// Always 100, and then 150 in one hour: the first errors are 0, 24 hours long; then 0 + 0.1 * 50.
TEST(WeekOfLoadTest, KnowsHowWrongItWas) {
    WeekOfLoad week = learnt(48, [](int, int) { return 100.0; });
    week.add(start_s + 48.5 * hour_s, 150.0);
    EXPECT_EQ(week.deviation_mhz(), 0.0);
    week.add(start_s + 49.5 * hour_s, 100.0);  // closes the hour before
    EXPECT_NEAR(week.deviation_mhz(), 5.0, 1e-4);
}

TEST(OutlookMaker, AVmOfWhichNothingIsKnownStaysAsItIs) {
    const WeekOfLoad known = learnt(40, [](int, int hour) { return hour == 9 ? 500.0 : 100.0; });
    const WeekOfLoad unknown;
    const std::vector<const WeekOfLoad*> weeks = {&unknown, &known, nullptr};
    const Outlook outlook = make_outlook(weeks, start_s + day_s + 8.5 * hour_s);
    for (const std::size_t v : {0, 2}) {
        for (std::size_t step = 0; step < Outlook::steps; ++step) EXPECT_EQ(outlook.rise_mhz(VmId(v), step), 0.0);
    }
    // From the middle of an hour of 100 to that of one of 500: a quarter of the rise per quarter of an hour.
    EXPECT_NEAR(outlook.rise_mhz(VmId(1), 1), 100.0, 1e-3);
    EXPECT_NEAR(outlook.rise_mhz(VmId(1), 4), 400.0, 1e-3);
}

}  // namespace
}  // namespace ballast
