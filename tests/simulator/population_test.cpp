// SPDX-License-Identifier: Apache-2.0
// VMs that come and go, and hosts that fail. Hosts hold four VMs of 1000 MiB (worlds.hpp); a host boots in 20 s.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "control/cycle.hpp"
#include "core/random.hpp"
#include "simulator/faults.hpp"
#include "simulator/simulate.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

// a lives all the time, b comes at 100 s, c leaves at 100 s. 500 MHz each.
TEST(Population, VmsComeAndGoWithTheirTrace) {
    VisitingTrace trace(trace_of(100.0, {{50, 50, 50}, {50, 50, 50}, {50, 50, 50}}), {{0, 3}, {1, 3}, {0, 1}});
    MeasuredWorld run(trace, simple_options(1));
    run.begin();
    Snapshot seen = value(run.world.observe());
    ASSERT_EQ(seen.cluster.vm_count(), 2U);
    EXPECT_EQ(seen.cluster.spec(VmId(0)).name, "a");
    EXPECT_EQ(seen.cluster.spec(VmId(1)).name, "c");
    run.world.pass_interval();
    run.begin();
    seen = value(run.world.observe());
    ASSERT_EQ(seen.cluster.vm_count(), 2U);
    EXPECT_EQ(seen.cluster.spec(VmId(1)).name, "b");
    EXPECT_EQ(seen.history.sample_count(), 2U);
    EXPECT_EQ(seen.history.cpu_mhz(VmId(1), 0), 500.0);
    EXPECT_TRUE(std::isnan(seen.history.cpu_mhz(VmId(1), 1)));  // it was not there
    EXPECT_EQ(seen.history.cpu_mhz(VmId(0), 1), 500.0);
    run.world.pass_interval();
    run.pass();
    EXPECT_NEAR(run.energy.joules(HostId(0)), 300.0 * 200.0, 1e-9);  // always two of them: full load
    const auto figures = run.population.figures(300.0);
    EXPECT_EQ(figures.arrivals, 1U);
    EXPECT_EQ(figures.departures, 1U);
    EXPECT_EQ(figures.waited, 0U);
    EXPECT_EQ(run.sla.figures().overall, 0.0);
}

// Ids of a snapshot are its own: its VM 1 is b, the engine's VM 1 is gone.
TEST(Population, APlanMovesTheVmThatTheSnapshotShowed) {
    VisitingTrace trace(trace_of(100.0, {{1, 1, 1}, {1, 1, 1}}), {{0, 2}, {0, 1}, {0, 2}});
    MeasuredWorld run(trace, simple_options(2));
    run.pass();
    run.begin();
    EXPECT_EQ(value(run.execute(plan({migrate(1, 0, 1)}))).done, 1U);
    EXPECT_EQ(run.world.engine().host_of(VmId(2)), HostId(1));
    EXPECT_FALSE(run.world.engine().runs(VmId(1)));
}

// Four VMs fill the host; e comes at 100 s and finds no memory; at 200 s d leaves and e starts.
TEST(Population, AVmWithoutRoomWaitsAndIsCounted) {
    VisitingTrace trace(trace_of(100.0, {{1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}}),
                        {{0, 3}, {0, 3}, {0, 3}, {0, 2}, {1, 3}});
    MeasuredWorld run(trace, simple_options(1));
    run.pass();
    run.pass();
    EXPECT_FALSE(run.world.engine().runs(VmId(4)));
    EXPECT_EQ(run.population.figures(200.0).waiting_s, 100.0);
    run.pass();
    EXPECT_EQ(run.world.engine().host_of(VmId(4)), HostId(0));
    const auto figures = run.population.figures(300.0);
    EXPECT_EQ(figures.waited, 1U);
    EXPECT_EQ(figures.waiting_s, 100.0);
    EXPECT_EQ(run.sla.figures().overall, 0.0);  // who waits does not ask yet
}

// Its demand is not known before it runs, so its configured 1000 MHz count, divided by the overcommit of 4: 250 MHz.
// h1 is asked for 800 (no room), h2 for nothing.
TEST(Population, AnArrivalNeedsItsConfiguredCpu) {
    VisitingTrace trace(trace_of(100.0, {{80, 0}, {80, 1}}), {{0, 2}, {1, 2}});
    MeasuredWorld run(trace, simple_options(2));
    run.pass();
    run.begin();
    EXPECT_EQ(run.world.engine().host_of(VmId(1)), HostId(1));
}

