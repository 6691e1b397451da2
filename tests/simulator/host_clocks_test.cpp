// SPDX-License-Identifier: Apache-2.0
#include "simulator/host_clocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "simulator/simulate.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

Demands cpu(std::vector<double> mhz) {
    Demands demands;
    demands.cpu_mhz = std::move(mhz);
    return demands;
}

// The world of one VM on h1, and nothing that happens by itself.
struct Still {
    MemoryTraceSource trace = trace_of(300.0, {{0}});
    Workload start = value(make_workload(trace.info(), simple_options(2)));
    Engine engine{start, EngineOptions{}, {}};
};

// The worked example: 300 s, +-30 s, a clock 20 s ahead reports what is 50 s old: 1200/6 + 600 * 5/6 = 700.
TEST(HostClocks, AReportHasSomeOfThePreviousInterval) {
    Still still;
    HostClocks clocks({20.0, 0.0}, 30.0, 300.0);
    EXPECT_NEAR(clocks.previous_share(HostId(0)), 50.0 / 300.0, 1e-15);
    EXPECT_NEAR(clocks.previous_share(HostId(1)), 30.0 / 300.0, 1e-15);
    EXPECT_EQ(clocks.report(cpu({1200.0}), still.engine).cpu_mhz[0], 1200.0);  // nothing came before
    EXPECT_NEAR(clocks.report(cpu({600.0}), still.engine).cpu_mhz[0], 700.0, 1e-9);
    EXPECT_NEAR(clocks.report(cpu({600.0}), still.engine).cpu_mhz[0], 600.0, 1e-9);
}

// The decision waits for the slowest clock: that one's report is fresh, the fastest one's is the oldest.
TEST(HostClocks, TheSlowestIsFresh) {
    const HostClocks clocks({-30.0, 30.0}, 30.0, 300.0);
    EXPECT_EQ(clocks.previous_share(HostId(0)), 0.0);
    EXPECT_NEAR(clocks.previous_share(HostId(1)), 60.0 / 300.0, 1e-15);
}

TEST(HostClocks, EveryColumnIsMixed) {
    Still still;
    HostClocks clocks({0.0, 0.0}, 75.0, 300.0);  // a quarter is old
    Demands demands = cpu({400.0});
    demands.memory_bytes = {100.0};
    demands.network_bytes_per_s = {0.0};
    demands.disk_bytes_per_s = {8.0};
    clocks.report(demands, still.engine);
    demands = cpu({800.0});
    demands.memory_bytes = {200.0};
    demands.network_bytes_per_s = {40.0};
    demands.disk_bytes_per_s = {0.0};
    const Demands& reported = clocks.report(demands, still.engine);
    EXPECT_EQ(reported.of(VmId(0), 1.0), ResourceVector(700.0, 175.0, 30.0, 2.0));
    EXPECT_EQ(&clocks.reported(demands), &reported);
}

TEST(HostClocks, RightClocksReportThePresentItself) {
    Still still;
    HostClocks clocks(draw_clock_offsets(2, 0.0, 1), 0.0, 300.0);
    const Demands present = cpu({600.0});
    EXPECT_EQ(&clocks.report(present, still.engine), &present);
    EXPECT_EQ(&clocks.reported(present), &present);
}

