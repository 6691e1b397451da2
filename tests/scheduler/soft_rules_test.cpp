// SPDX-License-Identifier: Apache-2.0
// Soft rules in feasibility, relief and consolidation. Hosts of 1000 MHz; `spread` is hot above 800 and relieves to
// 650.
#include <optional>

#include "scheduler/feasibility.hpp"
#include "scheduler/sequence.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// What the only move is, "VM>host", and the rule it breaks; "" = there is no move.
std::string only_move(const Cluster& cluster, const Proposal& proposal) {
    if (proposal.moves.empty()) return "";
    EXPECT_EQ(proposal.moves.size(), 1U);
    const Move& move = proposal.moves.front();
    const std::string rule = move.reason.rule.valid() ? " breaks " + cluster.rule(move.reason.rule).name : "";
    return cluster.spec(move.vm).name + ">" + cluster.spec(move.to).name + rule;
}

struct Desk {
    explicit Desk(Scene& scene) : cluster(scene.build()), units(cluster), placement(cluster) {
        feasibility.emplace(cluster, placement, units);
    }
    // The weight that is newly broken.
    double cost(VmId vm, HostId to) const { return feasibility->soft_cost(units.unit_of(vm), to).weight; }
    // Whether soft rules refuse, while they hold.
    bool refused(VmId vm, HostId to) const {
        const auto reason = feasibility->arriving(units.unit_of(vm), to, {});
        return reason && reason->code == ReasonCode::soft_rule;
    }

    Cluster cluster;
    AffinityUnits units;
    Placement placement;
    std::optional<Feasibility> feasibility;
};

TEST(SoftRules, OnlyWhatIsNewlyBrokenCounts) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId at_home = scene.vm("at-home", h1, 10.0);
    const VmId astray = scene.vm("astray", h2, 10.0);
    scene.soft_rule(RuleKind::pin, {"at-home", "astray"}, {"h1"}, 2.0);
    scene.soft_rule(RuleKind::forbid, {"at-home", "astray"}, {"h2", "h3"}, 3.0);
    const Desk desk(scene);
    EXPECT_EQ(desk.cost(at_home, h2), 5.0);
    EXPECT_TRUE(desk.refused(at_home, h2));
    EXPECT_EQ(desk.feasibility->soft_cost(desk.units.unit_of(at_home), h2).heaviest, RuleId(1));
    EXPECT_EQ(desk.cost(astray, h3), 0.0);  // both are broken already
    EXPECT_FALSE(desk.refused(astray, h3));
    EXPECT_EQ(desk.cost(astray, h1), 0.0);
}

TEST(SoftRules, AntiAffinityCountsVmsTooMany) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId a = scene.vm("a", h1, 10.0);
    scene.vm("b", h1, 10.0);
    const VmId c = scene.vm("c", h2, 10.0);
    scene.soft_rule(RuleKind::anti_affinity, {"a", "b", "c"}, {}, 2.0);
    const Desk desk(scene);
    EXPECT_EQ(desk.cost(a, h2), 0.0);  // one too many on h1 becomes one too many on h2
    EXPECT_EQ(desk.cost(a, h3), 0.0);
    EXPECT_EQ(desk.cost(c, h1), 2.0);  // two too many instead of one
    EXPECT_EQ(desk.cost(c, h3), 0.0);
}

TEST(SoftRules, AreKeptWhereAnotherHostHasRoom) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.host("h3");
    scene.vm("a", h1, 500.0);
    scene.vm("b", h1, 400.0, 9000.0);  // 900 of 1000: hot. a is the cheaper one to move
    scene.soft_rule(RuleKind::pin, {"a"}, {"h1", "h3"}, 1.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(only_move(cluster, propose(cluster, "spread:enter=0.8,exit=0.65")), "a>h3");
}

TEST(SoftRules, GiveWayToReliefSmallestSumFirst) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.host("h3");
    const VmId a = scene.vm("a", h1, 500.0);
    scene.vm("b", h1, 400.0, 9000.0);
    scene.rule(RuleKind::ignore_vm, {"b"});
    scene.soft_rule(RuleKind::pin, {"a"}, {"h1"}, 2.0);
    scene.soft_rule(RuleKind::forbid, {"a"}, {"h2"}, 0.5);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:enter=0.8,exit=0.65");
    EXPECT_EQ(only_move(cluster, proposal), "a>h3 breaks soft-1");  // 2 against 2.5
    EXPECT_EQ(describe(move_of(proposal, a)->reason, cluster),
              "h1 is at 90 % CPU, above 80 %, and nothing else is possible than to break the soft rule \"soft-1\" "
              "(weight 2)");
    EXPECT_TRUE(check_plan(cluster, sequence(cluster, proposal)).empty());
}