// h1 fails at 30 s and is repaired at 80 s; a (500 MHz) may start elsewhere at 90 s.
//   h1 [0, 30) 150 W, [30, 80) off 10 W, [80, 100) boots 150 W: 4500 + 500 + 3000 = 8000 J; then idle 100 W
//   h2 [0, 90) idle 100 W, [90, 100) 150 W: 9000 + 1500 = 10,500 J; then 150 W
TEST(Failure, VmsOfAFailedHostStartElsewhereAfterTheDelay) {
    MemoryTraceSource trace = trace_of(100.0, {{50}, {50}});
    SimulationOptions options = simple_options(2);
    options.failures = {{"h1", 30.0, 50.0}};
    options.restart_delay_s = 60.0;
    MeasuredWorld run(trace, options);
    run.pass();
    EXPECT_EQ(run.world.engine().host_of(VmId(0)), HostId(1));
    EXPECT_NEAR(run.energy.joules(HostId(0)), 8'000.0, 1e-9);
    EXPECT_NEAR(run.energy.joules(HostId(1)), 10'500.0, 1e-9);
    run.pass();
    EXPECT_NEAR(run.energy.joules(HostId(0)), 18'000.0, 1e-9);
    EXPECT_EQ(run.power.failures, 1U);
    const auto figures = run.population.figures(200.0);
    EXPECT_EQ(figures.restarts, 1U);
    EXPECT_EQ(figures.failure_downtime_s, 60.0);
    EXPECT_EQ(figures.arrivals, 0U);
    // It asked for 500 MHz all 200 s and got nothing for 60 s of them, all in the first interval.
    EXPECT_NEAR(run.sla.figures().overall, 60.0 / 200.0, 1e-12);
    EXPECT_NEAR(run.sla.figures().average, 60.0 / 100.0, 1e-12);
}

TEST(Failure, AFailedHostDoesNotAnswerAndItsVmsAreNotThere) {
    MemoryTraceSource trace = trace_of(100.0, {{50}, {50}});
    SimulationOptions options = simple_options(1);
    options.failures = {{"h1", 30.0, 1000.0}};
    MeasuredWorld run(trace, options);
    run.pass();
    run.begin();
    const Snapshot seen = value(run.world.observe());
    EXPECT_EQ(seen.cluster.vm_count(), 0U);
    EXPECT_FALSE(seen.cluster.state(HostId(0)).reachable);
    ASSERT_EQ(seen.problems.size(), 1U);
    EXPECT_EQ(seen.problems[0].host, "h1");
    run.world.pass_interval();
    EXPECT_EQ(run.population.figures(200.0).failure_downtime_s, 170.0);  // still down
    EXPECT_NEAR(run.sla.figures().overall, 170.0 / 200.0, 1e-12);
}

// a is on its way from h1 to h2 (15 s). If h2 fails, it stays; if h1 fails, it is lost.
TEST(Failure, EndsMigrations) {
    for (const bool source : {false, true}) {
        MemoryTraceSource trace = trace_of(100.0, {{50}});
        SimulationOptions options = simple_options(3);
        options.failures = {{source ? "h1" : "h2", 8.0, 10.0}};
        options.restart_delay_s = 20.0;
        options.migration_joules_per_byte = 1.0 / bytes_per_mib;
        MeasuredWorld run(trace, options);
        run.begin();
        const ActuationReport report = value(run.execute(plan({migrate(0, 0, 1)})));
        EXPECT_EQ(report.failed, 1U);
        EXPECT_EQ(report.done, 0U);
        EXPECT_EQ(run.world.engine().now_s(), 8.0);
        EXPECT_EQ(run.migrations.aborted, 1U);
        run.world.pass_interval();
        // 5 s at 100 MiB/s are 500 J, half of them on the end that lives on.
        //   h1 lives: 150 W all the time;  h2 lives: 105 W until 8 s, 100 W until 28 s, then 150 W
        if (source) {
            EXPECT_NEAR(run.energy.joules(HostId(1)), 105.0 * 8 + 100.0 * 20 + 150.0 * 72 + 250.0, 1e-6);
        } else {
            EXPECT_NEAR(run.energy.joules(HostId(0)), 150.0 * 100 + 250.0, 1e-6);
        }
        EXPECT_EQ(run.world.engine().host_of(VmId(0)), source ? HostId(1) : HostId(0));
        EXPECT_EQ(run.population.figures(100.0).failure_downtime_s, source ? 20.0 : 0.0);
    }
}

TEST(Failure, AHostThatFailsAsleepStaysOffAfterItsRepairAndCannotBeWokenBefore) {
    MemoryTraceSource trace = trace_of(100.0, {{50}, {50}});
    SimulationOptions options = simple_options(2);
    options.failures = {{"h2", 50.0, 100.0}};
    MeasuredWorld run(trace, options);
    run.begin();
    value(run.execute(plan({switch_power(ActionKind::power_off, 1)})));
    run.world.pass_interval();
    run.begin();
    EXPECT_TRUE(run.world.engine().failed(HostId(1)));
    const ActuationReport report = value(run.execute(plan({switch_power(ActionKind::power_on, 1)})));
    // Not before 150 s, then 20 s.
    EXPECT_EQ(report.done, 1U);
    EXPECT_EQ(run.world.engine().now_s(), 170.0);
}

TEST(Failure, DrawnFailuresAreTheSameForTheSameSeedAndHaveTheRightRate) {
    const std::vector<FailureRate> rates(200, FailureRate{100.0 * 3600.0, 3600.0});
    const double year_s = 365.0 * 86'400.0;
    const auto failures = draw_failures(rates, year_s, 5);
    EXPECT_EQ(failures, draw_failures(rates, year_s, 5));
    EXPECT_NE(failures, draw_failures(rates, year_s, 6));
    // 8760 h / 101 h = 86.7 a host and year.
    EXPECT_NEAR(static_cast<double>(failures.size()) / 200.0, 86.7, 3.0);
    EXPECT_TRUE(std::is_sorted(failures.begin(), failures.end(),
                               [](const HostFailure& a, const HostFailure& b) { return a.at_s < b.at_s; }));
    // A host more changes nothing for the others.
    auto more = draw_failures(std::vector<FailureRate>(201, rates[0]), year_s, 5);
    std::erase_if(more, [](const HostFailure& f) { return f.host == HostId(200); });
    EXPECT_EQ(more, failures);
}

// Energy, seconds and places add up whatever comes, goes and fails, under policies that decide all the time.
constexpr const char* policies[] = {"spread:enter=0.8,exit=0.65,sustain=1",
                                    "consolidate:sustain=1,cooldown=0",
                                    "neat",
                                    "onedrs",
                                    "ovirt-even:high=0.5,duration=0",
                                    "ovirt-power-saving:power=1,reserve=1,duration=0",
                                    "proxlb:cpu=1",
                                    "proxmox-crs:margin=0.01",
                                    "watcher-balance",
                                    "watcher-consolidation:period=60",
                                    "watcher-stabilization",
                                    "xo-density",
                                    "xo-performance:cpu=0.5,cooldown=0"};

class Turmoil : public testing::TestWithParam<std::uint64_t> {};

class Witness : public Observer {
  public:
    explicit Witness(std::size_t vms) : vm_s(vms) {}
    [[nodiscard]] bool wants_every_vm() const override { return true; }
    void on_host(const HostStretch& s) override {
        EXPECT_LE(s.given_mhz, s.usable_mhz * (1.0 + 1e-9));
        host_s += s.duration_s;
    }
    void on_vm(const VmStretch& s) override {
        EXPECT_LE(s.given_mhz, s.asked_mhz);
        EXPECT_TRUE(s.host.valid() || s.given_mhz == 0.0);
        vm_s[s.vm.index()] += s.duration_s;
    }
    double host_s = 0.0;
    std::vector<double> vm_s;
};

TEST_P(Turmoil, KeepsTheBooksBalanced) {
    Rng rng(GetParam());
    constexpr std::size_t vms = 12;
    constexpr std::size_t intervals = 60;
    Trace load;
    load.name = "turmoil";
    load.interval_s = 60.0;
    std::vector<std::pair<std::size_t, std::size_t>> lives;
    double life_s = 0.0;
    for (std::size_t v = 0; v < vms; ++v) {
        load.vm_names.push_back("vm" + std::to_string(v));
        const std::size_t first = rng.below(intervals);
        const std::size_t end = first + rng.below(intervals - first + 1);
        lives.emplace_back(first, end);
        life_s += 60.0 * static_cast<double>(end - first);
    }
    for (std::size_t i = 0; i < vms * intervals; ++i) load.cpu_percent.push_back(static_cast<float>(rng.below(101)));
    VisitingTrace trace(MemoryTraceSource(std::move(load)), lives);
    SimulationOptions options = simple_options(5);
    options.hosts[0].failures = {3600.0, 300.0};
    options.failure_seed = GetParam();
    options.restart_delay_s = 30.0;
    Witness witness(vms);
    MeasuredWorld run(trace, options, {&witness});
    const auto policy = value(make_policy(policies[GetParam() % std::size(policies)]));
    Rng decisions(1);
    const Approval always = [](const Snapshot&, const Decision&) { return true; };
    while (!run.world.finished()) {
        run.begin();
        ASSERT_TRUE(run_cycle({run.world, *policy, &run.world, options.belief, always}, decisions));
        run.world.pass_interval();
    }
    const double end_s = run.world.engine().now_s();
    EXPECT_NEAR(witness.host_s, 5.0 * end_s, 1e-6);
    double vm_s = 0.0;
    for (std::size_t v = 0; v < vms; ++v) {
        EXPECT_LE(witness.vm_s[v], 60.0 * static_cast<double>(lives[v].second - lives[v].first) + 1e-6);
        vm_s += witness.vm_s[v];
    }
    // Every VM runs, is down or waits, one of them, as long as it lives.
    EXPECT_NEAR(vm_s + run.population.figures(end_s).waiting_s, life_s, 1e-6);
    double joules = 0.0;
    for (std::size_t h = 0; h < 5; ++h) joules += run.energy.joules(HostId(h));
    EXPECT_NEAR(run.energy.kwh(), joules / 3.6e6, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Turmoil, testing::Range<std::uint64_t>(1, 66));

}  // namespace
}  // namespace ballast
