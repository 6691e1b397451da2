// SPDX-License-Identifier: Apache-2.0
// What must hold for every policy on every cluster, on many random ones.
#include <algorithm>
#include <map>
#include <set>

#include "core/io/json.hpp"
#include "tests/scheduler/interleaving.hpp"
#include "tests/scheduler/random_cluster.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

constexpr std::uint64_t seeds = 400;

class PolicyProperty : public testing::TestWithParam<const char*> {
  protected:
    Decision decide_on(const RandomCluster& input) {
        const MigrationModel model;
        Rng rng(1);
        return value(decide({input.cluster, input.history, model}, *policy_, rng));
    }
    std::unique_ptr<Policy> policy_ = value(make_policy(GetParam()));
};

std::size_t awake_empty(const Proposal& proposal) {
    return static_cast<std::size_t>(std::count_if(proposal.hosts.begin(), proposal.hosts.end(),
                                                  [](const auto& v) { return v.action == HostAction::sleep; }));
}

// Moves by name, so that clusters with other ids can be compared.
std::map<std::string, std::string> by_name(const Proposal& proposal, const Cluster& cluster) {
    std::map<std::string, std::string> result;
    for (const Move& move : proposal.moves) result[cluster.spec(move.vm).name] = cluster.spec(move.to).name;
    for (const HostVerdict& verdict : proposal.hosts) {
        if (verdict.action != HostAction::none) {
            result[cluster.spec(verdict.host).name] = verdict.action == HostAction::sleep ? "sleeps" : "wakes";
        }
    }
    return result;
}

TEST_P(PolicyProperty, NothingIsViolatedInAnyStateAndEveryVmHasAnAnswer) {
    std::size_t moves = 0;
    std::size_t sleeps = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed);
        const Decision decision = decide_on(input);  // the engine has run the checker, and one decision per VM
        if (decision.plan.actions.size() <= interleaving_actions_max) {
            EXPECT_EQ(first_bad_state(input.cluster, decision.plan), "");
        }
        for (const Stay& stay : decision.proposal.stays) EXPECT_FALSE(describe(stay.reason, input.cluster).empty());
        moves += decision.proposal.moves.size();
        sleeps += awake_empty(decision.proposal);
    }
    EXPECT_GT(moves, seeds / 4);  // the property is not vacuous
    if (std::string_view(GetParam()).substr(0, 6) != "spread") {
        EXPECT_GT(sleeps, seeds / 20);
    }
}

bool mends(const Proposal& proposal) {
    return std::any_of(proposal.moves.begin(), proposal.moves.end(),
                       [](const Move& move) { return move.reason.code == ReasonCode::repair_rule; });
}

// Where broken rules are mended more may follow (a host is empty now, a group complete), but it comes to an end.
TEST_P(PolicyProperty, DecidingAgainOnTheResultProposesNothing) {
    constexpr int decisions_max = 4;
    std::size_t checked = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        RandomCluster now = random_cluster(seed);
        Proposal proposal = decide_on(now).proposal;
        checked += proposal.moves.empty() ? 0U : 1U;
        bool may_go_on = mends(proposal);
        for (int decisions = 2; decisions <= decisions_max; ++decisions) {
            now.cluster = carried_out(now.cluster, proposal);
            remember_moves(now.history, proposal);
            proposal = decide_on(now).proposal;
            may_go_on = may_go_on || mends(proposal);
            if (!may_go_on || decisions == decisions_max) {
                EXPECT_EQ(by_name(proposal, now.cluster), (std::map<std::string, std::string>{}));
            }
        }
    }
    EXPECT_GT(checked, seeds / 10);
}

TEST_P(PolicyProperty, AHostIsEmptiedWhollyOrNotAtAll) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed);
        const Proposal proposal = decide_on(input).proposal;
        std::set<HostId> emptied;
        std::set<HostId> filled;
        for (const Move& move : proposal.moves) {
            filled.insert(move.to);
            if (move.reason.code == ReasonCode::empty_host) emptied.insert(move.from);
        }
        for (const HostId host : emptied) {
            EXPECT_EQ(filled.count(host), 0U);
            for (const VmId vm : input.cluster.vms_on(host)) EXPECT_NE(move_of(proposal, vm), nullptr);
        }
        for (const HostVerdict& verdict : proposal.hosts) {
            if (verdict.action != HostAction::sleep) continue;
            EXPECT_EQ(filled.count(verdict.host), 0U);
            for (const VmId vm : input.cluster.vms_on(verdict.host)) EXPECT_NE(move_of(proposal, vm), nullptr);
        }
    }
}

// How much a soft rule is broken: VMs off or on its hosts, pairs apart, VMs too many in the domains.
std::size_t brokenness(const Rule& rule, const Cluster& cluster) {
    std::size_t broken = 0;
    std::map<std::uint32_t, std::size_t> in_domain;
    for (const VmId vm : rule.vms) {
        const HostId host = cluster.state(vm).host;
        const bool listed = std::binary_search(rule.hosts.begin(), rule.hosts.end(), host);
        if (rule.kind == RuleKind::pin && !listed) ++broken;
        if (rule.kind == RuleKind::forbid && listed) ++broken;
        const std::size_t before = in_domain[cluster.inventory().domain(host, rule.per)]++;
        if (rule.kind == RuleKind::affinity) broken += rule.vms.size() - before;
        if (rule.kind == RuleKind::anti_affinity && before >= rule.at_most) ++broken;
    }
    return broken;
}