TEST(HostClocks, OffsetsAreUniformAndEachHostsOwn) {
    const std::vector<double> few = draw_clock_offsets(3, 30.0, 7);
    const std::vector<double> many = draw_clock_offsets(10'000, 30.0, 7);
    EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
    EXPECT_NE(draw_clock_offsets(3, 30.0, 8), few);
    const auto [low, high] = std::ranges::minmax(many);
    EXPECT_GE(low, -30.0);
    EXPECT_LE(high, 30.0);
    EXPECT_LT(low, -29.0);
    EXPECT_GT(high, 29.0);
    EXPECT_NEAR(std::accumulate(many.begin(), many.end(), 0.0) / 10'000.0, 0.0, 1.0);  // standard deviation 0.17
}

// Intervals of 100 s, +-50 s: h1 and h2 report w1 and w2 of the previous interval.
class ClocksInTheWorld : public testing::Test {
  protected:
    ClocksInTheWorld() {
        options_.clock_offset_s = 50.0;
        options_.clock_seed = 3;
        const HostClocks clocks(draw_clock_offsets(2, 50.0, 3), 50.0, 100.0);
        w1_ = clocks.previous_share(HostId(0));
        w2_ = clocks.previous_share(HostId(1));
    }
    static double seen_mhz(MeasuredWorld& run, std::size_t vm) {
        const Snapshot snapshot = value(run.world.observe());
        const double mhz = snapshot.cluster.state(VmId(vm)).demand.cpu_mhz();
        EXPECT_EQ(snapshot.history.cpu_mhz(VmId(vm), 0), mhz);
        return mhz;
    }
    SimulationOptions options_ = simple_options(2);
    double w1_ = 0.0;
    double w2_ = 0.0;
};

// a moves to h2 in the second interval; from then on its reports are h2's, of a's own past. In the third one it is seen
// with 500 and 300 MHz as h2 sees them.
TEST_F(ClocksInTheWorld, AVmThatMovedTakesItsPastAlong) {
    ASSERT_GT(std::abs(w1_ - w2_), 0.01);
    MemoryTraceSource trace = trace_of(100.0, {{80}, {50}, {30}});
    MeasuredWorld run(trace, options_);
    run.begin();
    EXPECT_EQ(seen_mhz(run, 0), 800.0);
    run.world.pass_interval();
    run.begin();
    EXPECT_NEAR(seen_mhz(run, 0), w1_ * 800.0 + (1.0 - w1_) * 500.0, 1e-9);
    value(run.execute(plan({migrate(0, 0, 1)})));
    run.world.pass_interval();
    run.begin();
    EXPECT_EQ(run.world.engine().host_of(VmId(0)), HostId(1));
    EXPECT_NEAR(seen_mhz(run, 0), w2_ * 500.0 + (1.0 - w2_) * 300.0, 1e-9);
    EXPECT_EQ(run.world.engine().demand_mhz(VmId(0)), 300.0);  // the truth
}

// b arrives in the second interval: its first report has nothing of the time before, in which it did not ask for 0.
TEST_F(ClocksInTheWorld, AVmThatArrivedHasOnlyThePresent) {
    VisitingTrace trace(trace_of(100.0, {{10, 0}, {10, 50}, {10, 30}}), {{0, 3}, {1, 3}});
    MeasuredWorld run(trace, options_);
    run.pass();
    run.begin();
    EXPECT_EQ(seen_mhz(run, 1), 500.0);
    run.world.pass_interval();
    run.begin();
    EXPECT_NEAR(seen_mhz(run, 1), w1_ * 500.0 + (1.0 - w1_) * 300.0, 1e-9);
}

// h1 fails at 90 s; a starts again on h2 at 110 s. At 200 s it has run there for 90 s: its report has nothing older.
TEST_F(ClocksInTheWorld, AVmThatWasDownBeginsAnew) {
    options_.failures = {{"h1", 90.0, 1000.0}};
    options_.restart_delay_s = 20.0;  // down at 100 s
    MemoryTraceSource trace = trace_of(100.0, {{80}, {50}, {30}, {10}});
    MeasuredWorld run(trace, options_);
    run.pass();
    run.pass();
    run.begin();
    EXPECT_EQ(seen_mhz(run, 0), 300.0);  // it was down at 100 s
    run.world.pass_interval();
    run.begin();
    EXPECT_NEAR(seen_mhz(run, 0), w2_ * 300.0 + (1.0 - w2_) * 100.0, 1e-9);
}

// The world charges with the truth: without a policy clocks change nothing.
TEST_F(ClocksInTheWorld, ClocksAreBelief) {
    const auto figures = [](const SimulationOptions& options) {
        MemoryTraceSource trace = trace_of(100.0, {{80, 40}, {50, 90}, {30, 10}});
        SimulationResult result = value(simulate(trace, options, nullptr));
        result.wall_s = 0.0;
        result.peak_rss_bytes = 0;
        return to_json(std::vector{result});
    };
    EXPECT_EQ(figures(options_), figures(simple_options(2)));
}

TEST_F(ClocksInTheWorld, NoFurtherApartThanAnInterval) {
    MemoryTraceSource trace = trace_of(100.0, {{80}});
    EXPECT_TRUE(make_workload(trace.info(), options_).has_value());
    for (const double offset_s : {50.5, -1.0}) {
        options_.clock_offset_s = offset_s;
        EXPECT_EQ(make_workload(trace.info(), options_).error().message,
                  "clock_offset_s must be between 0 and half of the trace's interval: 50.000000 s");
    }
}

}  // namespace
}  // namespace ballast
