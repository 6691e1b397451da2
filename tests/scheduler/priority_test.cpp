// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Hosts of 1000 MHz and 10000 MiB.
struct PriorityTest : testing::Test {
    VmId vm(const std::string& name, HostId host, double cpu_mhz, Priority priority, double memory_mib = 1000.0) {
        VmSpec spec = test::vm(name, memory_mib);
        spec.priority = priority;
        return scene.builder.add_vm(std::move(spec), on(host, cpu_mhz));
    }

    Scene scene;
};

TEST_F(PriorityTest, ReliefMovesLowPriorityFirstAndSparesTheHigh) {
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    const VmId high = vm("high", h1, 400.0, Priority::high, 100.0);  // alone enough, and the least memory
    vm("low", h1, 250.0, Priority::low, 4000.0);
    const VmId normal = vm("normal", h1, 300.0, Priority::normal, 200.0);  // 950, of which 150 must leave
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.9,exit=0.8");
    EXPECT_EQ(moves_text(proposal, cluster), "low>h2");
    EXPECT_EQ(stay_of(proposal, high).reason.code, ReasonCode::spared);
    EXPECT_EQ(stay_of(proposal, normal).reason.code, ReasonCode::spared);
    EXPECT_EQ(describe(stay_of(proposal, high).reason, cluster),
              "VMs of lower priority leave h1 in its place, which comes down to 70 %, and 80 % is enough");
}

TEST_F(PriorityTest, WhatLowPriorityCannotRelieveTheNextOneDoes) {
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    vm("high", h1, 500.0, Priority::high);
    vm("low", h1, 100.0, Priority::low);
    vm("normal", h1, 380.0, Priority::normal);  // 980, of which 280 must leave
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "spread:search=0,enter=0.9,exit=0.7"), cluster), "normal>h2");
    EXPECT_EQ(moves_text(propose(cluster, "spread:search=0,enter=0.9,exit=0.55"), cluster), "normal>h2 low>h2");
}

// h3 has room for one of the two VMs only.
TEST_F(PriorityTest, TheHostOfAHighPriorityVmIsRelievedFirst) {
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    vm("a", h1, 790.0, Priority::normal);
    vm("b", h1, 200.0, Priority::normal);  // the hotter one
    vm("c", h2, 770.0, Priority::high);
    vm("d", h2, 200.0, Priority::normal);
    vm("e", h3, 600.0, Priority::normal);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "spread:search=0,enter=0.95,exit=0.85"), cluster), "d>h3");
}

TEST_F(PriorityTest, AHostInMaintenanceIsLeftByTheHighestFirst) {
    HostState maintenance;
    maintenance.maintenance = true;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, maintenance);
    const HostId h2 = scene.host("h2");
    vm("large", h1, 300.0, Priority::normal);
    vm("small", h1, 250.0, Priority::high);
    vm("e", h2, 600.0, Priority::normal);  // room for one
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "drain"), cluster), "small>h2");
}

TEST_F(PriorityTest, RoomIsMadeByAVmOfNoHigherPriority) {
    HostState maintenance;
    maintenance.maintenance = true;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, maintenance);
    const HostId h2 = scene.host("h2", 1000.0, 3000.0);
    const HostId h3 = scene.host("h3", 1000.0, 1100.0);
    vm("leaving", h1, 10.0, Priority::normal, 2000.0);  // fits on neither
    vm("high", h2, 10.0, Priority::high);
    vm("low", h2, 10.0, Priority::low);
    (void)h3;
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "drain"), cluster), "low>h3 leaving>h2");
}

TEST_F(PriorityTest, AVmOfHigherPriorityMakesNoRoom) {
    for (const Priority other : {Priority::normal, Priority::high}) {
        scene = {};
        HostState maintenance;
        maintenance.maintenance = true;
        const HostId h1 = scene.host("h1", 1000.0, 10000.0, maintenance);
        const HostId h2 = scene.host("h2", 1000.0, 2500.0);
        scene.host("h3", 1000.0, 1100.0);
        vm("leaving", h1, 10.0, Priority::normal, 2000.0);
        vm("other", h2, 10.0, other);
        const Cluster cluster = scene.build();
        EXPECT_EQ(moves_text(propose(cluster, "drain"), cluster),
                  other == Priority::normal ? "other>h3 leaving>h2" : "");
    }
}

TEST_F(PriorityTest, RepairPartsTheLowestAndUnitesWhereTheHighestIs) {
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    vm("high", h1, 10.0, Priority::high, 500.0);
    vm("low", h1, 10.0, Priority::low, 2000.0);
    scene.rule(RuleKind::anti_affinity, {"high", "low"});
    vm("lead", h2, 10.0, Priority::high, 500.0);
    vm("mate", h1, 10.0, Priority::normal, 3000.0);
    scene.rule(RuleKind::affinity, {"lead", "mate"});
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "spread:search=0,enter=0.95,exit=0.85"), cluster), "low>h2 mate>h2");
}

}  // namespace
}  // namespace ballast::test
