// SPDX-License-Identifier: Apache-2.0
#include "scheduler/pressure_signs.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Hosts of 1000 MHz and 10000 MiB; nothing is near the level at which spread calls a host hot here (0.95).
struct PressureTest : testing::Test {
    VmId vm(const std::string& name, HostId host, double cpu_mhz, VmPressure pressure = {},
            double memory_mib = 1000.0) {
        VmState state = on(host, cpu_mhz);
        state.pressure = pressure;
        return scene.builder.add_vm(test::vm(name, memory_mib), state);
    }
    HostId host(const std::string& name, HostPressure pressure) {
        HostState state;
        state.pressure = pressure;
        return scene.host(name, 1000.0, 10000.0, state);
    }
    static VmPressure waiting(double share) { return {share, std::nullopt, 0.0}; }
    static HostPressure stalled(double share) { return {std::nullopt, share, std::nullopt, std::nullopt}; }

    Scene scene;
};

TEST_F(PressureTest, VmsThatWaitForCpusMakeTheirHostHot) {
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = vm("a", h1, 500.0, waiting(0.25), 4000.0);
    const VmId b = vm("b", h1, 80.0, waiting(0.0));
    vm("c", h1, 20.0);  // 500 * 0.25 / 600 = 0.208
    vm("d", h2, 300.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.95,exit=0.85");
    // A tenth of its load, 60 MHz, is to leave: b is enough.
    ASSERT_EQ(moves_text(proposal, cluster), "b>h2");
    EXPECT_EQ(describe(proposal.moves[0].reason, cluster),
              "the VMs of h1 wait for a CPU 21 % of the time they want one, more than 10 %");
    EXPECT_EQ(proposal.hosts[h1.index()].reason.code, ReasonCode::cpu_wait);
    EXPECT_DOUBLE_EQ(proposal.hosts[h1.index()].reason.value, 125.0 / 600.0);
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::not_needed);
    EXPECT_DOUBLE_EQ(stay_of(proposal, a).reason.limit, 0.54);
    EXPECT_EQ(move_of(proposal, b)->to, h2);
    EXPECT_TRUE(propose(cluster, "spread:search=0,enter=0.95,exit=0.85,cpu_wait=0.22").moves.empty());
    EXPECT_TRUE(propose(cluster, "spread:search=0,enter=0.95,exit=0.85,cpu_wait=1").moves.empty());
}

TEST_F(PressureTest, AHostIsLookedAtAnewAfterAMoveNotJudgedByWhatWasBefore) {
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) vm(name, h1, 100.0, waiting(0.5));
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    const Proposal first = propose(cluster, history, "spread:search=0,enter=0.95,exit=0.85,cooldown=0");
    ASSERT_EQ(first.moves.size(), 1U);
    remember_moves(history, first);
    ClusterState state = carried_out(cluster, first).state();
    state.vms[first.moves[0].vm.index()].pressure = {};
    const Cluster after = value(Cluster::make(cluster.shared_inventory(), state));
    const Proposal second = propose(after, history, "spread:search=0,enter=0.95,exit=0.85,cooldown=0");
    EXPECT_TRUE(second.moves.empty());
    EXPECT_EQ(describe(second.hosts[0].reason, after), "h1 crossed the level in 0 of the 1 samples needed");
    history.set_now(history.now_s() + 299.0);  // of a sample of 300 s, part is from before
    EXPECT_TRUE(propose(after, history, "spread:search=0,enter=0.95,exit=0.85,cooldown=0").moves.empty());
    history.set_now(history.now_s() + 1.0);
    EXPECT_FALSE(propose(after, history, "spread:search=0,enter=0.95,exit=0.85,cooldown=0").moves.empty());
}

TEST_F(PressureTest, ASignStaysWhereItWasMeasured) {
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = vm("a", h2, 100.0, waiting(0.5));  // came from h1, where it waited
    vm("b", h1, 300.0);
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    history.add(PastMove{a, history.now_s(), h1, h2, false, false});
    const PressureSigns signs(cluster, history, {0.1, 0.1});
    ASSERT_TRUE(signs.of_cpu(h1));
    EXPECT_DOUBLE_EQ(signs.of_cpu(h1)->value, 50.0 / 400.0);
    EXPECT_FALSE(signs.of_cpu(h2));
    EXPECT_TRUE(signs.stale(h1));
    EXPECT_TRUE(signs.stale(h2));
    history.set_now(history.now_s() + 300.0);
    const PressureSigns later(cluster, history, {0.1, 0.1});
    EXPECT_FALSE(later.of_cpu(h1));
    EXPECT_TRUE(later.of_cpu(h2));
    EXPECT_FALSE(later.stale(h2));
}

TEST_F(PressureTest, AStaleSignStillSpeaksAgainstPuttingMoreThere) {
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    vm("a", h1, 990.0);
    vm("b", h1, 300.0);
    vm("c", h2, 100.0, waiting(0.5));
    const VmId d = vm("d", h2, 10.0);
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    history.add(PastMove{d, history.now_s(), HostId(), h2, false, true});
    EXPECT_TRUE(propose(cluster, history, "spread:search=0,enter=0.95,exit=0.85").moves.empty());
    EXPECT_EQ(propose(cluster, history, "spread:search=0,enter=0.95,exit=0.85,cpu_wait=1").moves.size(), 1U);
}

