// SPDX-License-Identifier: Apache-2.0
// Two hosts, two VMs, three intervals, all of it calculated by hand.
#include "simulator/world.hpp"

#include <gtest/gtest.h>

#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

// Both VMs start on h1. Demands in MHz, per interval of 100 s:   a 800 500 300,   b 400 200 100.
//
// Interval 0: b leaves for h2 at 0 s; copied and prepared until 13 s, stopped until 15 s.
//   [0, 13)    h1 is asked 1200 of 1000: a gets 800 * 1000/1200 = 2000/3, b gets 400 * 1000/1200 * 0.9 = 300; 200 W
//              h2 is asked 0.1 * 400 = 40: 104 W
//   [13, 15)   h1 800: 180 W; h2 0: 100 W; b gets nothing
//   [15, 100)  h1 800: 180 W; h2 400: 140 W
//   h1 200*13 + 180*87 = 18,260 J;  h2 104*13 + 100*2 + 140*85 = 13,452 J
// Interval 1: b goes back at 100 s, then h2 goes to sleep.
//   [100, 113) h1 500 + 20 = 520: 152 W; h2 200: 120 W; b gets 180
//   [113, 115) h1 500: 150 W; h2 0: 100 W
//   [115, 200) h1 700: 170 W; h2 10 s at 150 W, then 75 s at 10 W
//   h1 152*13 + 150*2 + 170*85 = 16,726 J;  h2 120*13 + 100*2 + 150*10 + 10*75 = 4,010 J
// Interval 2: h2 wakes up.
//   [200, 300) h1 400: 140 W; h2 20 s at 150 W, then 80 s at 100 W
//   h1 14,000 J;  h2 11,000 J
class HandCalculated : public testing::Test {
  protected:
    HandCalculated() : trace(trace_of(100.0, {{80, 40}, {50, 20}, {30, 10}})), run(trace, simple_options(2)) {
        run.begin();
        value(run.execute(plan({migrate(1, 0, 1)})));
        run.world.pass_interval();
        run.begin();
        value(run.execute(plan({migrate(1, 1, 0), switch_power(ActionKind::power_off, 1, {0})})));
        run.world.pass_interval();
        run.begin();
        value(run.execute(plan({switch_power(ActionKind::power_on, 1)})));
        run.world.pass_interval();
    }

    MemoryTraceSource trace;
    MeasuredWorld run;
};

TEST_F(HandCalculated, EndsWithTheTrace) {
    EXPECT_TRUE(run.world.finished());
    EXPECT_EQ(run.world.engine().now_s(), 300.0);
}