TEST(SoftRules, GiveWayToMaintenance) {
    Scene scene;
    HostState repair;
    repair.maintenance = true;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, repair);
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 100.0);
    scene.vm("b", h2, 100.0);
    scene.soft_rule(RuleKind::anti_affinity, {"a", "b"}, {}, 1.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:enter=0.8,exit=0.65");
    EXPECT_EQ(only_move(cluster, proposal), "a>h2 breaks soft-0");
    EXPECT_EQ(sequence(cluster, proposal).actions.size(), 1U);  // the sequencer does not hold it back
}

TEST(SoftRules, WakingAHostComesFirst) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    const HostId h3 = scene.green_host("h3", 100.0, 200.0, PowerState::asleep);
    scene.vm("a", h1, 500.0);
    scene.vm("b", h1, 400.0, 9000.0);
    scene.rule(RuleKind::ignore_vm, {"b"});
    scene.soft_rule(RuleKind::pin, {"a"}, {"h1", "h3"}, 1.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:enter=0.8,exit=0.65");
    EXPECT_EQ(only_move(cluster, proposal), "");
    EXPECT_EQ(proposal.hosts[h3.index()].action, HostAction::wake);
}

TEST(SoftRules, GiveWayWhereNoHostMayBeWoken) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    const HostId h3 = scene.green_host("h3", 100.0, 200.0, PowerState::asleep);
    scene.vm("a", h1, 500.0);
    scene.vm("b", h1, 400.0, 9000.0);
    scene.rule(RuleKind::ignore_vm, {"b"});
    scene.soft_rule(RuleKind::pin, {"a"}, {"h1", "h3"}, 1.0);
    scene.builder.add_rule({RuleKind::freeze, "audit", {"b"}, {"h3"}, ""});
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:enter=0.8,exit=0.65");
    EXPECT_EQ(only_move(cluster, proposal), "a>h2 breaks soft-1");
    EXPECT_EQ(proposal.hosts[h3.index()].action, HostAction::none);
}

TEST(SoftRules, AffinityPartsOnlyWhatCannotGoTogether) {
    // h1: 240 + 240 + 400 = 880. h2 and h3 have 400 each and may go up to 650: one of a and b fits, both do not.
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 240.0);
    scene.vm("b", h1, 240.0);
    scene.vm("c", h1, 400.0);
    scene.vm("d", h2, 400.0);
    scene.rule(RuleKind::ignore_vm, {"c", "d"});
    scene.soft_rule(RuleKind::affinity, {"a", "b"}, {}, 1.0);
    const Cluster cluster = scene.build();
    const std::string parted = only_move(cluster, propose(cluster, "spread:enter=0.8,exit=0.65"));
    EXPECT_TRUE(parted == "a>h2 breaks soft-1" || parted == "b>h2 breaks soft-1") << parted;

    Scene roomy;
    const HostId r1 = roomy.host("h1");
    roomy.host("h2");
    roomy.vm("a", r1, 240.0);
    roomy.vm("b", r1, 240.0);
    roomy.vm("c", r1, 400.0);
    roomy.rule(RuleKind::ignore_vm, {"c"});
    roomy.soft_rule(RuleKind::affinity, {"a", "b"}, {}, 1.0);
    const Cluster together = roomy.build();
    EXPECT_EQ(moves_text(propose(together, "spread:enter=0.8,exit=0.65"), together), "a>h2 b>h2");
}

TEST(SoftRules, SavingEnergyBreaksNone) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("a", h1, 400.0);
    const VmId b = scene.vm("b", h2, 100.0);
    scene.soft_rule(RuleKind::pin, {"b"}, {"h2"}, 0.1);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "consolidate:low=0.3,target=0.7,margin=0,enter=0.85,sustain=900");
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(describe(stay_of(proposal, b).reason, cluster),
              "on h1 it would break the soft rule \"soft-0\" (weight 0.1)");
    EXPECT_EQ(proposal.hosts[h2.index()].action, HostAction::none);
}

}  // namespace
}  // namespace ballast::test
