// SPDX-License-Identifier: Apache-2.0
// Replays on a snapshot of a real cluster: three hosts of 1000 MHz and 4096 MiB called x, y and z, VMs a to d of 500
// MiB, intervals of 100 s. The snapshot was taken on a Monday at 07:58 UTC.
#include <gtest/gtest.h>

#include <memory>

#include "control/cycle.hpp"
#include "core/random.hpp"
#include "scheduler/policy.hpp"
#include "simulator/simulate.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

constexpr double monday_0758_s = 1'700'467'080.0;  // 2023-11-20T07:58:00Z

class RecordedCluster : public ::testing::Test {
  protected:
    RecordedCluster() {
        for (const char* name : {"x", "y", "z"}) hosts_.push_back(host(name, 1000.0, 4096.0));
        for (HostSpec& spec : hosts_) spec.power = linear_power();
        hosts_[0].labels = {"ssd"};
    }

    // b and a on y, c on z; d is not running when the snapshot is taken.
    SimulationOptions options() {
        ClusterBuilder builder;
        for (std::size_t h = 0; h < hosts_.size(); ++h) builder.add_host(hosts_[h], states_[h]);
        builder.add_vm(vm("b", 500.0), on(HostId(1), 0.0));
        builder.add_vm(vm("a", 500.0), on(HostId(1), 0.0));
        builder.add_vm(vm("c", 500.0), on(HostId(2), 0.0));
        for (const RuleSpec& rule : rules_) builder.add_rule(rule);
        builder.set_time(monday_0758_s);
        auto snapshot = std::make_shared<Snapshot>();
        snapshot->unix_time_s = monday_0758_s;
        snapshot->cluster = value(std::move(builder).build());
        SimulationOptions options = simple_options(1);
        options.cluster = std::move(snapshot);
        return options;
    }
    void rule(RuleKind kind, std::vector<std::string> vms, std::vector<std::string> hosts = {}) {
        RuleSpec spec;
        spec.kind = kind;
        spec.name = "r" + std::to_string(rules_.size());
        spec.vms = std::move(vms);
        spec.hosts = std::move(hosts);
        rules_.push_back(std::move(spec));
    }

    std::vector<HostSpec> hosts_;
    std::vector<HostState> states_{3};
    std::vector<RuleSpec> rules_;
    MemoryTraceSource trace_ = trace_of(100.0, {{50, 40, 30, 20}, {50, 40, 30, 20}, {50, 40, 30, 20}});
};

TEST_F(RecordedCluster, VmsStartWhereTheyRan) {
    MeasuredWorld run(trace_, options());
    run.begin();
    const Snapshot seen = value(run.world.observe());
    EXPECT_EQ(seen.cluster.spec(HostId(0)).name, "x");
    EXPECT_EQ(seen.cluster.spec(HostId(0)).labels, std::vector<std::string>{"ssd"});
    EXPECT_EQ(seen.cluster.state(VmId(0)).host, HostId(1));  // a
    EXPECT_EQ(seen.cluster.state(VmId(1)).host, HostId(1));  // b
    EXPECT_EQ(seen.cluster.state(VmId(2)).host, HostId(2));  // c
    EXPECT_EQ(seen.cluster.state(VmId(3)).host, HostId(0));  // d: not in the snapshot, so first-fit
    EXPECT_EQ(seen.cluster.spec(VmId(0)).uuid, "uuid-a");
    EXPECT_EQ(seen.cluster.spec(VmId(0)).memory_bytes, 500.0 * bytes_per_mib);
    EXPECT_EQ(seen.cluster.spec(VmId(3)).memory_bytes, 1000.0 * bytes_per_mib);  // of the VM type
    EXPECT_EQ(seen.unix_time_s, monday_0758_s);
}

// What the hosts themselves use is used up in the replay, too: y has 1000 - 200 = 800 MHz for a (500) and b (400).
TEST_F(RecordedCluster, OverheadAndMaintenanceStay) {
    states_[1].overhead = ResourceVector(200.0, 0.0);
    states_[2].maintenance = true;
    MeasuredWorld run(trace_, options());
    run.begin();
    const Snapshot seen = value(run.world.observe());
    EXPECT_NEAR(seen.cluster.used(HostId(1)).cpu_mhz(), 200.0 + 500.0 + 400.0, 1e-3);
    EXPECT_TRUE(seen.cluster.state(HostId(2)).maintenance);
    run.world.pass_interval();
    EXPECT_NEAR(run.contention.vm_s, 2 * 100.0, 1e-6);  // a and b, all the time
}

