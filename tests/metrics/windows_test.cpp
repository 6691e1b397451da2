// SPDX-License-Identifier: Apache-2.0
#include "metrics/windows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/metrics/readings.hpp"

namespace ballast {
namespace {

using test::ns_per_s;

// One guest called "a" on h1 with 4 CPUs of 2000 MHz.
CounterReading at(double at_s, double cpu_s, const std::string& uuid = "a", const std::string& host = "h1",
                  std::uint64_t incarnation = 1) {
    CounterReading reading;
    reading.uuid = uuid;
    reading.host = host;
    reading.incarnation = incarnation;
    reading.at_s = at_s;
    reading.mhz_per_cpu = 2000.0;
    reading.host_cpus = 4;
    reading.counters.cpu_ns = static_cast<std::uint64_t>(cpu_s * 1e9);
    return reading;
}

using Readings = std::vector<CounterReading>;

std::vector<double> samples(const DemandWindows& windows, const std::string& uuid) {  // oldest first
    const std::vector<std::string> uuids = {uuid};
    const History history = windows.history(uuids);
    std::vector<double> values;
    for (std::size_t age = history.sample_count(); age-- > 0;) values.push_back(history.cpu_mhz(VmId(0), age));
    return values;
}

TEST(CounterRate, GrowthPerSecond) {
    EXPECT_DOUBLE_EQ(*counter_rate(10.0, 100, 12.5, 200), 40.0);
    EXPECT_DOUBLE_EQ(*counter_rate(10.0, 100, 12.5, 100), 0.0);
}

TEST(CounterRate, NoRateForACounterThatWentBackOrTimeThatDidNotPass) {
    EXPECT_FALSE(counter_rate(10.0, 200, 12.0, 199));
    EXPECT_FALSE(counter_rate(10.0, 100, 10.0, 200));
    EXPECT_FALSE(counter_rate(10.0, 100, 9.0, 200));
    EXPECT_FALSE(counter_rate(std::nan(""), 100, 10.0, 200));
    EXPECT_FALSE(counter_rate(0.0, std::numeric_limits<std::uint64_t>::max(), 1.0, 5));  // wrapped at 2^64
}

TEST(DemandWindows, TheFirstReadingGivesNoSample) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 77.0)});
    EXPECT_FALSE(windows.demand("a").fresh);
    EXPECT_EQ(windows.demand("a").cpu_mhz, 0.0);
    EXPECT_TRUE(samples(windows, "a").empty());
}

TEST(DemandWindows, UsesTheTimeThatReallyPassed) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 5.0)});
    windows.advance(10.0, Readings{at(10.0, 6.0)});  // 1.0 s in 10 s = 0.1 CPU = 200 MHz
    EXPECT_TRUE(windows.demand("a").fresh);
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
    windows.advance(12.5, Readings{at(12.5, 6.5)});  // 0.5 s in 2.5 s = 0.2 CPU = 400 MHz
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 400.0);
    windows.advance(52.5, Readings{at(52.5, 10.5)});  // 4.0 s in 40 s = 0.1 CPU = 200 MHz
    EXPECT_EQ(samples(windows, "a"), (std::vector{200.0, 400.0, 200.0}));
}

TEST(DemandWindows, WaitingForACpuIsDemandToo) {
    DemandWindows windows(4, 10.0);
    CounterReading first = at(0.0, 5.0);
    first.counters.waited_ns = 7 * ns_per_s;
    CounterReading second = at(10.0, 8.0);
    second.counters.waited_ns = 12 * ns_per_s;
    windows.advance(0.0, Readings{first});
    windows.advance(10.0, Readings{second});  // 3 s used and 5 s waited in 10 s = 0.8 CPU = 1600 MHz
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 1600.0);
    EXPECT_DOUBLE_EQ(windows.demand("a").used_mhz, 600.0);
    CounterReading third = at(20.0, 9.0);
    third.counters.waited_ns = 0;  // went back: what was used still counts
    windows.advance(20.0, Readings{third});
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
}

