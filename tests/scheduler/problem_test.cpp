// SPDX-License-Identifier: Apache-2.0
// The problem model: its goals in small numbers, and what must hold of any change on any cluster.
#include "scheduler/problem/problem.hpp"

#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "scheduler/problem/goals.hpp"
#include "tests/scheduler/random_cluster.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

constexpr StabilityOptions no_rest{0.0, 0.0, 0.0, 1000};

class ProblemTest : public testing::Test {
  protected:
    UnitId unit(const Problem& problem, VmId vm) const { return problem.units().unit_of(vm); }
    MigrationModel model;
};

TEST_F(ProblemTest, ContentionIsWhatIsExpectedAboveTheLevel) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 700.0);
    scene.vm("b", h1, 400.0);
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Problem problem({cluster, past, model}, 1, no_rest);
    const auto goal = problem.add(contention_goal(cluster, problem.plan_jointly(0.0, true), 0.9), 1.0);
    // h1 needs 1100 of the 900 that count, always; what is taken for granted of VMs with a short past varies by half:
    // prior variance 350^2 + 200^2, of which 6 / (12 + 6) is left: s = 232.7. By a quarter of the hour s is
    // 232.7 * sqrt(1 - 0.7^2) = 166.2: E = 0.25 * 209.3 + 0.75 * 225.2
    EXPECT_NEAR(in_units(problem.of_host(goal, h1)), 221.2, 0.1);
    EXPECT_EQ(problem.of_host(goal, h2), 0);
    EXPECT_EQ(problem.value(), problem.of_host(goal, h1));
    // Apart nobody lacks much.
    const Shift shift{unit(problem, a), h2};
    EXPECT_LT(in_units(problem.delta(std::span(&shift, 1))), -190.0);
}

TEST_F(ProblemTest, EnergyCountsHostsThatCarryVmsAndSleepOfTheOthers) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    const VmId a = scene.vm("a", h1, 300.0);
    scene.vm("b", h2, 200.0);
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Problem problem({cluster, past, model}, 1, no_rest);
    const auto energy = problem.add(energy_goal(cluster, problem.placement()), 1.0);
    const auto effort = problem.add(effort_goal(cluster, problem.placement(), model, 3600.0), 1.0);
    EXPECT_EQ(in_units(problem.value(energy)), 130.0 + 120.0);
    EXPECT_EQ(in_units(problem.value(effort)), 0.0);
    problem.apply({unit(problem, a), h2});
    EXPECT_EQ(in_units(problem.value(energy)), 8.0 + 150.0);  // h1 sleeps
    const double joules =
        migration_joules(migration_cost(model, 1000.0 * bytes_per_mib)) + switching_joules(*cluster.spec(h1).power);
    EXPECT_NEAR(in_units(problem.value(effort)), joules / 3600.0, 1e-5);
}

TEST_F(ProblemTest, MovedMemoryCostsTheCpuThatGoesWithIt) {
    Scene scene;
    const HostId h1 = scene.host("h1");  // 1000 MHz and 10000 MiB each: 0.1 MHz per MiB
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 300.0, 500.0);
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Problem problem({cluster, past, model}, 1, no_rest);
    problem.add(moved_memory_goal(cluster, problem.placement()), 0.2);
    problem.apply({unit(problem, a), h2});
    EXPECT_EQ(in_units(problem.value()), 0.2 * 50.0);
    problem.undo(0);
    EXPECT_EQ(problem.value(), 0);
}

TEST_F(ProblemTest, BrokenSoftRulesCostTheirWeight) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId a = scene.vm("a", h1, 100.0);
    const VmId b = scene.vm("b", h1, 100.0);
    scene.vm("c", h2, 100.0);
    scene.soft_rule(RuleKind::anti_affinity, {"a", "b", "c"}, {}, 3.0);  // a and b: one too many
    scene.soft_rule(RuleKind::pin, {"a"}, {"h2", "h3"}, 5.0);            // broken
    scene.soft_rule(RuleKind::forbid, {"b"}, {"h2"}, 7.0);               // kept
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Problem problem({cluster, past, model}, 1, no_rest);
    problem.add(soft_rules_goal(cluster, problem.placement()), 1.0);
    EXPECT_EQ(in_units(problem.value()), 3.0 + 5.0);
    const std::array to_h3{Shift{unit(problem, a), h3}};
    EXPECT_EQ(in_units(problem.delta(to_h3)), -8.0);
    const std::array both{Shift{unit(problem, a), h2}, Shift{unit(problem, b), h2}};
    EXPECT_EQ(in_units(problem.delta(both)), 3.0 - 5.0 + 7.0);
}

TEST_F(ProblemTest, BalanceIsLeastWhereUtilisationIsEqual) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2", 2000.0);
    scene.vm("a", h1, 300.0);
    const VmId b = scene.vm("b", h1, 600.0);
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Problem problem({cluster, past, model}, 1, no_rest);
    problem.add(balance_goal(cluster, problem.placement()), 1.0);
    EXPECT_NEAR(in_units(problem.value()), 1000.0 * 0.81, 1e-6);
    problem.apply({unit(problem, b), h2});
    EXPECT_NEAR(in_units(problem.value()), 1000.0 * 0.09 + 2000.0 * 0.09, 1e-6);
}

