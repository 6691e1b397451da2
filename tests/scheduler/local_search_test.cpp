// SPDX-License-Identifier: Apache-2.0
#include "scheduler/problem/local_search.hpp"

#include <algorithm>
#include <set>

#include "scheduler/problem/goals.hpp"
#include "tests/scheduler/random_cluster.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

constexpr StabilityOptions no_rest{0.0, 0.0, 0.0, 1000};

// A problem with one goal: evenly used hosts; and what the search makes of it.
class LocalSearchTest : public testing::Test {
  protected:
    struct Outcome {
        std::string text;  // "a>h2 b>h1, c>h3": changes of shifts
        Cost before = 0;
        Cost after = 0;
        std::vector<Change> changes;
    };
    Outcome search(const Cluster& cluster, std::size_t evaluations = 10'000, std::size_t vms = 100) {
        const History past = steady_history(cluster);
        Problem problem({cluster, past, model_}, 1, no_rest);
        problem.add(balance_goal(cluster, problem.placement()), 1.0);
        closed_.resize(cluster.host_count(), 0);
        Outcome outcome;
        outcome.before = problem.value();
        outcome.changes =
            LocalSearch().improve(problem, {evaluations, vms, Level{}, Urgency::relief, to_cost(0.001), closed_});
        EXPECT_EQ(problem.mark(), 0U);
        for (const Change& change : outcome.changes) {
            if (!outcome.text.empty()) outcome.text += ", ";
            for (const Shift& shift : change.shifts) {
                if (&shift != &change.shifts.front()) outcome.text += ' ';
                outcome.text +=
                    cluster.spec(problem.units().members(shift.unit).front()).name + ">" + cluster.spec(shift.to).name;
            }
            EXPECT_TRUE(problem.allows(change.shifts, Level{}));
            EXPECT_EQ(-problem.delta(change.shifts), change.gain);
            for (const Shift& shift : change.shifts) problem.apply(shift);
        }
        outcome.after = problem.value();
        return outcome;
    }

    std::vector<char> closed_;
    MigrationModel model_;
    Scene scene_;
};

TEST_F(LocalSearchTest, MovesWhatGainsMost) {
    const HostId h1 = scene_.host("h1");
    scene_.host("h2");
    scene_.vm("a", h1, 600.0);
    scene_.vm("b", h1, 200.0);
    scene_.vm("c", h1, 150.0);
    // 950 and 0: 350 and 600 is the best of three (with b or c the square of the larger is larger).
    EXPECT_EQ(search(scene_.build()).text, "a>h2");
}

TEST_F(LocalSearchTest, SwapsWhereNoMoveGains) {
    const HostId h1 = scene_.host("h1", 1000.0, 2000.0);  // two VMs fill the memory of a host
    const HostId h2 = scene_.host("h2", 1000.0, 2000.0);
    scene_.vm("a", h1, 500.0);
    scene_.vm("b", h1, 400.0);
    scene_.vm("c", h2, 200.0);
    scene_.vm("d", h2, 100.0);
    EXPECT_EQ(search(scene_.build()).text, "a>h2 c>h1");  // 600 and 600
}

TEST_F(LocalSearchTest, EjectsWhatIsInTheWay) {
    const HostId h1 = scene_.host("h1", 1000.0, 2000.0);
    const HostId h2 = scene_.host("h2", 1000.0, 1000.0);  // room for one
    const HostId h3 = scene_.host("h3", 1000.0, 3000.0);
    scene_.vm("a", h1, 500.0);
    scene_.vm("b", h1, 450.0);
    scene_.vm("c", h2, 300.0);
    scene_.rule(RuleKind::forbid, {"a", "b"}, {"h3"});
    scene_.rule(RuleKind::forbid, {"c"}, {"h1"});
    EXPECT_EQ(search(scene_.build()).text, "a>h2 c>h3");
}

