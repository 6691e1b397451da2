// SPDX-License-Identifier: Apache-2.0
// How a plan is carried out: order, limits, what waits, what is refused. A migration alone takes 15 s (worlds.hpp).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

// Writes down when migrations start and end and what hosts do.
class Log : public Observer {
  public:
    struct Entry {
        double started_s;
        std::size_t vm;
        bool operator==(const Entry&) const = default;
    };
    void on_migration_start(const Migration& m) override {
        starts.push_back({m.started_s, m.vm.index()});
        EXPECT_NEAR(m.cost.duration_s, 15.0, 1e-9);
        busiest = std::max(busiest, ++running);
    }
    void on_migration_end(const Migration&) override { --running; }
    void on_power(HostId, PowerState, PowerState to, double) override { power.emplace_back(name(to)); }

    std::vector<Entry> starts;
    std::vector<std::string> power;
    int running = 0;
    int busiest = 0;
};

struct PlanTest : testing::Test {
    // Four VMs on h1, as many as its memory holds.
    MemoryTraceSource trace = trace_of(100.0, {{10, 10, 10, 10}, {10, 10, 10, 10}});
    SimulationOptions options = simple_options(3);
    Log log;
};

TEST_F(PlanTest, MigrationsOfOneHostAreLimited) {
    MeasuredWorld run(trace, options, {&log});  // two at a time
    run.begin();
    const ActuationReport report =
        value(run.execute(plan({migrate(0, 0, 1), migrate(1, 0, 2), migrate(2, 0, 1), migrate(3, 0, 2)})));
    EXPECT_EQ(report.done, 4U);
    // Two after two, and no longer; two at a time share the link of h1: 3 + 20 + 2 s.
    EXPECT_EQ(run.world.engine().now_s(), 50.0);
    run.world.pass_interval();
    EXPECT_EQ(log.starts, (std::vector<Log::Entry>{{0.0, 0}, {0.0, 1}, {25.0, 2}, {25.0, 3}}));
    EXPECT_EQ(log.busiest, 2);
}

TEST_F(PlanTest, AnActionWaitsForThoseItDependsOn) {
    options.migrations_per_host_max = 10;
    MeasuredWorld run(trace, options, {&log});
    run.begin();
    value(run.execute(plan({migrate(0, 0, 1), migrate(1, 0, 2, {0}), migrate(0, 1, 2, {0, 1})})));
    run.world.pass_interval();
    EXPECT_EQ(log.starts, (std::vector<Log::Entry>{{0.0, 0}, {15.0, 1}, {30.0, 0}}));
    EXPECT_EQ(run.world.engine().host_of(VmId(0)), HostId(2));
}

TEST_F(PlanTest, AMigrationWaitsForMemory) {
    // h1 is full (4 of 4096 MiB / 1000). e, on h2, can only come once a has gone.
    trace = trace_of(100.0, {{10, 10, 10, 10, 10}});
    MeasuredWorld run(trace, options, {&log});
    ASSERT_EQ(run.world.engine().host_of(VmId(4)), HostId(1));
    run.begin();
    value(run.execute(plan({migrate(4, 1, 0), migrate(0, 0, 2)})));
    run.world.pass_interval();
    EXPECT_EQ(log.starts, (std::vector<Log::Entry>{{0.0, 0}, {15.0, 4}}));
}

TEST_F(PlanTest, AHostSleepsOnlyOnceItIsEmptyAndNothingArrives) {
    MeasuredWorld run(trace, options, {&log});
    run.begin();
    // h2 is empty, but a VM is on its way to it; h1 is not empty.
    value(run.execute(plan({migrate(0, 0, 1), switch_power(ActionKind::power_off, 1),
                            switch_power(ActionKind::power_off, 0), switch_power(ActionKind::power_off, 2)})));
    run.world.pass_interval();
    EXPECT_EQ(log.power, (std::vector<std::string>{"going to sleep", "asleep"}));  // h3 only
    EXPECT_EQ(run.world.engine().power(HostId(2)), PowerState::asleep);
}

