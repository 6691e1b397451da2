// SPDX-License-Identifier: Apache-2.0
#include "metrics/host_overhead.hpp"

#include <gtest/gtest.h>

#include "tests/metrics/readings.hpp"

namespace ballast {
namespace {

using test::guest;

// Feeds one host's readings through windows and overhead, as the assembler does. 2000 MHz per CPU, 4 CPUs.
class OverheadTest : public testing::Test {
  protected:
    double read(double at_s, double busy_s, const std::vector<GuestReading>& guests) {
        HostReading reading = test::reading("h1", at_s, guests);
        if (busy_s >= 0.0) reading.node_busy_ns = static_cast<std::uint64_t>(busy_s * 1e9);
        std::vector<CounterReading> counters;
        for (const GuestReading& g : guests) {
            if (g.state != GuestState::running) continue;
            counters.push_back({g.uuid, "h1", g.incarnation, at_s, 2000.0, 4, g.counters});
        }
        windows_.advance(at_s, counters);
        return overhead_.update(reading, 2000.0, windows_);
    }

    DemandWindows windows_{4, 10.0};
    HostOverhead overhead_;
};

TEST_F(OverheadTest, IsWhatTheGuestsDidNotUse) {
    EXPECT_EQ(read(0, 100.0, {guest("a", 0)}), 0.0);
    // 3 s in 10 s = 0.3 CPU; the guest 2 s = 0.2 CPU = 400 MHz; the host itself 0.1 CPU = 200 MHz.
    EXPECT_NEAR(read(10, 103.0, {guest("a", 2000)}), 200.0, 1e-6);
}

TEST_F(OverheadTest, AGuestThatWaitsUsesNothing) {
    GuestReading before = guest("a", 0);
    before.counters.waited_ns = 0;
    GuestReading after = guest("a", 2000);
    after.counters.waited_ns = 4'000'000'000;
    EXPECT_EQ(read(0, 100.0, {before}), 0.0);
    EXPECT_NEAR(read(10, 103.0, {after}), 200.0, 1e-6);  // as if it had not waited
}

TEST_F(OverheadTest, IsNeverNegative) {
    EXPECT_EQ(read(0, 100.0, {guest("a", 0)}), 0.0);
    EXPECT_EQ(read(10, 101.0, {guest("a", 1200)}), 0.0);  // read at slightly different instants
}

TEST_F(OverheadTest, StaysAsItWasWhileItCannotBeKnown) {
    read(0, 100.0, {guest("a", 0)});
    EXPECT_NEAR(read(10, 103.0, {guest("a", 2000)}), 200.0, 1e-6);
    // b is new and has no sample: its 1 CPU must not look like the host's own.
    EXPECT_NEAR(read(20, 116.0, {guest("a", 4000), guest("b", 10000)}), 200.0, 1e-6);
    // Now it has: 16 s in 10 s = 1.6 CPUs, a 0.2 and b 1.0: 0.4 CPU = 800 MHz.
    EXPECT_NEAR(read(30, 132.0, {guest("a", 6000), guest("b", 20000)}), 800.0, 1e-6);
    // b left in between: what it used until then cannot be told from the host's own.
    EXPECT_NEAR(read(40, 140.0, {guest("a", 8000)}), 800.0, 1e-6);
    // The machine was rebooted: its counter went back.
    EXPECT_NEAR(read(50, 5.0, {guest("a", 10000)}), 800.0, 1e-6);
    // No counter at all, then one again but none to compare with.
    EXPECT_NEAR(read(60, -1.0, {guest("a", 12000)}), 800.0, 1e-6);
    EXPECT_NEAR(read(70, 20.0, {guest("a", 14000)}), 800.0, 1e-6);
    EXPECT_NEAR(read(80, 25.0, {guest("a", 16000)}), 600.0, 1e-6);  // 0.5 - 0.2 CPU
}

TEST_F(OverheadTest, AGuestReplacedByAnotherIsNotTheHostsOwnUse) {
    read(0, 100.0, {guest("a", 0)});
    EXPECT_NEAR(read(10, 103.0, {guest("a", 2000)}), 200.0, 1e-6);
    EXPECT_NEAR(read(20, 118.0, {guest("b", 9000)}), 200.0, 1e-6);    // as many guests as before, but b has no sample
    EXPECT_NEAR(read(30, 130.0, {guest("b", 100, 2)}), 200.0, 1e-6);  // restarted: no sample again
}

// A paused copy takes no part: it neither needs a sample nor counts as a guest.
TEST_F(OverheadTest, HeldGuestsDoNotCount) {
    read(0, 100.0, {guest("a", 0)});
    EXPECT_NEAR(read(10, 103.0, {guest("a", 2000), test::held(guest("b", 0))}), 200.0, 1e-6);
}

}  // namespace
}  // namespace ballast