TEST_F(LocalSearchTest, CyclesThroughThreeHosts) {
    const HostId h1 = scene_.host("h1", 1000.0, 1000.0);  // one VM each
    const HostId h2 = scene_.host("h2", 500.0, 1000.0);
    const HostId h3 = scene_.host("h3", 400.0, 1000.0);
    scene_.vm("a", h1, 100.0);
    scene_.vm("b", h2, 400.0);
    scene_.vm("c", h3, 250.0);
    // Every pair is kept from swapping by a rule; around the circle all may go.
    scene_.rule(RuleKind::forbid, {"a"}, {"h2"});
    scene_.rule(RuleKind::forbid, {"b"}, {"h3"});
    scene_.rule(RuleKind::forbid, {"c"}, {"h1"});
    EXPECT_EQ(search(scene_.build()).text, "b>h1 a>h3 c>h2");
}

// Without contention afterwards both destinations are worth the same. h2, which comes first (it is emptier now, and by
// its number), would be at (50 + 600) / 4000 = 16 %, h3 at (1000 + 600) / 40000 = 4 %.
TEST_F(LocalSearchTest, OfEqualGainsTheOneThatLeavesTheDestinationEmptierIsMade) {
    const HostId h1 = scene_.host("h1", 1000.0, 1e6);
    const HostId h2 = scene_.host("h2", 4000.0, 1e6);
    const HostId h3 = scene_.host("h3", 40000.0, 1e6);
    scene_.vm("a", h1, 600.0);
    scene_.vm("b", h1, 600.0);
    scene_.vm("c", h2, 50.0);
    scene_.vm("d", h3, 1000.0);
    const Cluster cluster = scene_.build();
    const History past = steady_history(cluster);
    Problem problem({cluster, past, model_}, 1, no_rest);
    problem.add(contention_goal(cluster, problem.plan_jointly(1.0, false), 0.9), 1.0);
    closed_.resize(cluster.host_count(), 0);
    const auto changes =
        LocalSearch().improve(problem, {10'000, 100, Level{}, Urgency::relief, to_cost(0.001), closed_});
    ASSERT_FALSE(changes.empty());
    ASSERT_EQ(changes[0].shifts.size(), 1U);
    EXPECT_EQ(cluster.spec(changes[0].shifts[0].to).name, "h3");
    const Shift to_h2{changes[0].shifts[0].unit, h2};
    EXPECT_EQ(-problem.delta({&to_h2, 1}), changes[0].gain) << "it is a tie";
}

TEST_F(LocalSearchTest, KeepsToItsLimits) {
    const HostId h1 = scene_.host("h1");
    scene_.host("h2");
    scene_.host("h3");
    for (int v = 0; v < 6; ++v) scene_.vm("v" + std::to_string(v), h1, 100.0 + v);
    const Cluster cluster = scene_.build();
    EXPECT_EQ(search(cluster, 0).text, "");
    EXPECT_EQ(search(cluster, 10'000, 0).text, "");
    EXPECT_EQ(search(cluster, 10'000, 1).changes.size(), 1U);
    EXPECT_GT(search(cluster).changes.size(), 2U);
    closed_ = {0, 1, 0};
    EXPECT_EQ(search(cluster).text.find("h2"), std::string::npos);
    closed_ = {1, 0, 0};
    EXPECT_EQ(search(cluster).text, "");
}

TEST_F(LocalSearchTest, EveryChangeIsAllowedAndGainsWhatItSays) {
    std::size_t changes = 0;
    std::size_t together = 0;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed);
        closed_.clear();
        const Outcome outcome = search(input.cluster);  // checks each
        Cost gain = 0;
        std::set<UnitId> units;
        for (const Change& change : outcome.changes) {
            gain += change.gain;
            for (const Shift& shift : change.shifts) EXPECT_TRUE(units.insert(shift.unit).second);
            together += change.shifts.size() > 1 ? 1U : 0U;
        }
        EXPECT_EQ(outcome.before - gain, outcome.after);
        changes += outcome.changes.size();
    }
    EXPECT_GT(changes, 150U);
    EXPECT_GT(together, 20U);
}

}  // namespace
}  // namespace ballast::test