TEST_F(HandCalculated, Energy) {
    EXPECT_NEAR(run.energy.joules(HostId(0)), 18'260.0 + 16'726.0 + 14'000.0, 1e-6);
    EXPECT_NEAR(run.energy.joules(HostId(1)), 13'452.0 + 4'010.0 + 11'000.0, 1e-6);
    EXPECT_NEAR(run.energy.kwh(), 77'448.0 / 3.6e6, 1e-12);
}

TEST_F(HandCalculated, Sla) {
    const SlaFigures sla = run.sla.figures();
    // h1 is active all 300 s and violates for 13 s; h2 is asked for something in 13 + 85 + 13 s.
    EXPECT_NEAR(sla.slatah, 13.0 / 411.0, 1e-12);
    // Asked: a 100 * 1600, b 100 * 700. While migrating b misses 13*100 + 2*400 and 13*20 + 2*200.
    EXPECT_NEAR(sla.pdm, (2100.0 + 660.0) / 230'000.0, 1e-12);
    EXPECT_NEAR(sla.slav, sla.slatah * sla.pdm, 1e-15);
    // a misses 13 * (800 - 2000/3) in interval 0.
    const double a_misses = 13.0 * (800.0 - 2000.0 / 3.0);
    EXPECT_NEAR(sla.overall, (a_misses + 2100.0 + 660.0) / 230'000.0, 1e-12);
    // Three pairs of VM and interval with a shortfall: (a, 0), (b, 0), (b, 1).
    EXPECT_NEAR(sla.average, (a_misses / 80'000.0 + 2100.0 / 40'000.0 + 660.0 / 20'000.0) / 3.0, 1e-12);
}

TEST_F(HandCalculated, Counters) {
    EXPECT_EQ(run.migrations.started, 2U);
    EXPECT_NEAR(run.migrations.bytes, 2000.0 * bytes_per_mib, 1.0);
    EXPECT_NEAR(run.migrations.downtime_s, 4.0, 1e-12);
    EXPECT_EQ(run.power.shutdowns, 1U);
    EXPECT_EQ(run.power.starts, 1U);
    EXPECT_NEAR(run.contention.vm_s, 26.0, 1e-9);  // a and b, 13 s each
    // A sixth of 800 and of 400 MHz is missing, of 1000 MHz configured, for 13 s.
    EXPECT_NEAR(run.contention.ready_s(VmId(0)), 13.0 * 0.8 / 6.0, 1e-9);
    EXPECT_NEAR(run.contention.ready_s(VmId(1)), 13.0 * 0.4 / 6.0, 1e-9);
    EXPECT_EQ(run.contention.ready_s_max(), run.contention.ready_s(VmId(0)));
    EXPECT_NEAR(run.migrations.duration_s, 30.0, 1e-9);
}

TEST(World, ObservesDemandHistoryAndPower) {
    MemoryTraceSource trace = trace_of(100.0, {{80, 40}, {50, 20}});
    SimulationOptions options = simple_options(2);
    options.history_samples = 1;
    MeasuredWorld run(trace, options);
    run.begin();
    run.world.pass_interval();
    run.begin();
    const Snapshot seen = value(run.world.observe());
    EXPECT_EQ(seen.unix_time_s, 100.0);
    EXPECT_EQ(seen.cluster.footprint(VmId(0)), ResourceVector(500.0, 1000.0 * bytes_per_mib));
    EXPECT_EQ(seen.cluster.state(VmId(1)).host, HostId(0));
    EXPECT_TRUE(seen.cluster.state(VmId(1)).sampled);
    EXPECT_EQ(seen.history.sample_count(), 1U);  // the window
    EXPECT_EQ(seen.history.cpu_mhz(VmId(0), 0), 500.0);
    EXPECT_EQ(seen.history.last_move_age_s(VmId(0)), History::never);
}

// 15 s of migration in intervals of 10 s: at 10 s it is in flight, at 20 s it is over (since 15 s).
TEST(World, ShowsAVmInFlightAsFrozenAndItsRoomAsTaken) {
    MemoryTraceSource trace = trace_of(10.0, {{50}, {50}, {50}});
    MeasuredWorld run(trace, simple_options(2));
    run.begin();
    value(run.execute(plan({migrate(0, 0, 1)})));
    run.world.pass_interval();

    run.begin();
    const Snapshot in_flight = value(run.world.observe());
    EXPECT_EQ(in_flight.cluster.state(VmId(0)).host, HostId(0));
    EXPECT_FALSE(in_flight.cluster.state(VmId(0)).sampled);
    EXPECT_EQ(in_flight.cluster.used(HostId(1)), ResourceVector(500.0, 1000.0 * bytes_per_mib));
    const Result<ActuationReport> again = run.execute(plan({migrate(0, 0, 1)}));
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().kind, ErrorKind::refused);
    EXPECT_EQ(again.error().message, "action 0 (migrate): VM \"a\" is being migrated already");
    run.world.pass_interval();

    run.begin();
    const Snapshot arrived = value(run.world.observe());
    EXPECT_EQ(arrived.cluster.state(VmId(0)).host, HostId(1));
    EXPECT_TRUE(arrived.cluster.state(VmId(0)).sampled);
    EXPECT_EQ(arrived.cluster.used(HostId(0)), ResourceVector());
    EXPECT_EQ(arrived.history.last_move_age_s(VmId(0)), 5.0);
}

TEST(World, AHostWithoutPowerModelCountsNoEnergyAndStaysOn) {
    MemoryTraceSource trace = trace_of(100.0, {{50}});
    SimulationOptions options = simple_options(2);
    options.hosts[0].power.reset();
    MeasuredWorld run(trace, options);
    run.begin();
    const Result<ActuationReport> status = run.execute(plan({switch_power(ActionKind::power_off, 1)}));
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().message, "action 0 (power-off): host \"h2\" cannot be switched on or off");
    run.world.pass_interval();
    EXPECT_EQ(run.energy.kwh(), 0.0);
}

TEST(World, BootWattsOfZeroMeanThePeak) {
    MemoryTraceSource trace = trace_of(10.0, {{0}});
    SimulationOptions options = simple_options(2);
    options.hosts[0].power->boot_watts = 0.0;
    MeasuredWorld run(trace, options);
    run.begin();
    value(run.execute(plan({switch_power(ActionKind::power_off, 1)})));
    run.world.pass_interval();
    EXPECT_NEAR(run.energy.joules(HostId(1)), 10.0 * 200.0, 1e-9);
}

// The reserve is not given to VMs, but it is part of the utilisation that draws power.
TEST(World, ReserveIsNotGivenToVms) {
    MemoryTraceSource trace = trace_of(10.0, {{80, 40}});
    SimulationOptions options = simple_options(1);
    options.hosts[0].reserve_mhz = 100.0;
    MeasuredWorld run(trace, options);
    run.begin();
    run.world.pass_interval();
    EXPECT_NEAR(run.energy.joules(HostId(0)), 10.0 * 190.0, 1e-9);  // 900 of 1000 MHz
    EXPECT_NEAR(run.sla.figures().overall, 300.0 / 1200.0, 1e-12);  // asked 1200, given 900
    EXPECT_EQ(run.sla.figures().slatah, 1.0);
    EXPECT_EQ(run.sla.figures().pdm, 0.0);
}

}  // namespace
}  // namespace ballast
