// SPDX-License-Identifier: Apache-2.0
#include "scheduler/packer.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Two hosts in use and two empty ones; c, on h4, is looking for a place.
struct PackerTest : testing::Test {
    PackerTest() : h1(scene.green_host("h1", 100.0, 200.0)), h2(scene.green_host("h2", 100.0, 200.0)) {
        thirsty = scene.green_host("thirsty", 300.0, 400.0);
        frugal = scene.green_host("frugal", 50.0, 100.0);
        h4 = scene.green_host("h4", 100.0, 200.0);
        a = scene.vm("a", h1, 600.0);
        b = scene.vm("b", h2, 300.0);
        c = scene.vm("c", h4, 200.0);
    }
    // Every VM's past, oldest first.
    static History history(const std::vector<std::vector<double>>& rows) {
        History result(3, 30, 300.0);
        for (const auto& row : rows) result.push(row);
        return result;
    }
    UnitId unit(const Draft& draft, VmId vm) const { return draft.units().unit_of(vm); }

    Scene scene;
    HostId h1, h2, thirsty, frugal, h4;
    VmId a, b, c;
    MigrationModel model;
    const PackerOptions exact{0.9, 1.0, 0.0};  // no margin: what is planned is the mean, or the forecast
};

TEST_F(PackerTest, FillsTheFullestHostThatHasRoom) {
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Draft draft({cluster, past, model}, {});
    Packer packer(draft, exact);
    EXPECT_EQ(packer.find(unit(draft, c), h4, false), h1);  // 600 + 200 = 0.8
    packer.move(unit(draft, c), h1, {}, 0.0);
    EXPECT_EQ(packer.find(unit(draft, b), h2, false), HostId());  // 800 + 300 is too much, and h4 is empty now
}

TEST_F(PackerTest, WhatCountsAsFullIsWeighted) {
    scene.vm("wide", h2, 0.0, 8000.0);  // h1: CPU 0.6, memory 0.1; h2: 0.3 and 0.9
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Draft draft({cluster, past, model}, {});
    PackerOptions by_memory = exact;
    by_memory.fullness = {1.0, 1.0, 0.0, 0.0};  // means 0.35 and 0.6
    EXPECT_EQ(Packer(draft, exact).find(unit(draft, c), h4, false), h1);
    Draft other({cluster, past, model}, {});
    EXPECT_EQ(Packer(other, by_memory).find(unit(other, c), h4, false), h2);
}

TEST_F(PackerTest, APastThatVariesNeedsRoomAndTheRefusalSaysHowMuch) {
    const Cluster cluster = scene.build();
    // h1 had 800 half of the time: mean 700, and 0.7 * 600 + 0.3 * 700 = 630 is forecast. 700 + 200 = 0.9 has room.
    const History past = history({{800, 300, 200}, {600, 300, 200}, {800, 300, 200}, {600, 300, 200}});
    Draft draft({cluster, past, model}, {.sustain = 1});
    EXPECT_EQ(Packer(draft, exact).find(unit(draft, c), h4, false), h1);

    // With a margin it has not: s^2 >= 100^2 * 4 / 10.
    Draft other({cluster, past, model}, {.sustain = 1});
    Packer careful(other, {0.9, 1.0, 1.0});
    EXPECT_EQ(careful.find(unit(other, c), h4, false), h2);
    careful.move(unit(other, c), h2, {}, 0.0);
    EXPECT_EQ(careful.find(unit(other, b), h2, false), HostId());
    const auto refusal = careful.closest(unit(other, b), h2);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->code, ReasonCode::planned_load);
    EXPECT_EQ(refusal->host, h1);
    EXPECT_GT(refusal->value, 1.0);  // 700 + 300 and a margin
    EXPECT_DOUBLE_EQ(refusal->limit, 0.9);
}

TEST_F(PackerTest, TakesTheEmptyHostThatGivesAMegahertzForFewestWatts) {
    scene.vm("big", h4, 800.0);
    scene.vm("big too", h4, 800.0);
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Draft draft({cluster, past, model}, {});
    Packer packer(draft, exact);
    const UnitId big = unit(draft, VmId(3));
    EXPECT_EQ(packer.find(big, h4, false), HostId());
    EXPECT_EQ(packer.find(big, h4, true), frugal);
    packer.move(big, frugal, {}, 0.0);
    EXPECT_EQ(packer.find(unit(draft, VmId(4)), h4, true), thirsty);  // frugal is in use and full
}

TEST_F(PackerTest, ComesBackToTheLastBit) {
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Draft draft({cluster, past, model}, {});
    Packer packer(draft, exact);
    packer.move(unit(draft, c), h2, {}, 0.0);
    packer.move(unit(draft, b), h1, {}, 0.0);
    packer.rollback(0);
    EXPECT_EQ(draft.move_count(), 0U);
    EXPECT_EQ(packer.find(unit(draft, c), h4, false), h1);
    EXPECT_EQ(draft.placement().used(h1).cpu_mhz(), 600.0);
    EXPECT_EQ(draft.placement().used(h2).cpu_mhz(), 300.0);
}

}  // namespace
}  // namespace ballast::test
