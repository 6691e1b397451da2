// SPDX-License-Identifier: Apache-2.0
// The sequencer on random moves in tight clusters, where circles are common, against brute force.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/sequence.hpp"
#include "tests/scheduler/interleaving.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

struct Puzzle {
    Cluster cluster;
    Proposal proposal;
};

// Up to six VMs on three or four hosts that are fairly full, each told to go somewhere else if it fits in the end.
Puzzle random_puzzle(std::uint64_t seed) {
    Rng rng(seed);
    Scene scene;
    std::vector<HostId> hosts;
    const std::size_t host_count = 3 + rng.below(2);
    for (std::size_t h = 0; h < host_count; ++h) {
        hosts.push_back(scene.racked_host("h" + std::to_string(h), h < 2 ? "r" : ""));
    }
    std::vector<double> free_now(host_count, 1000.0);
    std::vector<std::pair<VmId, double>> vms;
    std::vector<std::size_t> home;
    std::vector<std::string> names;
    for (std::size_t v = 0; v < 7; ++v) {
        const auto mhz = static_cast<double>(100 + rng.below(500));
        const std::size_t h = rng.below(host_count);
        if (free_now[h] < mhz) continue;
        free_now[h] -= mhz;
        vms.emplace_back(scene.vm("v" + std::to_string(v), hosts[h], mhz), mhz);
        home.push_back(h);
        names.push_back("v" + std::to_string(v));
    }
    if (vms.size() > 2 && home[0] != home[1] && rng.below(2) == 0) {
        scene.rule(RuleKind::anti_affinity, {names[0], names[1]});
    }
    if (vms.size() > 3 && rng.below(2) == 0) {
        scene.apart(names, static_cast<std::uint32_t>(1 + rng.below(3)), all_fault_domains[rng.below(2)]);
    }
    std::vector<double> free_then(host_count, 1000.0);
    std::vector<std::pair<VmId, HostId>> moves;
    for (std::size_t i = 0; i < vms.size(); ++i) {
        std::size_t to = rng.below(host_count);
        for (std::size_t n = 0; n < host_count && free_then[to] < vms[i].second; ++n) to = (to + 1) % host_count;
        free_then[to] -= vms[i].second;
        if (to != home[i]) moves.emplace_back(vms[i].first, hosts[to]);
    }
    Cluster cluster = scene.build();
    Proposal proposal = moving(cluster, moves);
    return {std::move(cluster), std::move(proposal)};
}

TEST(SequenceProperty, EveryPlanIsSoundInEveryInterleaving) {
    std::size_t dependencies = 0;
    std::size_t stepped_aside = 0;
    std::size_t left_out = 0;
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        SCOPED_TRACE(seed);
        const Puzzle puzzle = random_puzzle(seed);
        const Plan plan = sequence(puzzle.cluster, puzzle.proposal);
        EXPECT_EQ(first_violation(puzzle.cluster, plan), "");
        if (plan.actions.size() <= interleaving_actions_max) {
            EXPECT_EQ(first_bad_state(puzzle.cluster, plan), "");
        }
        // Every move is done or left out, and who is not left out arrives where the proposal wants it.
        std::vector<HostId> at;
        for (const VmState& vm : puzzle.cluster.state().vms) at.push_back(vm.host);
        for (const Action& action : plan.actions) at[action.vm.index()] = action.host;
        for (const Move& move : puzzle.proposal.moves) {
            const bool out = std::any_of(plan.left_out.begin(), plan.left_out.end(),
                                         [&](const Stay& stay) { return stay.vm == move.vm; });
            EXPECT_EQ(at[move.vm.index()], out ? move.from : move.to);
        }
        for (const Action& action : plan.actions) dependencies += action.after.size();
        left_out += plan.left_out.size();
        stepped_aside += plan.actions.size() - (puzzle.proposal.moves.size() - plan.left_out.size());
    }
    EXPECT_GT(dependencies, 300U);  // the property is not vacuous
    EXPECT_GT(stepped_aside, 20U);
    EXPECT_GT(left_out, 20U);
}

// Plans with a dependency taken out (what it implied is kept): what the brute force finds wrong, the checker finds
// wrong; and the dependencies are there for a reason: the checker objects to most plans that lack one.
TEST(SequenceProperty, TheCheckerMissesNothingAndMostDependenciesAreNeeded) {
    std::size_t needed = 0;
    std::size_t all = 0;
    std::size_t bad = 0;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        const Puzzle puzzle = random_puzzle(seed);
        const Plan plan = sequence(puzzle.cluster, puzzle.proposal);
        if (plan.actions.size() > interleaving_actions_max) continue;
        for (std::size_t a = 0; a < plan.actions.size(); ++a) {
            for (std::size_t d = 0; d < plan.actions[a].after.size(); ++d) {
                Plan loosened = plan;
                auto& after = loosened.actions[a].after;
                const auto& implied = plan.actions[after[d].index()].after;
                after.erase(after.begin() + static_cast<std::ptrdiff_t>(d));
                after.insert(after.end(), implied.begin(), implied.end());
                std::sort(after.begin(), after.end());
                after.erase(std::unique(after.begin(), after.end()), after.end());
                const bool refused = !first_violation(puzzle.cluster, loosened).empty();
                const bool broken = !first_bad_state(puzzle.cluster, loosened).empty();
                EXPECT_TRUE(refused || !broken) << "the checker misses seed " << seed;
                ++all;
                needed += refused ? 1U : 0U;
                bad += broken ? 1U : 0U;
            }
        }
    }
    EXPECT_GT(needed * 10, all * 7);
    EXPECT_GT(bad, 100U);
}

}  // namespace
}  // namespace ballast::test
