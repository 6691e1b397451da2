// SPDX-License-Identifier: Apache-2.0
#include "scheduler/host_index.hpp"

#include "tests/scheduler/random_cluster.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// What trying all hosts in order gives: the plain definition of each search.
struct Plain {
    std::size_t first = HostIndex::none;
    std::size_t lowest = HostIndex::none;
    HostIndex::Refusal closest;
};

Plain try_all(const HostIndex& index, const Placement& placement, const Feasibility& feasibility, UnitId unit,
              HostId from, const Level& level, std::size_t hidden) {
    Plain plain;
    for (std::size_t p = 0; p < index.size(); ++p) {
        const HostId host = index.host(p);
        if (host == from || p == hidden) continue;
        if (const auto refused = feasibility.arriving(unit, host, level)) {
            const bool first = plain.closest.position == HostIndex::none;
            if (first || Feasibility::closer(*refused, plain.closest.reason)) plain.closest = {p, *refused};
            continue;
        }
        if (plain.first == HostIndex::none) plain.first = p;
        const auto peak = [&](std::size_t q) {
            return placement.peak_utilisation(index.host(q), feasibility.need(unit));
        };
        if (plain.lowest == HostIndex::none || peak(p) < peak(plain.lowest)) plain.lowest = p;
    }
    return plain;
}

// On clusters of many blocks, arranged either way, with every kind of refusal, after moves and with a hidden host.
TEST(HostIndex, FindsWhatTryingAllHostsFinds) {
    std::size_t found = 0;
    std::size_t refused = 0;
    RandomShape shape;
    shape.hosts_max = 120;
    shape.vms_max = 300;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed, shape);
        const Cluster& cluster = input.cluster;
        const AffinityUnits units(cluster);
        Placement placement(cluster);
        const Feasibility feasibility(cluster, placement, units);
        std::vector<HostId> hosts;
        for (std::size_t h = cluster.host_count(); h > 0; --h) hosts.emplace_back(h - 1);
        const auto blocks = seed % 2 == 0 ? HostIndex::Blocks::in_order : HostIndex::Blocks::by_load;
        HostIndex index(placement, feasibility, hosts, blocks);
        Rng rng(seed);
        const std::size_t hidden = rng.below(hosts.size());
        index.show(hidden, false);
        for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
            const UnitId unit = units.unit_of(VmId(v));
            if (units.members(unit).front() != VmId(v)) continue;
            const HostId from = placement.host_of(units.members(unit).front());
            const double rate = 0.05 + 0.9 * rng.uniform();
            const Level level{rate, 0.7};
            const Plain plain = try_all(index, placement, feasibility, unit, from, level, hidden);
            EXPECT_EQ(index.first_fit(unit, from, level), plain.first);
            EXPECT_EQ(index.lowest_peak(unit, from, level), plain.lowest);
            found += plain.first == HostIndex::none ? 0U : 1U;
            if (plain.first == HostIndex::none) {
                ++refused;
                const HostIndex::Refusal closest = index.closest(unit, from, level);
                EXPECT_EQ(closest.position, plain.closest.position);
                EXPECT_EQ(closest.reason.code, plain.closest.reason.code);
                EXPECT_EQ(closest.reason.value, plain.closest.reason.value);
            } else if (units.members(unit).size() == 1) {
                placement.move(units.members(unit).front(), index.host(plain.lowest));
                index.update(plain.lowest);
                index.update(hosts.size() - 1 - from.index());
            }
        }
    }
    EXPECT_GT(found, 1000U);  // neither answer is vacuous
    EXPECT_GT(refused, 300U);
}

TEST(HostIndex, AnEmptyOrderHasNoAnswer) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.vm("a", h1, 100.0);
    const Cluster cluster = scene.build();
    const AffinityUnits units(cluster);
    const Placement placement(cluster);
    const Feasibility feasibility(cluster, placement, units);
    const HostIndex index(placement, feasibility, {});
    EXPECT_EQ(index.first_fit(UnitId(0), h1, {}), HostIndex::none);
    EXPECT_EQ(index.lowest_peak(UnitId(0), h1, {}), HostIndex::none);
    EXPECT_EQ(index.closest(UnitId(0), h1, {}).position, HostIndex::none);
}

}  // namespace
}  // namespace ballast::test