TEST_F(PressureTest, NothingGoesWhereVmsWaitButWhatHasToLeave) {
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = vm("a", h1, 960.0);
    const VmId b = vm("b", h1, 20.0);
    vm("c", h2, 100.0, waiting(0.5));
    scene.rule(RuleKind::ignore_vm, {"c"});
    const Cluster cluster = scene.build();
    const Proposal hot = propose(cluster, "spread:search=0,enter=0.95,exit=0.85");
    EXPECT_EQ(moves_text(hot, cluster), "");
    EXPECT_EQ(stay_of(hot, b).reason.code, ReasonCode::cpu_wait);
    EXPECT_EQ(stay_of(hot, b).reason.host, h2);
    ClusterState state = cluster.state();
    state.vms[a.index()].demand = ResourceVector(100.0, 0.0);
    state.hosts[h1.index()].maintenance = true;
    const Cluster drained = value(Cluster::make(cluster.shared_inventory(), state));
    EXPECT_EQ(propose(drained, "spread:search=0,enter=0.95,exit=0.85").moves.size(), 2U);
    EXPECT_EQ(propose(drained, "drain").moves.size(), 2U);
}

TEST_F(PressureTest, ConsolidationDoesNotFillAHostUnderPressure) {
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    const HostId h3 = scene.green_host("h3", 100.0, 200.0);
    vm("a", h1, 400.0, waiting(0.3));  // the fullest, which would be filled first
    vm("b", h2, 300.0);
    vm("c", h3, 100.0);
    scene.rule(RuleKind::ignore_vm, {"a"});
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "consolidate:headroom=0,low=0.2"), cluster), "c>h2");
    EXPECT_EQ(moves_text(propose(cluster, "consolidate:headroom=0,low=0.2,cpu_wait=1"), cluster), "c>h1");
}

TEST_F(PressureTest, AHostThatStallsForMemoryOrSwapsIsRelieved) {
    const HostId h1 = host("h1", stalled(0.15));
    const HostId h2 = host("h2", {std::nullopt, 0.02, std::nullopt, 5e6});
    const HostId h3 =
        host("h3", {0.9, 0.10, 0.9, 1000.0});  // CPU and I/O stalls decide nothing; 0.10 is not above 0.10
    vm("a", h1, 10.0);
    vm("b", h1, 10.0);
    vm("c", h2, 10.0);
    vm("d", h2, 10.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.95,exit=0.85");
    EXPECT_EQ(moves_text(proposal, cluster), "a>h3 c>h3");
    EXPECT_EQ(describe(proposal.moves[0].reason, cluster),
              "h1 stands still for want of memory 15 % of the time, more than 10 %");
    EXPECT_EQ(describe(proposal.moves[1].reason, cluster), "h2 swaps 5.0 MB/s, more than 1.0 MB/s");
    EXPECT_EQ(proposal.hosts[h3.index()].reason.code, ReasonCode::host_content);
    EXPECT_TRUE(propose(cluster, "spread:search=0,enter=0.95,exit=0.85,memory_stall=1").moves.empty());
}

TEST_F(PressureTest, AGuestThatSwapsIsHelpedOnlyIfItsBalloonTookTheMemory) {
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.host("h3");
    vm("squeezed", h1, 10.0, {std::nullopt, 3e6, 500.0 * bytes_per_mib});
    vm("too-small", h2, 10.0, {std::nullopt, 3e6, 0.0});
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.95,exit=0.85");
    EXPECT_EQ(moves_text(proposal, cluster), "squeezed>h3");
    EXPECT_EQ(describe(proposal.moves[0].reason, cluster),
              "squeezed on h1 swaps 3.0 MB/s, more than 1.0 MB/s, and its balloon has taken memory from it");
    EXPECT_EQ(proposal.hosts[h2.index()].reason.code, ReasonCode::host_content);
}

TEST_F(PressureTest, WakesAHostIfNothingThatIsOnHasRoom) {
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0, PowerState::asleep);
    vm("a", h1, 300.0, waiting(0.3));
    vm("b", h1, 300.0, waiting(0.3));
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.95,exit=0.85");
    EXPECT_EQ(proposal.hosts[h2.index()].action, HostAction::wake);
    EXPECT_EQ(proposal.hosts[h2.index()].reason.code, ReasonCode::cpu_wait);
}

TEST_F(PressureTest, SignsAreOfHostsThatAnswer) {
    HostState silent;
    silent.reachable = false;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, silent);
    vm("a", h1, 500.0, waiting(0.9));
    const Cluster cluster = scene.build();
    EXPECT_FALSE(PressureSigns(cluster, History(), {0.1, 0.1}).any(h1));
}

TEST(MigratedBytes, AreWhatIsResident) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    VmState state = on(h1, 500.0);
    state.demand[Resource::memory] = 200.0 * bytes_per_mib;
    scene.builder.add_vm(test::vm("mostly-untouched", 8000.0), state);
    scene.vm("touched", h1, 480.0, 1000.0);  // 980 MHz: one of the two has to go
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.95,exit=0.6");
    ASSERT_EQ(moves_text(proposal, cluster), "mostly-untouched>h2");
    EXPECT_EQ(proposal.moves[0].cost, migration_cost(MigrationModel{}, 200.0 * bytes_per_mib));
}

}  // namespace
}  // namespace ballast::test