TEST_F(ProblemTest, ASwapIsAllowedWhereNeitherMoveAloneWouldBe) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 600.0);
    const VmId b = scene.vm("b", h2, 500.0);
    scene.vm("c", h1, 350.0);
    scene.vm("d", h2, 300.0);
    const Cluster cluster = scene.build();
    const History past = steady_history(cluster);
    Problem problem({cluster, past, model}, 1, no_rest);
    const std::array swap{Shift{unit(problem, a), h2}, Shift{unit(problem, b), h1}};
    EXPECT_FALSE(problem.allows(std::span(swap).first(1), {}));
    EXPECT_FALSE(problem.allows(std::span(swap).last(1), {}));
    EXPECT_TRUE(problem.allows(swap, {}));            // 850 and 900
    EXPECT_FALSE(problem.allows(swap, {0.88, 1.0}));  // what the second is left with counts, too
    EXPECT_EQ(problem.mark(), 0U);
}

// A problem with every goal.
struct Everything {
    explicit Everything(const RandomCluster& input) : problem({input.cluster, input.history, model}, 3, no_rest) {
        const Cluster& cluster = input.cluster;
        problem.add(contention_goal(cluster, problem.plan_jointly(1.0, true), 0.5), 1.0);
        problem.add(energy_goal(cluster, problem.placement()), 2.0);
        problem.add(effort_goal(cluster, problem.placement(), model, 3600.0), 0.7);
        problem.add(moved_memory_goal(cluster, problem.placement()), 0.3);
        problem.add(soft_rules_goal(cluster, problem.placement()), 11.0);
        problem.add(balance_goal(cluster, problem.placement()), 0.1);
    }
    // The objective of the same placement, evaluated from nothing.
    [[nodiscard]] Cost from_scratch() {
        Cost sum = 0;
        for (std::size_t g = 0; g < 6; ++g) sum += problem.value(Problem::GoalId(g));
        return sum;
    }
    MigrationModel model;
    Problem problem;
};

std::vector<Shift> random_change(const Problem& problem, Rng& rng) {
    std::vector<Shift> change;
    const std::size_t shifts = 1 + rng.below(3);
    while (change.size() < shifts) {
        const UnitId unit = problem.units().unit_of(VmId(rng.below(problem.cluster().vm_count())));
        const HostId to(rng.below(problem.cluster().host_count()));
        const bool again = std::any_of(change.begin(), change.end(), [&](const Shift& s) { return s.unit == unit; });
        if (again || problem.host_of(unit) == to) break;
        change.push_back({unit, to});
    }
    return change;
}

constexpr std::uint64_t seeds = 300;

TEST(ProblemProperty, ADeltaIsTheDifferenceOfTheValues) {
    std::size_t changed = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed);
        if (input.cluster.vm_count() == 0) continue;
        Everything early(input);
        Everything late(input);  // is asked for its value when all is done, so that it adds everything up anew
        const Cost start = early.problem.value();
        Rng rng(seed);
        for (int step = 0; step < 20; ++step) {
            const std::vector<Shift> change = random_change(early.problem, rng);
            const Cost before = early.problem.value();
            const Cost delta = early.problem.delta(change);
            EXPECT_EQ(early.problem.value(), before);
            for (const Shift& shift : change) {
                early.problem.apply(shift);
                late.problem.apply(shift);
            }
            EXPECT_EQ(early.problem.value() - before, delta);
            changed += delta != 0 ? 1U : 0U;
        }
        EXPECT_EQ(late.problem.value(), early.problem.value());
        EXPECT_EQ(early.problem.value() - start, early.problem.added());
    }
    EXPECT_GT(changed, seeds * 10);  // not vacuous
}

TEST(ProblemProperty, WhatIsUndoneIsAsItWasToTheLastBit) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed, {.scale = 1.1});  // no whole numbers
        if (input.cluster.vm_count() == 0) continue;
        Everything all(input);
        Problem& problem = all.problem;
        Rng rng(seed);
        for (int step = 0; step < 5; ++step) {
            for (const Shift& shift : random_change(problem, rng)) problem.apply(shift);
        }
        const std::size_t mark = problem.mark();
        std::vector<ResourceVector> used;
        std::vector<Cost> costs;
        for (std::size_t h = 0; h < input.cluster.host_count(); ++h) {
            used.push_back(problem.placement().used(HostId(h)));
            costs.push_back(problem.of_host(HostId(h)));
        }
        const Cost value = problem.value();
        for (int step = 0; step < 10; ++step) {
            for (const Shift& shift : random_change(problem, rng)) problem.apply(shift);
        }
        problem.undo(mark);
        EXPECT_EQ(problem.value(), value);
        for (std::size_t h = 0; h < input.cluster.host_count(); ++h) {
            for (const Resource r : all_resources) EXPECT_EQ(problem.placement().used(HostId(h))[r], used[h][r]);
            EXPECT_EQ(problem.of_host(HostId(h)), costs[h]);
        }
    }
}

// Quantities are whole numbers, so sums do not depend on the order; what joint load makes of them may in the last bit.
TEST(ProblemProperty, NamesAndOrderDoNotMatter) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster one = random_cluster(seed);
        RandomShape shape;
        shape.permuted = true;
        const RandomCluster two = random_cluster(seed, shape);
        Everything a(one);
        Everything b(two);
        const auto parts = static_cast<Cost>(6 * (one.cluster.host_count() + one.cluster.vm_count() + 10));
        EXPECT_NEAR(static_cast<double>(a.problem.value()), static_cast<double>(b.problem.value()),
                    static_cast<double>(parts));
    }
}

}  // namespace
}  // namespace ballast::test
