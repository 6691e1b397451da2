// SPDX-License-Identifier: Apache-2.0
#include "scheduler/placement.hpp"

#include <array>

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

struct PlacementTest : testing::Test {
    PlacementTest() {
        h1 = scene.host("h1");
        HostSpec spec = host("h2", 2000.0, 4000.0);
        spec.reserve = ResourceVector(500.0, 0.0);
        HostState state;
        state.overhead = ResourceVector(50.0, 500.0 * bytes_per_mib);
        h2 = scene.builder.add_host(spec, state);
        a = scene.vm("a", h1, 0.1);
        b = scene.vm("b", h1, 0.2);
    }
    Scene scene;
    HostId h1, h2;
    VmId a, b;
};

TEST_F(PlacementTest, StartsWithOverheadAndNeeds) {
    const Cluster cluster = scene.build();
    History history(2, 1, 300.0);
    history.push(std::array{100.0, 200.0});
    const LoadWindow window(cluster, history, 1);
    const Placement placement(cluster, window);
    EXPECT_EQ(placement.need(b), ResourceVector(200.0, 1000.0 * bytes_per_mib));
    EXPECT_EQ(placement.used(h1), ResourceVector(300.0, 2000.0 * bytes_per_mib));
    EXPECT_EQ(Placement(cluster).need(b).cpu_mhz(), 0.2);  // its footprint
    EXPECT_EQ(placement.used(h2).cpu_mhz(), 50.0);
    EXPECT_EQ(placement.usable(h2).cpu_mhz(), 1500.0);  // 2000 - 500
    EXPECT_EQ(placement.vm_count(h1), 2U);
}

TEST_F(PlacementTest, PeakIsTheWorstResourceAndSkipsTheUnmeasured) {
    const Cluster cluster = scene.build();
    const Placement placement(cluster);
    // cpu (50 + 100) / 1500 = 0.1; memory (500 + 1500) / 4000 = 0.5; network and disk are not measured
    const ResourceVector extra(100.0, 1500.0 * bytes_per_mib, 1e12, 1e12);
    EXPECT_DOUBLE_EQ(placement.peak_utilisation(h2, extra), 0.5);
    EXPECT_EQ(placement.utilisation(h2, Resource::network), 0.0);
}

TEST_F(PlacementTest, WeightsSayWhichResourceCountsHowMuch) {
    const Cluster cluster = scene.build();
    History history(2, 1, 300.0);
    history.push(std::array{100.0, 200.0});
    const LoadWindow window(cluster, history, 1);
    const ResourceVector extra(100.0, 1500.0 * bytes_per_mib);  // cpu 0.1, memory 0.5
    EXPECT_DOUBLE_EQ(Placement(cluster, window, {6.0, 1.0, 1.0, 1.0}).peak_utilisation(h2, extra), 0.6);
    EXPECT_DOUBLE_EQ(Placement(cluster, window, {1.0, 0.0, 1.0, 1.0}).peak_utilisation(h2, extra), 0.1);
}

TEST_F(PlacementTest, UndoRestoresTheLastBit) {
    const Cluster cluster = scene.build();
    Placement placement(cluster);
    const ResourceVector before_h1 = placement.used(h1);
    const ResourceVector before_h2 = placement.used(h2);
    const auto first = placement.move(a, h2);
    const auto second = placement.move(b, h2);
    EXPECT_EQ(placement.vm_count(h2), 2U);
    EXPECT_EQ(placement.host_of(b), h2);
    EXPECT_TRUE(placement.moved(b));
    placement.undo(second);
    placement.undo(first);
    EXPECT_EQ(placement.used(h1), before_h1);  // (0.3 - 0.1 - 0.2) + 0.2 + 0.1 would not be
    EXPECT_EQ(placement.used(h2), before_h2);
    EXPECT_EQ(placement.host_of(a), h1);
    EXPECT_FALSE(placement.moved(a));
    EXPECT_EQ(placement.vm_count(h1), 2U);
}

}  // namespace
}  // namespace ballast::test