// Intervals of 10 s: the last six count. In each it used 6 s and waited 2 s, but for what is said.
struct Waiting {
    void pass(double used_s, double waited_s, double swapped_bytes = 0.0) {
        now_s += 10.0;
        cpu_s += used_s;
        reading = at(now_s, cpu_s);
        reading.counters.waited_ns = static_cast<std::uint64_t>((total_waited_s += waited_s) * 1e9);
        reading.counters.swap_bytes = static_cast<std::uint64_t>(swapped += swapped_bytes);
        windows.advance(now_s, Readings{reading});
    }
    DemandWindows windows{20, 10.0};
    CounterReading reading;
    double now_s = 0.0, cpu_s = 0.0, total_waited_s = 0.0, swapped = 0.0;
};

TEST(DemandWindows, WhatIsWaitedForIsASignOnceAMinuteIsFull) {
    Waiting guest;
    guest.pass(0.0, 0.0);
    for (int i = 0; i < 5; ++i) guest.pass(6.0, 2.0);
    EXPECT_FALSE(guest.windows.pressure("a").cpu_wait);
    guest.pass(6.0, 2.0);
    EXPECT_DOUBLE_EQ(*guest.windows.pressure("a").cpu_wait, 0.25);  // 0.2 of 0.8 CPUs
    guest.pass(1.0, 9.0);
    EXPECT_DOUBLE_EQ(*guest.windows.pressure("a").cpu_wait, 0.25);  // a burst is not in it …
    guest.pass(9.0, 1.0);
    EXPECT_DOUBLE_EQ(*guest.windows.pressure("a").cpu_wait, 0.1);  // … and calm is, at once
    guest.pass(1.5, 0.5);
    EXPECT_DOUBLE_EQ(*guest.windows.pressure("a").cpu_wait, 0.1);  // 0.05 of 0.2 CPUs, which count as 0.5: 0.1
    EXPECT_FALSE(guest.windows.pressure("b").cpu_wait);
}

TEST(DemandWindows, AMissingIntervalTakesTheSignAway) {
    Waiting guest;
    for (int i = 0; i < 8; ++i) guest.pass(6.0, 2.0);
    EXPECT_TRUE(guest.windows.pressure("a").cpu_wait);
    guest.windows.advance(guest.now_s += 10.0, Readings{});
    EXPECT_FALSE(guest.windows.pressure("a").cpu_wait);
    DemandWindows windows(20, 60.0);  // of a host that does not tell
    windows.advance(0.0, Readings{at(0.0, 0.0)});
    windows.advance(60.0, Readings{at(60.0, 30.0)});
    EXPECT_TRUE(windows.demand("a").fresh);
    EXPECT_FALSE(windows.pressure("a").cpu_wait);
    EXPECT_FALSE(windows.pressure("a").swap_bytes_per_s);
}

TEST(DemandWindows, SwappingIsASignThatLasts) {
    Waiting guest;
    guest.pass(0.0, 0.0);
    for (int i = 0; i < 6; ++i) guest.pass(6.0, 2.0, i == 2 ? 2e7 : 3e7);
    EXPECT_DOUBLE_EQ(*guest.windows.pressure("a").swap_bytes_per_s, 2e6);
}

TEST(DemandWindows, ReadingTimeCountsNotTheTimeOfTheCall) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 0.0)});
    windows.advance(10.0, Readings{at(8.0, 2.0)});  // the host answered early: 2.0 s in 8 s = 0.25 CPU = 500 MHz
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 500.0);
}

TEST(DemandWindows, ACounterThatGoesBackGivesAMissingSampleAndKeepsTheLastDemand) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 5.0)});
    windows.advance(10.0, Readings{at(10.0, 6.0)});
    windows.advance(20.0, Readings{at(20.0, 0.3)});  // the guest was restarted
    EXPECT_FALSE(windows.demand("a").fresh);
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
    windows.advance(30.0, Readings{at(30.0, 2.3)});  // 2 s in 10 s = 400 MHz
    EXPECT_TRUE(windows.demand("a").fresh);
    const std::vector<double> values = samples(windows, "a");
    ASSERT_EQ(values.size(), 3U);
    EXPECT_EQ(values[0], 200.0);
    EXPECT_TRUE(std::isnan(values[1]));
    EXPECT_EQ(values[2], 400.0);
}

