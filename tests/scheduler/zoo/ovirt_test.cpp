// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/zoo/zoo_scene.hpp"

namespace ballast::test {
namespace {

// Hosts of 1000 MHz. high 80 %, destinations below 64 %, sustained for 120 s. A period of 300 s holds 5 rounds.

TEST(OvirtEven, SeventyNineNextToFiveIsBalanced) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 790.0);
    scene.vm("b", h2, 50.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "ovirt-even");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::host_content);
}

TEST(OvirtEven, LoadsAreRoundedUpToWholePercent) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 400.0);
    scene.vm("b", h1, 391.0);  // 79.1 % counts as 80 %
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "ovirt-even"), cluster), "b>h2");
}

TEST(OvirtEven, TheSmallestVmGoesFirstAndOneAMinute) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("big", h1, 600.0);
    const VmId mid = scene.vm("mid", h1, 250.0);
    scene.vm("small", h1, 100.0);
    scene.vm("tiny", h1, 50.0);  // 1000
    const Cluster cluster = scene.build();
    const Proposal minute = propose(cluster, steady_history_of(cluster, 60.0), "ovirt-even");
    EXPECT_EQ(moves_text(minute, cluster), "tiny>h2");  // 950 is left
    EXPECT_EQ(stay_of(minute, mid).reason.code, ReasonCode::move_limit);
    // Five rounds: tiny (950 left), small (850), mid (600 is below 800).
    const Proposal five = propose(cluster, steady_history_of(cluster, 300.0), "ovirt-even");
    EXPECT_EQ(moves_text(five, cluster), "tiny>h2 small>h2 mid>h2");
    EXPECT_EQ(stay_of(five, VmId(0)).reason.code, ReasonCode::not_needed);
}

TEST(OvirtEven, DestinationsAreBelow64Percent) {
    for (const double there : {640.0, 630.0}) {
        Scene scene;
        const HostId h1 = scene.host("h1");
        const HostId h2 = scene.host("h2");
        scene.vm("a", h1, 800.0);
        scene.vm("b", h1, 100.0);
        scene.vm("c", h2, there);  // with b 740 or 730: at most 800 either way
        const Cluster cluster = scene.build();
        EXPECT_EQ(moves_text(propose(cluster, "ovirt-even"), cluster), there < 640.0 ? "b>h2" : "");
    }
}

// One time stamp serves both ends: set when the load leaves the band between 0 % and 80 % on either side.
TEST(OvirtEven, AJumpFromIdleToOverloadedCountsAsSustained) {
    for (const double before : {0.0, 450.0}) {
        Scene scene;
        const HostId h1 = scene.host("h1");
        scene.host("h2");
        const VmId a = scene.vm("a", h1, 450.0);
        scene.vm("b", h1, 460.0);
        const Cluster cluster = scene.build();
        History history(2, 4, 60.0);  // 120 s are two samples
        history.push(std::vector<double>{before, 0.0});
        history.push(std::vector<double>{450.0, 460.0});
        const Proposal proposal = propose(cluster, history, "ovirt-even");
        EXPECT_EQ(moves_text(proposal, cluster), before == 0.0 ? "a>h2" : "");
        if (before > 0.0) {
            EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::not_sustained);
        }
    }
}

TEST(OvirtEven, CpuCountsTwiceAndMemoryOnce) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    scene.vm("a", h1, 750.0, 8000.0);
    scene.vm("b", h1, 100.0);          // h1: 850 MHz, 9000 MiB
    scene.vm("c", h2, 200.0, 3000.0);  // cooler, less memory free than h3
    scene.vm("d", h3, 300.0, 2000.0);
    const Cluster cluster = scene.build();
    // Worse than it by CPU: h2 two hosts, h3 one, h1 none; by memory: h3 two, h2 one, h1 none. 4 + 1 to 2 + 2.
    EXPECT_EQ(moves_text(propose(cluster, "ovirt-even"), cluster), "b>h2");

    Scene equal;
    const HostId e1 = equal.host("h1");
    const HostId e2 = equal.host("h2");
    const HostId e3 = equal.host("h3");
    equal.vm("a", e1, 750.0, 8000.0);
    equal.vm("b", e1, 100.0);
    equal.vm("c", e2, 300.0, 3000.0);
    equal.vm("d", e3, 300.0, 2000.0);  // equal by CPU: memory decides
    const Cluster alike = equal.build();
    EXPECT_EQ(moves_text(propose(alike, "ovirt-even"), alike), "b>h3");
}

TEST(OvirtEven, FiltersKnowTheRules) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    const HostId h3 = scene.host("h3");
    scene.vm("a", h1, 700.0);
    scene.vm("b", h1, 200.0);
    scene.vm("c", h3, 300.0);
    scene.rule(RuleKind::forbid, {"b"}, {"h2"});
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "ovirt-even"), cluster), "b>h3");
}

TEST(OvirtPowerSaving, DrainsAHostBelow20PercentOntoTheFullest) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    scene.vm("a", h1, 100.0);
    scene.vm("b", h2, 300.0);
    scene.vm("c", h3, 600.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "ovirt-power-saving");
    ASSERT_EQ(moves_text(proposal, cluster), "a>h3");  // 700, at most 800
    EXPECT_EQ(proposal.moves[0].reason.code, ReasonCode::drain_low);
    EXPECT_EQ(power_text(proposal, cluster), "");  // host power management is off by default
}

TEST(OvirtPowerSaving, OneVmAMinuteLeavesAHostHalfDrained) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 100.0);
    scene.vm("b", h1, 50.0);
    scene.vm("c", h2, 300.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, steady_history_of(cluster, 60.0), "ovirt-power-saving");
    EXPECT_EQ(moves_text(proposal, cluster), "b>h2");
}

TEST(OvirtPowerSaving, OneEmptyHostAMinuteIsSwitchedOffDownToTheReserve) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    scene.green_host("h2", 100.0, 200.0);
    scene.green_host("h3", 100.0, 200.0);
    scene.green_host("h4", 100.0, 200.0);
    scene.vm("a", h1, 500.0);
    const Cluster cluster = scene.build();
    const History minute = steady_history_of(cluster, 60.0);
    EXPECT_EQ(power_text(propose(cluster, minute, "ovirt-power-saving:power=1"), cluster), "h2:sleep");
    EXPECT_EQ(power_text(propose(cluster, "ovirt-power-saving:power=1"), cluster), "h2:sleep h3:sleep h4:sleep");
    EXPECT_EQ(power_text(propose(cluster, "ovirt-power-saving:power=1,reserve=2"), cluster), "h2:sleep");
}

TEST(OvirtPowerSaving, WithoutAReserveNoHostIsEverWoken) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    scene.green_host("h2", 100.0, 200.0, PowerState::asleep);
    scene.green_host("h3", 100.0, 200.0, PowerState::asleep);
    scene.vm("a", h1, 500.0);
    scene.vm("b", h1, 490.0);  // hot, and nowhere to go
    const Cluster cluster = scene.build();
    EXPECT_EQ(power_text(propose(cluster, "ovirt-power-saving:power=1"), cluster), "");
    EXPECT_EQ(power_text(propose(cluster, "ovirt-power-saving:power=1,reserve=1"), cluster), "h2:wake");
}

}  // namespace
}  // namespace ballast::test
