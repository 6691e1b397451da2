// SPDX-License-Identifier: Apache-2.0
#include "executor/spare_check.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

// Hosts of 8000 MHz with so many GiB; VMs of so many GiB and MHz on them.
struct Vm {
    std::size_t host;
    double gib;
    double mhz = 100.0;
};
Cluster cluster(const std::vector<double>& hosts_gib, const std::vector<Vm>& vms) {
    ClusterBuilder builder;
    std::vector<HostId> ids;
    for (std::size_t i = 0; i < hosts_gib.size(); ++i) {
        ids.push_back(builder.add_host(test::host("h" + std::to_string(i + 1), 8000.0, hosts_gib[i] * 1024.0)));
    }
    for (std::size_t i = 0; i < vms.size(); ++i) {
        builder.add_vm(test::vm("vm" + std::to_string(i), vms[i].gib * 1024.0), test::on(ids[vms[i].host], vms[i].mhz));
    }
    return test::value(std::move(builder).build());
}

std::string objection(const Cluster& cluster, std::size_t host, int spare) {
    return objection_to_sleep(cluster, occupancy_of(cluster), HostId(host), spare).value_or("");
}

TEST(SpareCheck, TheOthersMustHaveRoomForTheVmsOfAnyHostThatFails) {
    // h1 holds 6 GiB, h2 2 GiB; h3 is empty. Without h3, h2 has 8 - 2 = 6 GiB left for the VMs of h1.
    EXPECT_EQ(objection(cluster({8, 8, 8}, {{0, 3}, {0, 3}, {1, 2}}), 2, 1), "");
    EXPECT_EQ(objection(cluster({8, 8, 8}, {{0, 3}, {0, 3}, {1, 3}}), 2, 1),
              "with h3 asleep, no host would have room for vm1 if h1 failed");
    EXPECT_EQ(objection(cluster({8, 8, 8}, {{0, 3}, {0, 3}, {1, 3}}), 2, 0), "") << "nobody asked";
}

TEST(SpareCheck, CpuCountsAsMemoryDoes) {
    EXPECT_EQ(objection(cluster({8, 8, 8}, {{0, 1, 5000}, {1, 1, 3000}}), 2, 1), "");
    EXPECT_EQ(objection(cluster({8, 8, 8}, {{0, 1, 5000}, {1, 1, 3001}}), 2, 1),
              "with h3 asleep, no host would have room for vm0 if h1 failed");
}

// 4 + 4 GiB fail onto two hosts of 5 GiB each: only as largest first, each where most is free.
TEST(SpareCheck, VmsArePlacedLargestFirst) {
    EXPECT_EQ(objection(cluster({8, 5, 5, 8}, {{0, 1}, {0, 4}, {0, 1}, {0, 4}}), 3, 1), "");
}

TEST(SpareCheck, SeveralMayFailAtOnceAmongThemTheLargest) {
    // h4 (16 GiB, empty) could take all of h1; if it fails with h1, h2 and h3 have 2 * 3 GiB for VMs of 4 GiB.
    const Cluster five = cluster({8, 3, 3, 16, 8}, {{0, 4}});
    EXPECT_EQ(objection(five, 4, 1), "");
    EXPECT_EQ(objection(five, 4, 2), "with h5 asleep, no host would have room for vm0 if h1 and h4 failed");
}

TEST(SpareCheck, WhatIsOffOrOutOfServiceTakesNobody) {
    const Cluster whole = cluster({8, 8, 8}, {{0, 6}});
    EXPECT_EQ(objection(whole, 2, 1), "");
    ClusterState state = whole.state();
    state.hosts[1].maintenance = true;
    EXPECT_NE(objection(test::value(Cluster::make(whole.shared_inventory(), state)), 2, 1), "");
    state = whole.state();
    state.hosts[1].power = PowerState::asleep;
    EXPECT_NE(objection(test::value(Cluster::make(whole.shared_inventory(), state)), 2, 1), "");
    state = whole.state();
    state.hosts[1].reachable = false;
    EXPECT_NE(objection(test::value(Cluster::make(whole.shared_inventory(), state)), 2, 1), "");
}

TEST(SpareCheck, GoesByWhereTheVmsAreNow) {
    const Cluster before = cluster({8, 8, 8}, {{2, 6}, {1, 3}});
    Occupancy now = occupancy_of(before);
    EXPECT_NE(objection_to_sleep(before, now, HostId(2), 1), std::nullopt) << "its own VM has not left";
    now.host_of[0] = HostId(0);
    EXPECT_NE(objection_to_sleep(before, now, HostId(2), 1), std::nullopt) << "6 GiB into 8 - 3";
    now.host_of[1] = HostId(0);
    EXPECT_NE(objection_to_sleep(before, now, HostId(2), 1), std::nullopt) << "9 GiB into 8";
}

}  // namespace
}  // namespace ballast
