// SPDX-License-Identifier: Apache-2.0
#include "scheduler/affinity_units.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

TEST(AffinityUnits, BindsTransitivelyAndSplitsByHost) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 1.0);
    const VmId alone = scene.vm("alone", h1, 1.0);
    const VmId b = scene.vm("b", h1, 1.0);
    const VmId c = scene.vm("c", h1, 1.0);
    const VmId away = scene.vm("away", h2, 1.0);
    scene.rule(RuleKind::affinity, {"b", "c"});
    scene.rule(RuleKind::affinity, {"a", "b", "away"});
    const Cluster cluster = scene.build();
    const AffinityUnits units(cluster);

    // {a b c} on h1, {alone}, {away} on h2
    const auto group = units.members(units.unit_of(b));
    EXPECT_EQ(std::vector<VmId>(group.begin(), group.end()), (std::vector<VmId>{a, b, c}));
    EXPECT_EQ(units.members(units.unit_of(alone)).size(), 1U);
    EXPECT_EQ(units.members(units.unit_of(away)).size(), 1U);
    EXPECT_NE(units.unit_of(away), units.unit_of(a));
    EXPECT_EQ(units_on(cluster, units, h1), (std::vector<UnitId>{units.unit_of(a), units.unit_of(alone)}));
}

TEST(AffinityUnits, WithoutRulesEveryVmIsAUnit) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.vm("a", h1, 1.0);
    const VmId b = scene.vm("b", h1, 1.0);
    const Cluster cluster = scene.build();
    const AffinityUnits units(cluster);
    const auto members = units.members(units.unit_of(b));
    EXPECT_EQ(std::vector<VmId>(members.begin(), members.end()), std::vector<VmId>{b});
}

}  // namespace
}  // namespace ballast::test