TEST_F(PlanTest, AMigrationWaitsForItsHostToWakeUp) {
    MeasuredWorld run(trace, options, {&log});
    run.begin();
    value(run.execute(plan({switch_power(ActionKind::power_off, 1)})));  // 10 s
    run.world.pass_interval();
    run.begin();
    value(run.execute(plan({switch_power(ActionKind::power_on, 1), migrate(0, 0, 1, {0})})));  // 20 s
    run.world.pass_interval();
    EXPECT_EQ(log.starts, (std::vector<Log::Entry>{{120.0, 0}}));
    EXPECT_EQ(log.power, (std::vector<std::string>{"going to sleep", "asleep", "waking", "on"}));
}

TEST_F(PlanTest, WakingAHostThatFallsAsleepWaitsUntilItSleeps) {
    MeasuredWorld run(trace, options, {&log});
    run.begin();
    value(run.execute(plan({switch_power(ActionKind::power_off, 1), switch_power(ActionKind::power_on, 1)})));
    run.world.pass_interval();
    EXPECT_EQ(log.power, (std::vector<std::string>{"going to sleep", "asleep", "waking", "on"}));
}

TEST_F(PlanTest, TheEndOfTheIntervalDropsWhatHasNotStarted) {
    trace = trace_of(10.0, {{10, 10, 10, 10}, {10, 10, 10, 10}, {10, 10, 10, 10}});
    MeasuredWorld run(trace, options, {&log});
    run.begin();
    // a and b are under way when the interval ends, c still waits.
    const ActuationReport report = value(run.execute(plan({migrate(0, 0, 1), migrate(1, 0, 1), migrate(2, 0, 1)})));
    EXPECT_EQ(report.done, 0U);
    EXPECT_EQ(report.skipped, 1U);
    run.world.pass_interval();
    run.begin();
    run.world.pass_interval();
    run.begin();
    run.world.pass_interval();
    EXPECT_EQ(log.starts, (std::vector<Log::Entry>{{0.0, 0}, {0.0, 1}}));
    EXPECT_EQ(run.world.engine().host_of(VmId(1)), HostId(1));  // what was under way has arrived
    EXPECT_EQ(run.world.engine().host_of(VmId(2)), HostId(0));
}

TEST_F(PlanTest, RefusesPlansThatDoNotFitTheWorldAndDoesNothing) {
    MeasuredWorld run(trace, options, {&log});
    run.begin();
    const auto refused = [&](const Plan& bad) {
        const Result<ActuationReport> status = run.execute(bad);
        if (status) return std::string("accepted");
        EXPECT_EQ(status.error().kind, ErrorKind::refused);
        return status.error().message;
    };
    const Action good = migrate(0, 0, 1);
    EXPECT_EQ(refused(plan({good, migrate(1, 2, 1)})),
              "action 1 (migrate): VM \"b\" is not on the host it is to leave");
    EXPECT_EQ(refused(plan({good, migrate(1, 0, 0)})), "action 1 (migrate): VM \"b\" is already on \"h1\"");
    EXPECT_EQ(refused(plan({good, migrate(0, 0, 2)})),
              "action 1 (migrate): VM \"a\" is not on the host it is to leave");
    EXPECT_EQ(refused(plan({good, migrate(9, 0, 1)})), "action 1 (migrate): no such VM");
    EXPECT_EQ(refused(plan({good, migrate(1, 0, 9)})), "action 1 (migrate): no such host");
    EXPECT_EQ(refused(plan({good, migrate(1, 0, 1, {1})})), "action 1 (migrate): depends on one that is not before it");
    MeasuredWorld other(trace, options);
    other.begin();
    const Snapshot seen = value(other.world.observe());
    const Result<ActuationReport> elsewhere = run.world.carry_out(plan({good}), seen.cluster, "test");
    ASSERT_FALSE(elsewhere.has_value());
    EXPECT_EQ(elsewhere.error().message, "the plan was made for another cluster than the simulated one");
    EXPECT_TRUE(log.starts.empty());
}

}  // namespace
}  // namespace ballast