TEST_F(RecordedCluster, AHostThatSleptSleeps) {
    states_[0].power = PowerState::asleep;
    trace_ = trace_of(100.0, {{50, 40, 30, 0}});
    SimulationOptions options = this->options();
    VisitingTrace trace(trace_, {{0, 1}, {0, 1}, {0, 1}, {0, 0}});
    MeasuredWorld run(trace, options);
    run.pass();
    EXPECT_EQ(run.world.engine().power(HostId(0)), PowerState::asleep);
    EXPECT_EQ(run.world.engine().power(HostId(1)), PowerState::on);
}

TEST_F(RecordedCluster, AHostThatDidNotAnswerIsAnError) {
    states_[0].reachable = false;
    const auto made = make_workload(trace_.info(), options());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message,
              "host \"x\" did not answer when the snapshot was taken, so what runs there is not known; take one when "
              "all hosts answer, or take the host out of it");
}

// a and b are on y at 900 of 1000 MHz, above the level; without the rule one of them leaves for x.
TEST_F(RecordedCluster, RulesBindThePolicy) {
    const auto policy = value(make_policy("spread:enter=0.8,exit=0.65"));
    EXPECT_EQ(value(simulate(trace_, options(), policy.get())).migrations, 1U);
    rule(RuleKind::affinity, {"a", "b"});
    rule(RuleKind::ignore_vm, {"a"});
    EXPECT_EQ(value(simulate(trace_, options(), policy.get())).migrations, 0U);
}

// Intervals of 5 s, a migration of 500 MiB takes 10 s: what is moved is still on the hot host when the next intervals
// begin, and must not be moved twice, or the other VM after it. That is as in the live loop, which waits for its plan.
TEST_F(RecordedCluster, NothingIsDecidedWhileAPlanIsUnderWay) {
    trace_ = trace_of(5.0, {{50, 40, 30}, {50, 40, 30}, {50, 40, 30}, {50, 40, 30}, {50, 40, 30}});
    const auto policy = value(make_policy("spread:enter=0.8,exit=0.65,sustain=0,cooldown=0"));
    std::vector<SimulatedMove> moves;
    ASSERT_TRUE(simulate(trace_, options(), policy.get(), {}, nullptr, &moves));
    ASSERT_EQ(moves.size(), 1U);
    EXPECT_EQ(moves[0].from, "y");
    EXPECT_EQ(moves[0].to, "x");
    EXPECT_EQ(moves[0].started_s, 0.0);
    EXPECT_EQ(moves[0].ended_s, 3.0 + 5.0 + 2.0);
    EXPECT_FALSE(moves[0].aborted);
}

// A rule may name a VM that comes later, or never runs in the recording; one that nobody knows is misspelt.
TEST_F(RecordedCluster, RulesMayNameVmsThatDoNotRun) {
    rule(RuleKind::anti_affinity, {"a", "c"});
    SimulationOptions options = this->options();
    trace_ = trace_of(100.0, {{50, 40}, {50, 40}});  // a and b only
    MeasuredWorld run(trace_, options);
    run.begin();
    EXPECT_TRUE(value(run.world.observe()).cluster.inventory().rules().empty());
}

// A freeze from 08:00 on: 07:58:00 and 07:59:40 are before it, 08:01:20 is not.
TEST_F(RecordedCluster, WindowsOpenAtTheirTime) {
    rule(RuleKind::freeze, {});
    rules_[0].window.days = 1;  // Mondays
    rules_[0].window.opens_min = 8 * 60;
    rules_[0].window.closes_min = 9 * 60;
    MeasuredWorld run(trace_, options());
    std::vector<bool> frozen;
    while (!run.world.finished()) {
        run.begin();
        frozen.push_back(value(run.world.observe()).cluster.inventory().ignored_by(VmId(0)).has_value());
        run.world.pass_interval();
    }
    EXPECT_EQ(frozen, (std::vector<bool>{false, false, true}));
}

TEST_F(RecordedCluster, ARuleEndsInTheMiddleOfTheReplay) {
    rule(RuleKind::ignore_vm, {"a"});
    rules_[0].until_s = monday_0758_s + 150.0;
    MeasuredWorld run(trace_, options());
    std::vector<bool> ignored;
    while (!run.world.finished()) {
        run.begin();
        ignored.push_back(value(run.world.observe()).cluster.inventory().ignored_by(VmId(0)).has_value());
        run.world.pass_interval();
    }
    EXPECT_EQ(ignored, (std::vector<bool>{true, true, false}));
}

}  // namespace
}  // namespace ballast
