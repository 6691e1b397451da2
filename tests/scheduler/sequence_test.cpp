// SPDX-License-Identifier: Apache-2.0
#include "scheduler/sequence.hpp"

#include "tests/scheduler/interleaving.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// "vm>host after 0,2" per action, one per line.
std::string text(const Plan& plan, const Cluster& cluster) {
    std::string result;
    for (const Action& action : plan.actions) {
        const std::string host = cluster.spec(action.host).name;
        result += action.kind == ActionKind::migrate ? cluster.spec(action.vm).name + ">" + host
                                                     : std::string(name(action.kind)) + " " + host;
        for (std::size_t i = 0; i < action.after.size(); ++i) {
            result += (i == 0 ? " after " : ",") + std::to_string(action.after[i].index());
        }
        result += "\n";
    }
    return result;
}

void expect_sound(const Cluster& cluster, const Plan& plan) {
    EXPECT_EQ(first_violation(cluster, plan), "");
    EXPECT_EQ(first_bad_state(cluster, plan), "");
}

TEST(Sequence, IndependentMovesDependOnNothing) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 100.0);
    const VmId b = scene.vm("b", h1, 100.0);
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {b, h2}}));
    EXPECT_EQ(text(plan, cluster), "a>h2\nb>h2\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, AnArrivalWaitsForTheDepartureThatMakesRoom) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId a = scene.vm("a", h1, 600.0);
    const VmId b = scene.vm("b", h2, 600.0);  // a + b do not fit on h2
    const VmId c = scene.vm("c", h2, 100.0);
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {c, h1}, {b, h3}}));
    // c leaves h2 too, but that alone makes no room: a waits for b only. c fits on h1 beside a.
    EXPECT_EQ(text(plan, cluster), "c>h1\nb>h3\na>h2 after 1\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, AChainOfThree) {
    Scene scene;
    std::vector<HostId> hosts;
    for (int i = 0; i < 4; ++i) hosts.push_back(scene.host("h" + std::to_string(i)));
    const VmId a = scene.vm("a", hosts[0], 700.0);
    const VmId b = scene.vm("b", hosts[1], 700.0);
    const VmId c = scene.vm("c", hosts[2], 700.0);
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, hosts[1]}, {b, hosts[2]}, {c, hosts[3]}}));
    EXPECT_EQ(text(plan, cluster), "c>h3\nb>h2 after 0\na>h1 after 1\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, ASwapWithoutRoomGoesThroughAThirdHost) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.host("h3");
    const VmId a = scene.vm("a", h1, 700.0);
    const VmId b = scene.vm("b", h2, 600.0);
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {b, h1}}));
    EXPECT_EQ(text(plan, cluster), "a>h3\nb>h1 after 0\na>h2 after 1\n");  // a's second move follows 0 through 1
    EXPECT_TRUE(plan.left_out.empty());
    expect_sound(cluster, plan);
}

TEST(Sequence, ASwapThatNobodyCanBreakIsLeftOut) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3", 500.0);  // too small for either
    const VmId a = scene.vm("a", h1, 700.0);
    const VmId b = scene.vm("b", h2, 600.0);
    const VmId c = scene.vm("c", h3, 50.0);
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {b, h1}, {c, h1}}));
    EXPECT_EQ(text(plan, cluster), "c>h1\n");
    ASSERT_EQ(plan.left_out.size(), 2U);
    EXPECT_EQ(plan.left_out[0].vm, a);
    EXPECT_EQ(plan.left_out[0].reason.code, ReasonCode::resource_fit);  // with b where it is, a never fits
    EXPECT_EQ(plan.left_out[1].vm, b);
    EXPECT_EQ(plan.left_out[1].reason.code, ReasonCode::move_cycle);
    expect_sound(cluster, plan);
}

TEST(Sequence, NobodyStepsAsideToAHostThatGoesToSleep) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.green_host("h3", 100.0, 200.0);
    const VmId a = scene.vm("a", h1, 700.0);
    const VmId b = scene.vm("b", h2, 600.0);
    const Cluster cluster = scene.build();
    Proposal proposal = moving(cluster, {{a, h2}, {b, h1}});
    proposal.hosts[h3.index()].action = HostAction::sleep;
    const Plan plan = sequence(cluster, proposal);
    EXPECT_EQ(text(plan, cluster), "power-off h3\n");
    EXPECT_EQ(plan.left_out.size(), 2U);
}