TEST(DemandWindows, AMigrationGivesAMissingSampleEvenIfTheCounterGrew) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 5.0)});
    windows.advance(10.0, Readings{at(10.0, 6.0)});
    windows.advance(20.0, Readings{at(20.0, 9.0, "a", "h2", 7)});  // the counter of another process on another host
    EXPECT_FALSE(windows.demand("a").fresh);
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
    windows.advance(30.0, Readings{at(30.0, 10.0, "a", "h2", 7)});  // from here on as usual
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
    EXPECT_TRUE(windows.demand("a").fresh);
}

TEST(DemandWindows, ThereAndBackBetweenTwoReadingsIsSeenByTheProcess) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 1.0, "a", "h1", 3)});
    windows.advance(10.0, Readings{at(10.0, 5.0, "a", "h1", 9)});  // it would be 0.4 CPU: plausible and wrong
    EXPECT_FALSE(windows.demand("a").fresh);
}

TEST(DemandWindows, MoreThanTheHostHasIsNoSample) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 0.0)});
    windows.advance(10.0, Readings{at(10.0, 50.0)});  // 5 CPUs of a host with 4
    EXPECT_FALSE(windows.demand("a").fresh);
    windows.advance(20.0, Readings{at(20.0, 92.0)});  // 4.2 CPUs: the reading's slack; counts as all 4 = 8000 MHz
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 8000.0);
}

TEST(DemandWindows, AMissingGuestKeepsItsDemandAndMissesOneSampleMore) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 0.0)});
    windows.advance(10.0, Readings{at(10.0, 1.0)});
    windows.advance(20.0, Readings{});  // its host did not answer
    EXPECT_FALSE(windows.demand("a").fresh);
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
    windows.advance(30.0, Readings{at(30.0, 9.0)});  // a rate over the gap would be no sample of one interval
    EXPECT_FALSE(windows.demand("a").fresh);
    windows.advance(40.0, Readings{at(40.0, 10.0)});
    EXPECT_TRUE(windows.demand("a").fresh);
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
}

TEST(DemandWindows, GuestsThatAppearHaveNoPastAndGuestsThatLeaveAreForgotten) {
    DemandWindows windows(2, 10.0);
    windows.advance(0.0, Readings{at(0.0, 0.0, "a")});
    windows.advance(10.0, Readings{at(10.0, 1.0, "a"), at(10.0, 0.0, "b")});
    windows.advance(20.0, Readings{at(20.0, 2.0, "b")});
    const std::vector<double> b = samples(windows, "b");
    ASSERT_EQ(b.size(), 2U);
    EXPECT_TRUE(std::isnan(b[0]));
    EXPECT_EQ(b[1], 400.0);
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);
    windows.advance(30.0, Readings{});
    EXPECT_DOUBLE_EQ(windows.demand("a").cpu_mhz, 200.0);  // two samples missing: its window still exists
    windows.advance(40.0, Readings{});
    EXPECT_EQ(windows.demand("a").cpu_mhz, 0.0);  // three of two
}

