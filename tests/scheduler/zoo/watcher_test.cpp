// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/zoo/zoo_scene.hpp"

namespace ballast::test {
namespace {

// Hosts of 1000 MHz.

TEST(WatcherBalance, TheVmThatBringsItsHostClosestToTheMeanGoesToTheLeastLoaded) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.host("h3");
    scene.vm("large", h1, 240.0);
    scene.vm("mid", h1, 150.0);
    scene.vm("small", h1, 60.0);  // h1: 450, at least 250
    scene.vm("c", h2, 45.0);      // mean 495 / 3 = 165; 285 above it: large leaves 45, mid 135, small 225
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "watcher-balance");
    EXPECT_EQ(moves_text(proposal, cluster), "large>h3");  // 240 is below 250; one migration per audit
    EXPECT_EQ(stay_of(proposal, VmId(1)).reason.code, ReasonCode::move_limit);
}

TEST(WatcherBalance, AVmThatWouldTakeItsHostBelowTheMeanStays) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    const VmId a = scene.vm("a", h1, 300.0);  // mean 150; 150 above it, less than 300
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "watcher-balance");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::no_gain);
}

// Watcher does not know of rules; Nova refuses, and the round is over.
TEST(WatcherBalance, ARuleAgainstTheBestHostEndsTheRound) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.host("h3");
    const VmId a = scene.vm("a", h1, 150.0);
    scene.vm("b", h1, 200.0);
    scene.rule(RuleKind::forbid, {"b"}, {"h2"});  // mean 117, 233 above: b leaves 33
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "watcher-balance");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, VmId(1)).reason.code, ReasonCode::forbidden);
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::no_gain);
}

TEST(WatcherStabilization, MovesUntilTheDeviationIsBelowTheThreshold) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    for (int i = 0; i < 4; ++i) scene.vm("v" + std::to_string(i), h1, 150.0);  // 0.6 and 0: deviation 0.3
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "watcher-stabilization");  // the only other host is the random one
    ASSERT_EQ(moves_text(proposal, cluster), "v0>h2 v1>h2");              // 0.15, then 0
    EXPECT_NEAR(proposal.moves[0].reason.value, 0.3, 1e-9);
    EXPECT_NEAR(proposal.moves[0].reason.limit, 0.15, 1e-9);
}

TEST(WatcherStabilization, TheDeviationIsAbsolute) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 95.0);
    const VmId b = scene.vm("b", h1, 95.0);  // 0.19 and 0: deviation 0.095
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "watcher-stabilization");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, b).reason.code, ReasonCode::balanced);
}

TEST(WatcherStabilization, TheHostIsDrawn) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    for (int h = 2; h <= 9; ++h) scene.host("h" + std::to_string(h));
    scene.vm("a", h1, 400.0);
    scene.vm("b", h1, 400.0);
    const Cluster cluster = scene.build();
    const History history = steady_history(cluster);
    const auto policy = value(make_policy("watcher-stabilization"));
    std::vector<std::string> seen;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Rng rng(seed);
        const MigrationModel model;
        seen.push_back(moves_text(policy->propose({cluster, history, model}, rng), cluster));
    }
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    EXPECT_GT(seen.size(), 1U);
}

TEST(WatcherConsolidation, PacksTheMostUsedHostTo100Percent) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    scene.vm("a", h1, 400.0);
    scene.vm("b", h2, 500.0);
    scene.vm("c", h3, 100.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "watcher-consolidation"), cluster), "a>h2 c>h2");  // 500 + 100 + 400
}

TEST(WatcherConsolidation, TheLargestVmIsPlacedFirst) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("small", h1, 100.0);
    scene.vm("big", h1, 200.0);
    scene.vm("c", h2, 780.0);  // 980 with big, and then no room for small
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "watcher-consolidation"), cluster), "big>h2");
}

TEST(WatcherConsolidation, OffloadsTheSmallestVmOfAnOverloadedHost) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 700.0);
    scene.vm("b", h1, 350.0);  // 1050
    scene.vm("c", h2, 600.0);  // 950 with b
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "watcher-consolidation"), cluster), "b>h2");
}

TEST(WatcherConsolidation, HalfEmptiedHostsAreKept) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 300.0);
    scene.vm("b", h1, 100.0);
    scene.vm("c", h2, 800.0);  // only b fits
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "watcher-consolidation"), cluster), "b>h2");
}

TEST(WatcherConsolidation, KeepsATenthOfTheBusyHostsEmptyButAtLeastOne) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    scene.green_host("h2", 100.0, 200.0);
    scene.green_host("h3", 100.0, 200.0);
    scene.green_host("h4", 100.0, 200.0);
    scene.vm("a", h1, 500.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "watcher-consolidation");  // 3 are empty, max(int(0.1), 1) is kept
    const auto slept = std::count_if(proposal.hosts.begin(), proposal.hosts.end(),
                                     [](const HostVerdict& v) { return v.action == HostAction::sleep; });
    EXPECT_EQ(slept, 2);
}

TEST(WatcherConsolidation, WakesASpare) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    scene.green_host("h2", 100.0, 200.0, PowerState::asleep);
    scene.vm("a", h1, 500.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(power_text(propose(cluster, "watcher-consolidation"), cluster), "h2:wake");
}

}  // namespace
}  // namespace ballast::test
