// SPDX-License-Identifier: Apache-2.0
// OneDRS, ProxLB and Proxmox CRS: the policies that even out.
#include "tests/scheduler/zoo/zoo_scene.hpp"

namespace ballast::test {
namespace {

// Hosts of 1000 MHz and 10000 MiB.

TEST(OneDrs, ATinyGainMovesAVm) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 495.0);
    scene.vm("tiny", h1, 5.0);
    scene.vm("c", h2, 490.0);
    const Cluster cluster = scene.build();
    // 0.500 -> 0.495; the penalty is 0.01 / (2 * 3 + 1) = 0.0014
    EXPECT_EQ(moves_text(propose(cluster, "onedrs"), cluster), "tiny>h2");
    EXPECT_EQ(moves_text(propose(cluster, "onedrs:penalty=0.05"), cluster), "");  // 0.0071
    EXPECT_EQ(moves_text(propose(cluster, "onedrs:moves=0"), cluster), "");
}

TEST(OneDrs, OnlyTheWorstHostCounts) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.host("h3");
    scene.vm("a", h1, 900.0);  // wherever it goes, there is a host at 0.9
    scene.vm("b", h2, 300.0);
    scene.vm("c", h2, 300.0);  // uneven, but below the worst
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "onedrs"), cluster), "");
}

TEST(OneDrs, StepsThatBoughtNothingAreTakenBack) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.host("h3");
    scene.vm("a", h1, 250.0);
    scene.vm("b", h1, 250.0);
    scene.vm("c", h2, 500.0);  // as loaded as h1, and it cannot get better
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "onedrs"), cluster), "");
}

TEST(ProxLb, TenPointsApartIsBalanced) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 900.0, 2500.0);  // CPU is not looked at
    scene.vm("b", h1, 50.0, 500.0);    // 30 % and 20 % of the memory
    scene.vm("c", h2, 50.0, 2000.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "proxlb");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, VmId(0)).reason.code, ReasonCode::balanced);
    // By CPU: 95 % and 5 %; b goes first, then a, whose node is still the fullest: 0 % and 100 % of CPU.
    EXPECT_EQ(moves_text(propose(cluster, "proxlb:cpu=1"), cluster), "b>h2 a>h2");
}

// Small guests first, and each goes as long as its node is the fullest, whatever that makes of the other node.
TEST(ProxLb, Overshoots) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("large", h1, 10.0, 3000.0);
    scene.vm("mid", h1, 10.0, 600.0);
    scene.vm("small", h1, 10.0, 500.0);  // 41 % and 0 %
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "proxlb");
    // 36 and 5, 30 and 11, then 0 and 41.
    EXPECT_EQ(moves_text(proposal, cluster), "small>h2 mid>h2 large>h2");
    EXPECT_NEAR(proposal.moves[2].reason.value, 0.19, 1e-9);
    EXPECT_NEAR(proposal.moves[2].reason.limit, 0.41, 1e-9);
}

TEST(ProxLb, AGuestStaysWhereItsNodeIsNotTheFullest) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.host("h3");
    scene.vm("a", h1, 10.0, 4000.0);  // 40 %, 25 % and 0 %
    scene.vm("b", h2, 10.0, 500.0);   // comes first, being small
    scene.vm("c", h2, 10.0, 2000.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "proxlb"), cluster), "a>h3");
}

// A node's load is the mean of its CPU and its memory.
TEST(ProxmoxCrs, MakesTheBestMoveAfterHoldingStill) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    for (int i = 0; i < 4; ++i) scene.vm("v" + std::to_string(i), h1, 200.0);
    const Cluster cluster = scene.build();
    // (0.8 + 0.4) / 2 = 0.6 and 0: deviation 0.3, mean 0.3: 1. With one moved 0.45 and 0.15: 0.5. With two 0.
    const Proposal one = propose(cluster, steady_history_of(cluster, 30.0), "proxmox-crs");
    ASSERT_EQ(moves_text(one, cluster), "v0>h2");
    EXPECT_NEAR(one.moves[0].reason.value, 1.0, 1e-9);
    EXPECT_NEAR(one.moves[0].reason.limit, 0.5, 1e-9);
    // In 60 s it is still one: 30 s of holding still, 20 s for a migration of some 13 s, and 30 s are not left.
    EXPECT_EQ(moves_text(propose(cluster, steady_history_of(cluster, 60.0), "proxmox-crs"), cluster), "v0>h2");
    // In 300 s there is time for 3 rounds of holding still, a migration of some 13 s, and all that again.
    EXPECT_EQ(moves_text(propose(cluster, steady_history_of(cluster, 300.0), "proxmox-crs"), cluster), "v0>h2 v1>h2");
}

TEST(ProxmoxCrs, WaitsUntilTheImbalanceIsSustained) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 1e6);  // memory hardly counts
    const HostId h2 = scene.host("h2", 1000.0, 1e6);
    scene.vm("a", h1, 400.0);
    scene.vm("b", h1, 400.0);
    scene.vm("c", h2, 100.0);
    const Cluster cluster = scene.build();
    History history(3, 8, 10.0);
    history.push(std::vector<double>{400.0, 400.0, 800.0});  // even, three samples ago
    history.push(std::vector<double>{400.0, 400.0, 100.0});
    history.push(std::vector<double>{400.0, 400.0, 100.0});
    const Proposal early = propose(cluster, history, "proxmox-crs");
    EXPECT_EQ(moves_text(early, cluster), "");
    EXPECT_EQ(stay_of(early, VmId(0)).reason.code, ReasonCode::not_sustained);
    history.push(std::vector<double>{400.0, 400.0, 100.0});
    EXPECT_EQ(moves_text(propose(cluster, history, "proxmox-crs"), cluster), "a>h2");
}

TEST(ProxmoxCrs, AnAlmostIdleClusterIsShuffled) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 1.0, 10.0);
    scene.vm("b", h1, 1.0, 10.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "proxmox-crs"), cluster), "a>h2");
}

TEST(ProxmoxCrs, AMoveThatGainsLessThanTheMarginIsNotMade) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 960.0, 9600.0);
    const VmId b = scene.vm("b", h1, 40.0, 400.0);  // 1 and 0: 1. With b moved 0.96 and 0.04: 0.92. With a: the same.
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "proxmox-crs");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, b).reason.code, ReasonCode::no_gain);
    EXPECT_EQ(moves_text(propose(cluster, "proxmox-crs:margin=0.05"), cluster).size(), 4U);
}

}  // namespace
}  // namespace ballast::test