TEST_P(PolicyProperty, SoftRulesAreBrokenForReliefOnlyAndMovesSaySo) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed);
        const Proposal proposal = decide_on(input).proposal;
        bool said = false;
        for (const Move& move : proposal.moves) {
            if (move.reason.code == ReasonCode::repair_rule) continue;  // the rule that it mends
            said = said || move.reason.rule.valid();
            if (move.reason.rule.valid()) {
                EXPECT_NE(move.reason.code, ReasonCode::empty_host);
                EXPECT_TRUE(input.cluster.rule(move.reason.rule).soft());
            }
        }
        if (said) continue;
        const Cluster after = carried_out(input.cluster, proposal);
        for (const Rule& rule : input.cluster.inventory().rules()) {
            if (rule.soft()) {
                EXPECT_LE(brokenness(rule, after), brokenness(rule, input.cluster)) << rule.name;
            }
        }
    }
}

// By powers of two, which round nothing. By how much energy is at stake see docs/problem.md.
TEST_P(PolicyProperty, ScalingEveryQuantityChangesNothing) {
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster one = random_cluster(seed);
        const auto as_it_is = by_name(decide_on(one).proposal, one.cluster);
        for (const double scale : {0.5, 2.0}) {
            RandomShape scaled;
            scaled.scale = scale;
            const RandomCluster other = random_cluster(seed, scaled);
            EXPECT_EQ(by_name(decide_on(other).proposal, other.cluster), as_it_is) << scale;
        }
    }
}

// Ties are broken by id, so clusters with ties may differ; whole numbers in wide ranges make ties rare, not impossible.
TEST_P(PolicyProperty, NamesAndOrderDoNotMatter) {
    std::size_t different = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        RandomShape permuted;
        permuted.permuted = true;
        const RandomCluster one = random_cluster(seed);
        const RandomCluster two = random_cluster(seed, permuted);
        const bool same =
            by_name(decide_on(one).proposal, one.cluster) == by_name(decide_on(two).proposal, two.cluster);
        different += same ? 0U : 1U;
    }
    EXPECT_LE(different, seeds / 50);
}

TEST_P(PolicyProperty, TheSameInputGivesTheSameProposal) {
    const RandomCluster input = random_cluster(3);
    const Proposal a = decide_on(input).proposal;
    const Proposal b = decide_on(input).proposal;
    EXPECT_EQ(moves_text(a, input.cluster), moves_text(b, input.cluster));
}

// What must hold for every policy, whatever it wants: the policies of the zoo want what other balancers want, which is
// no fixed point and may leave a host half emptied.
class ZooProperty : public PolicyProperty {};

TEST_P(ZooProperty, NothingIsViolatedInAnyStateAndEveryVmHasAnAnswer) {
    std::size_t moves = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed);
        const Decision decision = decide_on(input);  // the engine has run the checker, and one decision per VM
        if (decision.plan.actions.size() <= interleaving_actions_max) {
            EXPECT_EQ(first_bad_state(input.cluster, decision.plan), "");
        }
        for (const Stay& stay : decision.proposal.stays) EXPECT_FALSE(describe(stay.reason, input.cluster).empty());
        moves += decision.proposal.moves.size();
    }
    EXPECT_GT(moves, seeds / 20);  // the property is not vacuous
}

TEST_P(ZooProperty, LargerClustersPassTheCheckerToo) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed, {.hosts_max = 60, .vms_max = 250});
        EXPECT_EQ(decide_on(input).proposal.hosts.size(), input.cluster.host_count());
    }
}

TEST_P(ZooProperty, TheSameInputGivesTheSameBytes) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const RandomCluster input = random_cluster(seed);
        EXPECT_EQ(to_json(decide_on(input).proposal, input.cluster), to_json(decide_on(input).proposal, input.cluster));
    }
}

TEST_P(ZooProperty, AnEmptyHistoryIsNoError) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        RandomCluster input = random_cluster(seed);
        input.history = History();
        const Decision decision = decide_on(input);
        EXPECT_EQ(decision.proposal.moves.size() + decision.proposal.stays.size(), input.cluster.vm_count());
    }
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooProperty,
                         testing::Values("auto:sustain=0", "drain", "neat", "onedrs", "ovirt-even:high=0.5,duration=0",
                                         "ovirt-power-saving", "ovirt-power-saving:power=1,reserve=2,low=0.4", "proxlb",
                                         "proxlb:cpu=1", "proxmox-crs", "watcher-balance", "watcher-consolidation",
                                         "watcher-stabilization", "xo-density", "xo-performance:cpu=0.5"));

INSTANTIATE_TEST_SUITE_P(Policies, PolicyProperty,
                         testing::Values("spread:enter=0.8,exit=0.65", "spread:enter=0.5,exit=0.4", "consolidate",
                                         "consolidate:spare=1", "consolidate:low=0.5,headroom=0,min_saving=0"));

}  // namespace
}  // namespace ballast::test
