// SPDX-License-Identifier: Apache-2.0
#include "scheduler/drain.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

HostState repair() {
    HostState state;
    state.maintenance = true;
    return state;
}

TEST(Drain, EmptiesHostsInMaintenanceAndNothingElse) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, repair());
    const HostId hot = scene.host("hot");
    const HostId h3 = scene.host("h3");
    scene.vm("a", h1, 300.0);
    scene.vm("b", hot, 950.0);
    scene.vm("c", h3, 10.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "drain");
    EXPECT_EQ(moves_text(proposal, cluster), "a>h3");
    EXPECT_EQ(proposal.moves[0].reason.code, ReasonCode::leave_maintenance);
    EXPECT_EQ(proposal.hosts[h1.index()].reason.code, ReasonCode::drained);
    EXPECT_EQ(proposal.hosts[h1.index()].reason.value, 1.0);
    EXPECT_EQ(proposal.hosts[hot.index()].action, HostAction::none);
    EXPECT_TRUE(propose(carried_out(cluster, proposal), "drain").moves.empty());
}

TEST(Drain, SaysWhichVmsCannotLeaveAndWhy) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, repair());
    scene.host("h2");
    scene.vm("a", h1, 300.0);
    const VmId pinned = scene.vm("pinned", h1, 10.0);
    scene.rule(RuleKind::pin, {"pinned"}, {"h1"});
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "drain");
    EXPECT_EQ(moves_text(proposal, cluster), "a>h2");
    const Reason& verdict = proposal.hosts[h1.index()].reason;
    EXPECT_EQ(verdict.code, ReasonCode::drain_blocked);
    EXPECT_EQ(verdict.vm, pinned);
    EXPECT_EQ(stay_of(proposal, pinned).reason.code, ReasonCode::pinned);
}

// A person asked: neither that a moved a minute ago, from h2, nor that it moved all day holds it up.
TEST(Drain, RestingVmsLeaveButFailuresAreRespected) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, repair());
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 300.0);
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    for (int i = 20; i > 0; --i) history.add(PastMove{a, -60.0 * i, h2, h1, false, false});
    EXPECT_EQ(moves_text(propose(cluster, history, "drain"), cluster), "a>h2");
    history.add(PastMove{a, -60.0, h1, h2, true, false});
    EXPECT_EQ(stay_of(propose(cluster, history, "drain"), a).reason.code, ReasonCode::quarantine);
}

// Memory in MiB: big (6000) fits nowhere; on h2 8000 of 10000 are taken and on h3 5000. If small (2000) goes from h2 to
// h3, h2 has 4000 left: not enough. mid (4000) makes room: h2 has 6000 then, h3 1000.
TEST(Drain, MakesRoomWhereAnotherVmCanMoveOn) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, repair());
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    scene.vm("big", h1, 100.0, 6000.0);
    scene.vm("small", h2, 100.0, 2000.0);
    scene.vm("mid", h2, 100.0, 4000.0);
    scene.vm("fixed", h2, 100.0, 2000.0);
    scene.vm("other", h3, 100.0, 5000.0);
    scene.rule(RuleKind::ignore_vm, {"fixed", "other"});
    const Cluster cluster = scene.build();
    const MigrationModel model;
    Rng rng(1);
    const Decision decision =
        value(decide({cluster, steady_history(cluster), model}, *value(make_policy("drain")), rng));
    EXPECT_EQ(moves_text(decision.proposal, cluster), "mid>h3 big>h2");
    EXPECT_EQ(decision.proposal.moves[0].reason.code, ReasonCode::make_room);
    EXPECT_EQ(decision.proposal.moves[0].reason.vm, VmId(0));
    ASSERT_EQ(decision.plan.actions.size(), 2U);  // and in this order
    EXPECT_EQ(decision.plan.actions[1].after, std::vector<ActionId>{ActionId(0)});
}

TEST(Drain, WakesAHostWhenNothingThatIsOnHasRoom) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, repair());
    const HostId h2 = scene.host("h2");
    const HostId spare = scene.green_host("spare", 50.0, 100.0, PowerState::asleep);
    scene.vm("a", h1, 300.0, 6000.0);
    scene.vm("b", h2, 300.0, 6000.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "drain");
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(proposal.hosts[spare.index()].action, HostAction::wake);
    EXPECT_EQ(proposal.hosts[h1.index()].reason.code, ReasonCode::drain_waits);
    const Proposal waiting = propose(carried_out(cluster, proposal), "drain");  // it is waking
    EXPECT_EQ(waiting.hosts[h1.index()].reason.code, ReasonCode::drain_waits);
    EXPECT_EQ(waiting.hosts[spare.index()].action, HostAction::none);
}

}  // namespace
}  // namespace ballast::test