TEST(Sequence, VmsKeptApartNeverMeet) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId a = scene.vm("a", h1, 10.0);
    const VmId b = scene.vm("b", h2, 10.0);
    scene.rule(RuleKind::anti_affinity, {"a", "b"});
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {b, h3}}));
    EXPECT_EQ(text(plan, cluster), "b>h3\na>h2 after 0\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, VmsKeptApartSwapThroughAThirdHost) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.host("h3");
    const VmId a = scene.vm("a", h1, 10.0);
    const VmId b = scene.vm("b", h2, 10.0);
    scene.rule(RuleKind::anti_affinity, {"a", "b"});
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {b, h1}}));
    EXPECT_EQ(text(plan, cluster), "a>h3\nb>h1 after 0\na>h2 after 1\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, AtMostTwoPerRackAtEveryMoment) {
    // Rack A has a and b. c may come when one of them has left, and d when the other has.
    Scene scene;
    const HostId a1 = scene.racked_host("a1", "A");
    const HostId a2 = scene.racked_host("a2", "A");
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", a1, 10.0);
    const VmId b = scene.vm("b", a2, 10.0);
    const VmId c = scene.vm("c", h1, 10.0);
    const VmId d = scene.vm("d", h1, 10.0);
    scene.apart({"a", "b", "c", "d"}, 2, FaultDomain::rack);
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{c, a2}, {d, a1}, {a, h2}, {b, h2}}));
    EXPECT_EQ(text(plan, cluster), "a>h2\nb>h2\nc>a2 after 0,1\nd>a1 after 2\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, VirtualCpusAreRoom) {
    // h2 may have 2 * 1.5 = 3 virtual CPUs and has 2: b must go before a, with 2, may come.
    Scene scene;
    const HostId h1 = scene.host("h1");
    HostSpec spec = host("h2", 1000.0, 10000.0);
    spec.cpus = 2;
    spec.cpu_overcommit = 1.5;
    const HostId h2 = scene.builder.add_host(spec);
    const HostId h3 = scene.host("h3");
    VmSpec wide = vm("a", 100.0);
    wide.vcpus = 2;
    const VmId a = scene.builder.add_vm(wide, on(h1, 10.0));
    wide.name = wide.uuid = "b";
    const VmId b = scene.builder.add_vm(wide, on(h2, 10.0));
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {b, h3}}));
    EXPECT_EQ(text(plan, cluster), "b>h3\na>h2 after 0\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, AMoveWithinARackWaitsForNobody) {
    Scene scene;
    const HostId a1 = scene.racked_host("a1", "A");
    const HostId a2 = scene.racked_host("a2", "A");
    const VmId a = scene.vm("a", a1, 10.0);
    const VmId b = scene.vm("b", a2, 10.0);
    scene.apart({"a", "b"}, 1, FaultDomain::rack);  // broken from the begin, and not by the plan
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, a2}, {b, a1}}));
    EXPECT_EQ(text(plan, cluster), "a>a2\nb>a1\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, EarlierArrivalsKeepTheirRoom) {
    // a fits on h2 as it is (500 + 400). b needs d gone (500 + 400 + 400 - 400): b must not start while a could still
    // meet d there, so a's bound has to hold with b: b waits for a or for what makes both fit.
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId a = scene.vm("a", h1, 400.0);
    const VmId b = scene.vm("b", h1, 400.0);
    scene.vm("c", h2, 100.0);
    const VmId d = scene.vm("d", h2, 400.0);
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {d, h3}, {b, h2}}));
    EXPECT_EQ(text(plan, cluster), "a>h2\nd>h3\nb>h2 after 0,1\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, AHostSleepsAfterAllHaveLeftAndIsOnBeforeAnyComes) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.green_host("h3", 100.0, 200.0, PowerState::asleep);
    const VmId a = scene.vm("a", h1, 10.0);
    const VmId b = scene.vm("b", h1, 10.0);
    const Cluster cluster = scene.build();
    Proposal proposal = moving(cluster, {{a, h2}, {b, h3}});
    proposal.hosts[h1.index()].action = HostAction::sleep;
    proposal.hosts[h3.index()].action = HostAction::wake;
    const Plan plan = sequence(cluster, proposal);
    EXPECT_EQ(text(plan, cluster), "power-on h3\na>h2\nb>h3 after 0\npower-off h1 after 1,2\n");
    expect_sound(cluster, plan);
}

TEST(Sequence, AHostThatCannotBeEmptiedIsNotEmptiedInPart) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3", 500.0);
    const VmId a = scene.vm("a", h1, 50.0);
    const VmId b = scene.vm("b", h1, 600.0);
    const VmId c = scene.vm("c", h2, 600.0);
    const Cluster cluster = scene.build();
    Proposal proposal = moving(cluster, {{a, h3}, {c, h1}, {b, h2}});  // b and c cannot swap
    proposal.moves[0].reason.code = ReasonCode::empty_host;
    proposal.moves[2].reason.code = ReasonCode::empty_host;
    const Plan plan = sequence(cluster, proposal);
    EXPECT_TRUE(plan.actions.empty());
    ASSERT_EQ(plan.left_out.size(), 3U);
    EXPECT_EQ(plan.left_out[0].vm, a);
    EXPECT_EQ(plan.left_out[0].reason.code, ReasonCode::host_not_emptied);
    EXPECT_EQ(plan.left_out[0].reason.vm, b);
}

TEST(Sequence, AnAffinityGroupIsLeftOutAsAWhole) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 50.0);
    const VmId b = scene.vm("b", h1, 600.0);
    scene.vm("c", h2, 600.0);
    scene.rule(RuleKind::affinity, {"a", "b"});
    const Cluster cluster = scene.build();
    const Plan plan = sequence(cluster, moving(cluster, {{a, h2}, {b, h2}}));
    EXPECT_TRUE(plan.actions.empty());
    EXPECT_EQ(plan.left_out.size(), 2U);
}

}  // namespace
}  // namespace ballast::test
