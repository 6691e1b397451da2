// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/zoo/zoo_scene.hpp"

namespace ballast::test {
namespace {

// Hosts of 1000 MHz and 10000 MiB.

TEST(XoDensity, EmptiesEveryHostButTheMasterWhateverItsLoad) {
    Scene scene;
    const HostId master = scene.green_host("master", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("m", master, 300.0);
    scene.vm("a", h2, 550.0);  // 850 is below 900
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "xo-density");
    EXPECT_EQ(moves_text(proposal, cluster), "a>master");
    EXPECT_EQ(power_text(proposal, cluster), "h2:sleep");
}

TEST(XoDensity, AllOrNothing) {
    Scene scene;
    const HostId master = scene.green_host("master", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("m", master, 800.0);
    scene.vm("large", h2, 50.0, 2000.0);
    scene.vm("small", h2, 300.0, 500.0);  // 800 + 50 + 300
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "xo-density");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(power_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, VmId(2)).reason.code, ReasonCode::no_destination);
}

TEST(XoDensity, TheFullestInMemoryTakesWhatTheMasterCannot) {
    Scene scene;
    const HostId master = scene.green_host("master", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    const HostId h3 = scene.host("h3");
    const HostId h4 = scene.host("h4");
    scene.vm("m", master, 850.0);
    scene.vm("a", h2, 100.0);
    scene.vm("c", h3, 10.0, 3000.0);
    scene.vm("d", h4, 10.0, 8100.0);  // 900 MiB would be left, less than the critical 1000
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "xo-density"), cluster), "a>h3");
}

TEST(XoDensity, NeverWakesAHost) {
    Scene scene;
    const HostId master = scene.green_host("master", 100.0, 200.0);
    scene.green_host("h2", 100.0, 200.0, PowerState::asleep);
    scene.vm("a", master, 600.0);
    scene.vm("b", master, 600.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(power_text(propose(cluster, "xo-density"), cluster), "");
}

TEST(XoDensity, LeavesTaggedVmsAlone) {
    Scene scene;
    const HostId master = scene.green_host("master", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("m", master, 100.0);
    const VmId a = scene.vm("a", h2, 100.0);
    scene.vm("b", h2, 100.0);
    scene.rule(RuleKind::affinity, {"a", "b"});
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "xo-density");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::tagged);
}

TEST(XoPerformance, VmsWithinAFactorOfFourGoByMemory) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("fast", h1, 400.0, 500.0);
    scene.vm("fat", h1, 200.0, 3000.0);
    scene.vm("mid", h1, 170.0, 2000.0);  // 770, at least 765 = 0.85 * 900
    scene.vm("c", h2, 100.0);
    const Cluster cluster = scene.build();
    // fat first: 570 is at most 585 = 0.65 * 900
    EXPECT_EQ(moves_text(propose(cluster, "xo-performance"), cluster), "fat>h2");
}

TEST(XoPerformance, BelowTheHighLevelNothingMoves) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 400.0);
    scene.vm("b", h1, 364.0);  // 764
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "xo-performance"), cluster), "");
}

TEST(XoPerformance, TheLoadOfTheLastHalfHourMustBeHighAsWell) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 400.0);
    scene.vm("b", h1, 400.0);
    const Cluster cluster = scene.build();
    History history(2, 6, 300.0);
    for (int i = 0; i < 5; ++i) history.push(std::vector<double>{200.0, 200.0});
    history.push(std::vector<double>{400.0, 400.0});
    // Mean of six samples (5 * 400 + 800) / 6 = 467; 0.75 * 800 + 0.25 * 467 = 717, below 765.
    EXPECT_EQ(moves_text(propose(cluster, history, "xo-performance"), cluster), "");
}

TEST(XoPerformance, AVmThatMovedRestsAndEveryHostIsWoken) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    scene.green_host("h2", 100.0, 200.0);
    scene.green_host("h3", 100.0, 200.0, PowerState::asleep);
    scene.green_host("h4", 100.0, 200.0, PowerState::asleep);
    const VmId a = scene.vm("a", h1, 400.0, 2000.0);
    scene.vm("b", h1, 400.0);
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    history.set_last_move_age(a, 1799.0);
    const Proposal proposal = propose(cluster, history, "xo-performance");
    EXPECT_EQ(moves_text(proposal, cluster), "b>h2");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::cooldown);
    EXPECT_EQ(power_text(proposal, cluster), "h3:wake h4:wake");
}

TEST(Neat, EmptiesAHostWhoseMeanOfTwoIsBelowHalf) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.green_host("idle", 100.0, 200.0);
    scene.vm("a", h1, 300.0);
    scene.vm("b", h2, 400.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "neat");
    EXPECT_EQ(moves_text(proposal, cluster), "a>h2");  // 700, at most 800; h2 is no longer below 0.5 then
    EXPECT_EQ(power_text(proposal, cluster), "h1:sleep idle:sleep");

    History spiky(2, 4, 300.0);
    spiky.push(std::vector<double>{800.0, 700.0});
    spiky.push(std::vector<double>{300.0, 400.0});  // means of two: 550 and 550
    EXPECT_EQ(moves_text(propose(cluster, spiky, "neat"), cluster), "");
}

TEST(Neat, AHostIsEmptiedWhollyOrNotAtAll) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("a", h1, 250.0);
    scene.vm("b", h1, 150.0);
    scene.vm("c", h2, 550.0);  // 800 with a, then no room for b
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "neat");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(power_text(proposal, cluster), "");
}

TEST(Neat, AnOverloadedHostGivesAwayOneOfTheVmsWithTheLeastMemory) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 200.0, 500.0);
    scene.vm("b", h1, 300.0, 500.0);
    scene.vm("c", h1, 400.0, 1000.0);  // 900
    scene.vm("d", h2, 500.0);          // 800 with b
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "neat"), cluster), "b>h2");

    History calm(4, 20, 300.0);  // overloaded in 1 of 11 samples: 0.09 is not above 0.1
    for (int i = 0; i < 10; ++i) calm.push(std::vector<double>{200.0, 300.0, 200.0, 500.0});
    calm.push(std::vector<double>{200.0, 300.0, 400.0, 500.0});
    EXPECT_EQ(moves_text(propose(cluster, calm, "neat"), cluster), "");
}

TEST(Neat, WakesTheSmallestHostThatTakesTheVm) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    scene.green_host("large", 100.0, 200.0, PowerState::asleep, 2000.0);
    scene.green_host("small", 100.0, 200.0, PowerState::asleep, 500.0);
    const VmId a = scene.vm("a", h1, 450.0);
    scene.vm("b", h1, 450.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "neat");
    EXPECT_EQ(moves_text(proposal, cluster), "");  // it goes there when the host is on
    EXPECT_EQ(power_text(proposal, cluster), "small:wake");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::host_not_on);
}

}  // namespace
}  // namespace ballast::test