TEST(DemandWindows, KeepsTheNewestSamples) {
    DemandWindows windows(3, 10.0);
    for (int i = 0; i <= 5; ++i) {  // interval i uses i * 0.1 s in 10 s = i * 20 MHz
        windows.advance(10.0 * i, Readings{at(10.0 * i, 0.1 * i * (i + 1) / 2)});
    }
    const std::vector<double> values = samples(windows, "a");
    ASSERT_EQ(values.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(values[i], 60.0 + 20.0 * static_cast<double>(i), 1e-3);
}

TEST(DemandWindows, ACallTooSoonChangesNothing) {
    DemandWindows windows(4, 10.0);
    EXPECT_TRUE(windows.advance(0.0, Readings{at(0.0, 0.0)}));
    EXPECT_TRUE(windows.advance(10.0, Readings{at(10.0, 1.0)}));
    EXPECT_FALSE(windows.advance(10.5, Readings{at(10.5, 1.5)}));  // would be one CPU
    EXPECT_EQ(samples(windows, "a"), (std::vector{200.0}));
    EXPECT_TRUE(windows.advance(20.0, Readings{at(20.0, 3.0)}));  // 2 s in 10 s, counted from the last that counted
    EXPECT_EQ(samples(windows, "a"), (std::vector{200.0, 400.0}));
}

TEST(DemandWindows, NetworkAndDiskAreMeasuredOnTheirOwn) {
    DemandWindows windows(4, 10.0);
    CounterReading first = at(0.0, 0.0);
    first.counters.network_bytes = 1000;
    first.counters.disk_bytes = 1000;
    CounterReading second = at(10.0, 1.0);
    second.counters.network_bytes = 51000;  // 5000 B/s
    second.counters.disk_bytes = 500;       // a disk was taken out
    windows.advance(0.0, Readings{first});
    windows.advance(10.0, Readings{second});
    EXPECT_DOUBLE_EQ(windows.demand("a").network_bytes_per_s, 5000.0);
    EXPECT_DOUBLE_EQ(windows.demand("a").disk_bytes_per_s, 0.0);
    EXPECT_TRUE(windows.demand("a").fresh);
}

TEST(DemandWindows, WithoutACpuCounterThereIsNoSample) {
    DemandWindows windows(4, 10.0);
    windows.advance(0.0, Readings{at(0.0, 0.0)});
    CounterReading mute = at(10.0, 0.0);
    mute.counters.cpu_ns.reset();
    windows.advance(10.0, Readings{mute});
    EXPECT_FALSE(windows.demand("a").fresh);
    windows.advance(20.0, Readings{at(20.0, 2.0)});  // no counter to compare with
    EXPECT_FALSE(windows.demand("a").fresh);
}

// Whatever hosts report, at whatever times: a sample is missing or between zero and what the host has.
TEST(DemandWindowsProperty, SamplesArePossible) {
    EXPECT_TRUE(rc::check([] {
        DemandWindows windows(8, 10.0);
        double now_s = 0.0;
        const int steps = *rc::gen::inRange(1, 30);
        for (int i = 0; i < steps; ++i) {
            now_s += *rc::gen::inRange(0, 300) / 10.0;
            Readings readings;
            const int guests = *rc::gen::inRange(0, 4);
            for (int g = 0; g < guests; ++g) {
                CounterReading reading = at(now_s + *rc::gen::inRange(-20, 20) / 10.0, 0.0,
                                            std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 3))),
                                            *rc::gen::inRange(0, 5) == 0 ? "h2" : "h1", *rc::gen::inRange(1, 3));
                reading.counters.cpu_ns = *rc::gen::arbitrary<std::uint64_t>();
                if (*rc::gen::arbitrary<bool>()) *reading.counters.cpu_ns %= 20 * ns_per_s;
                reading.counters.network_bytes = *rc::gen::arbitrary<std::uint64_t>();
                readings.push_back(reading);
            }
            windows.advance(now_s, readings);
            for (const char* uuid : {"a", "b", "c"}) {
                const GuestDemand demand = windows.demand(uuid);
                RC_ASSERT(demand.cpu_mhz >= 0.0 && demand.cpu_mhz <= 8000.0);
                RC_ASSERT(std::isfinite(demand.network_bytes_per_s) && demand.network_bytes_per_s >= 0.0);
                const std::vector<double> values = samples(windows, uuid);
                for (const double value : values) RC_ASSERT(std::isnan(value) || (value >= 0.0 && value <= 8000.0));
                if (demand.fresh) RC_ASSERT(values.back() == demand.cpu_mhz);
                if (!demand.fresh && !values.empty()) RC_ASSERT(std::isnan(values.back()));
            }
        }
    }));
}

}  // namespace
}  // namespace ballast
