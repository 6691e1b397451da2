// SPDX-License-Identifier: Apache-2.0
#include "scheduler/repair.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Hosts of 1000 MHz and 10000 MiB, VMs of 1000 MiB and 10 MHz: nothing is hot, so spread moves only to mend rules.
struct RepairTest : testing::Test {
    RepairTest() {
        h1 = scene.host("h1");
        h2 = scene.host("h2");
        h3 = scene.host("h3");
    }
    VmId vm(const std::string& name, HostId host, double memory_mib = 1000.0) {
        return scene.vm(name, host, 10.0, memory_mib);
    }
    // The moves of spread; and that deciding again on the result moves nothing more.
    std::string moves() {
        cluster.emplace(scene.build());
        proposal = propose(*cluster, "spread:enter=0.8,exit=0.65,cooldown=0,no_return=0");
        EXPECT_EQ(
            moves_text(propose(carried_out(*cluster, proposal), "spread:enter=0.8,exit=0.65,cooldown=0,no_return=0"),
                       *cluster),
            "");
        return moves_text(proposal, *cluster);
    }
    void soft(RuleKind kind, const std::string& name, std::vector<std::string> vms, std::vector<std::string> hosts,
              double weight) {
        RuleSpec rule;
        rule.kind = kind;
        rule.name = name;
        rule.vms = std::move(vms);
        rule.hosts = std::move(hosts);
        rule.weight = weight;
        scene.builder.add_rule(rule);
    }

    Scene scene;
    HostId h1, h2, h3;
    std::optional<Cluster> cluster;
    Proposal proposal;
};

TEST_F(RepairTest, PinnedAndForbiddenVmsLeave) {
    vm("a", h1);
    vm("b", h1);
    vm("c", h3);
    scene.rule(RuleKind::pin, {"a"}, {"h2"});
    scene.rule(RuleKind::forbid, {"b"}, {"h1", "h2"});
    EXPECT_EQ(moves(), "a>h2 b>h3");
    EXPECT_EQ(proposal.moves[0].reason.code, ReasonCode::repair_rule);
    EXPECT_EQ(describe(proposal.moves[0].reason, *cluster), "rule \"pin-0\" is broken while it is on h1");
}

// Three on one host, one per host: the two smaller ones go, each to a host of its own.
TEST_F(RepairTest, WhoIsTooManyLeavesTheSmallestFirst) {
    vm("large", h1, 3000.0);
    vm("mid", h1, 2000.0);
    vm("small", h1, 1000.0);
    scene.rule(RuleKind::anti_affinity, {"large", "mid", "small"});
    EXPECT_EQ(moves(), "small>h2 mid>h3");
}

// a and b are on two hosts of one rack, where one may be; h3 of the same rack is the emptiest, far is in another.
TEST_F(RepairTest, WhoIsTooManyInARackLeavesTheRack) {
    const auto racked = [&](const std::string& name, const std::string& rack) {
        HostSpec spec = host(name, 1000.0, 10000.0);
        spec.rack = rack;
        return scene.builder.add_host(spec);
    };
    const HostId r1 = racked("r1", "left");
    const HostId r2 = racked("r2", "left");
    racked("r3", "left");
    const HostId far = racked("far", "right");
    vm("a", r1);
    vm("b", r2);
    vm("c", far);
    RuleSpec rule;
    rule.kind = RuleKind::anti_affinity;
    rule.name = "racks";
    rule.vms = {"a", "b"};
    rule.per = FaultDomain::rack;
    scene.builder.add_rule(rule);
    vm("busy1", h1, 5000.0);
    vm("busy2", h2, 5000.0);
    vm("busy3", h3, 5000.0);
    EXPECT_EQ(moves(), "a>far");
}

// a and b come along with each other, so no host keeps them apart: nothing is moved about.
TEST_F(RepairTest, WhatContradictsItselfStays) {
    vm("a", h1);
    vm("b", h1);
    soft(RuleKind::anti_affinity, "apart", {"a", "b"}, {}, 1.0);
    scene.rule(RuleKind::affinity, {"a", "b"});
    EXPECT_EQ(moves(), "");
}

TEST_F(RepairTest, AGroupInThreePartsMeets) {
    vm("a", h1, 3000.0);
    vm("b", h2);
    vm("c", h3);
    scene.rule(RuleKind::affinity, {"a", "b", "c"});
    EXPECT_EQ(moves(), "b>h1 c>h1");
}

// a (3000 MiB) and b are on h1, c on h2: c comes.
TEST_F(RepairTest, ATornGroupMeetsWhereMostOfItIs) {
    vm("a", h1, 3000.0);
    vm("b", h1);
    vm("c", h2);
    scene.rule(RuleKind::affinity, {"a", "b", "c"});
    EXPECT_EQ(moves(), "c>h1");
}

TEST_F(RepairTest, WhatCannotBeMendedSaysWhy) {
    const VmId a = vm("a", h1);
    vm("big", h2, 9500.0);
    scene.rule(RuleKind::pin, {"a"}, {"h2"});
    EXPECT_EQ(moves(), "");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::resource_fit);
    EXPECT_EQ(stay_of(proposal, a).best, h2);
}

// Only one place is free on h3. The hard rule has it, whatever the soft ones weigh; of those the heavier.
TEST_F(RepairTest, HardRulesComeFirstThenTheHeaviest) {
    vm("hard", h1, 6000.0);
    vm("light", h2, 3000.0);
    vm("heavy", h2, 3000.0);
    soft(RuleKind::pin, "light", {"light"}, {"h3"}, 1.0);
    soft(RuleKind::pin, "heavy", {"heavy"}, {"h3"}, 5.0);
    scene.rule(RuleKind::pin, {"hard"}, {"h3"});
    EXPECT_EQ(moves(), "hard>h3 heavy>h3");
}

// h2 would break the soft rule no more than h1 does; only h3 mends it, and h3 is full.
TEST_F(RepairTest, ASoftRuleIsMendedOrLeftButNotMovedAbout) {
    vm("a", h1);
    vm("full", h3, 9500.0);
    soft(RuleKind::pin, "a", {"a"}, {"h3"}, 1.0);
    EXPECT_EQ(moves(), "");
}

TEST_F(RepairTest, ConsolidateMendsToo) {
    vm("a", h1);
    vm("b", h2);
    scene.rule(RuleKind::pin, {"a"}, {"h2", "h3"});
    const Cluster made = scene.build();
    EXPECT_EQ(moves_text(propose(made, "consolidate:low=0"), made), "a>h3");
}

}  // namespace
}  // namespace ballast::test
