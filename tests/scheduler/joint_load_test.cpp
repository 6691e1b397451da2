// SPDX-License-Identifier: Apache-2.0
#include "scheduler/joint_load.hpp"

#include <cmath>
#include <limits>

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// h1 carries a and b, h2 nothing.
struct JointLoadTest : testing::Test {
    JointLoadTest() : h1(scene.host("h1")), h2(scene.host("h2")) {
        a = scene.vm("a", h1, 100.0);
        b = scene.vm("b", h1, 300.0);
    }
    static History history(const std::vector<std::vector<double>>& oldest_first) {
        History result(2, 30, 300.0);
        for (const auto& row : oldest_first) result.push(row);
        return result;
    }
    Scene scene;
    HostId h1, h2;
    VmId a, b;
};

TEST_F(JointLoadTest, WhatIsNotKnownToVaryIsPlannedWithThePrior) {
    const Cluster cluster = scene.build();
    const History past = history({{100, 300}, {100, 300}});
    // s0^2 = 50^2 + 150^2 = 25,000; s^2 = 6 * 25,000 / 8 = 18,750
    EXPECT_DOUBLE_EQ(JointLoad(cluster, past, 1.0).planned_mhz(h1), 400.0 + std::sqrt(18'750.0));
    EXPECT_DOUBLE_EQ(JointLoad(cluster, past, 2.0).planned_mhz(h1), 400.0 + 2.0 * std::sqrt(18'750.0));
    EXPECT_DOUBLE_EQ(JointLoad(cluster, past, 0.0).planned_mhz(h1), 400.0);
    EXPECT_DOUBLE_EQ(JointLoad(cluster, past, 1.0).planned_mhz(h2), 0.0);
}

TEST_F(JointLoadTest, PeaksThatDoNotMeetAreNotAdded) {
    const Cluster cluster = scene.build();
    std::vector<std::vector<double>> together;
    std::vector<std::vector<double>> in_turn;
    for (int i = 0; i < 12; ++i) {
        const double x = i % 2 == 0 ? 100.0 : 300.0;
        together.push_back({x, x});
        in_turn.push_back({x, 400.0 - x});
    }
    // Both have a mean of 400; the sum swings by +-200 or not at all. Only the prior, 6 * 2 * 100^2 / 18, is left.
    EXPECT_DOUBLE_EQ(JointLoad(cluster, history(in_turn), 1.0).planned_mhz(h1), 400.0 + std::sqrt(120'000.0 / 18.0));
    const double swing = std::sqrt((12.0 * 200.0 * 200.0 + 120'000.0) / 18.0);
    // The newest sample is above the mean: 0.7 * 600 + 0.3 * 400 = 540, and less than s above that.
    EXPECT_DOUBLE_EQ(JointLoad(cluster, history(together), 1.0).planned_mhz(h1),
                     std::max(400.0 + swing, 540.0 + swing * std::sqrt(1.0 - 0.49)));
}

// 24 samples: every second one, the newest among them.
TEST_F(JointLoadTest, OfALongPastItTakesEveryKthSample) {
    const Cluster cluster = scene.build();
    std::vector<std::vector<double>> rows;
    for (int i = 0; i < 24; ++i) rows.push_back({i % 2 == 0 ? 1000.0 : 100.0, 300.0});
    EXPECT_DOUBLE_EQ(JointLoad(cluster, history(rows), 0.0).planned_mhz(h1), 400.0);
}

TEST_F(JointLoadTest, AMissingSampleCountsAsThePresentDemand) {
    const Cluster cluster = scene.build();
    EXPECT_DOUBLE_EQ(JointLoad(cluster, history({{missing, 300}, {100, missing}}), 0.0).planned_mhz(h1), 400.0);
    EXPECT_DOUBLE_EQ(JointLoad(cluster, History(), 0.0).planned_mhz(h1), 400.0);  // no history at all
}

TEST_F(JointLoadTest, MovesAndComesBackToTheLastBit) {
    const Cluster cluster = scene.build();
    const History past = history({{0.1, 0.2}, {0.3, 1e9}, {7.7, 3.3}});
    JointLoad joint(cluster, past, 1.0);
    const double before = joint.planned_mhz(h1);
    const std::vector<VmId> only_b = {b};
    const double with_b = joint.planned_mhz(h2, only_b);
    const std::size_t mark = joint.mark();
    joint.move(b, h1, h2);
    EXPECT_EQ(joint.planned_mhz(h2), with_b);
    EXPECT_NE(joint.planned_mhz(h1), before);
    joint.rollback(mark);
    EXPECT_EQ(joint.planned_mhz(h1), before);
    EXPECT_EQ(joint.planned_mhz(h2), 0.0);
}

}  // namespace
}  // namespace ballast::test
