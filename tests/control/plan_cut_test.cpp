// SPDX-License-Identifier: Apache-2.0
#include "control/plan_cut.hpp"

#include <gtest/gtest.h>

#include "core/checker.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::host;
using test::on;
using test::value;
using test::vm;

// h1 has a, b and c of 100 MiB each, h2 has room, h3 sleeps. `together`: a and b must share a host.
Cluster cluster(bool together = false) {
    ClusterBuilder builder;
    const HostId h1 = builder.add_host(host("h1", 1000, 1000));
    builder.add_host(host("h2", 1000, 1000));
    HostSpec third = host("h3", 1000, 1000);
    third.power = HostPower{value(find_power_curve("hp-ml110-g4"))};
    third.power->controllable = true;
    HostState asleep;
    asleep.power = PowerState::asleep;
    builder.add_host(third, asleep);
    for (const char* name : {"a", "b", "c"}) builder.add_vm(vm(name, 100), on(h1, 10));
    if (together) {
        RuleSpec rule;
        rule.name = "together";
        rule.kind = RuleKind::affinity;
        rule.vms = {"a", "b"};
        builder.add_rule(rule);
    }
    return value(std::move(builder).build());
}

Action move(std::size_t vm, std::size_t to, std::vector<ActionId> after = {}) {
    Action action;
    action.vm = VmId(vm);
    action.from = HostId(0);
    action.host = HostId(to);
    action.after = std::move(after);
    return action;
}

Action power(ActionKind kind, std::size_t which, std::vector<ActionId> after = {}) {
    Action action;
    action.kind = kind;
    action.host = HostId(which);
    action.after = std::move(after);
    return action;
}

std::string shape(const Plan& plan) {  // "a>1 b>1(0)"
    std::string text;
    for (const Action& action : plan.actions) {
        text += text.empty() ? "" : " ";
        text += action.kind == ActionKind::migrate    ? std::string(1, static_cast<char>('a' + action.vm.index())) + ">"
                : action.kind == ActionKind::power_on ? "on:"
                                                      : "off:";
        text += std::to_string(action.host.index());
        for (const ActionId id : action.after) text += "(" + std::to_string(id.index()) + ")";
    }
    return text;
}

TEST(PlanCut, APlanWithinTheBudgetStaysAsItIs) {
    const Plan plan{{move(0, 1), move(1, 1, {ActionId(0)})}, {}};
    const CutPlan cut = cut_plan(plan, cluster(), 2);
    EXPECT_EQ(shape(cut.plan), "a>1 b>1(0)");
    EXPECT_EQ(cut.moves_cut, 0U);
}

TEST(PlanCut, TheFirstMovesRemainAndWhatWaitsForCutOnesGoes) {
    const Plan plan{{move(0, 1), move(1, 1), move(2, 1, {ActionId(1)}),
                     power(ActionKind::power_off, 0, {ActionId(0), ActionId(1), ActionId(2)})},
                    {}};
    const CutPlan cut = cut_plan(plan, cluster(), 2);
    EXPECT_EQ(shape(cut.plan), "a>1 b>1");
    EXPECT_EQ(cut.moves_cut, 1U);
    EXPECT_EQ(shape(cut_plan(plan, cluster(), 0).plan), "");
}

TEST(PlanCut, NoHostIsWokenForMovesThatAreCut) {
    const Plan plan{{power(ActionKind::power_on, 2), move(0, 1), move(1, 2, {ActionId(0)})}, {}};
    const CutPlan cut = cut_plan(plan, cluster(), 1);
    EXPECT_EQ(shape(cut.plan), "a>1");
    const Plan for_all{{power(ActionKind::power_on, 2), move(0, 2, {ActionId(0)}), move(1, 2, {ActionId(0)})}, {}};
    EXPECT_EQ(shape(cut_plan(for_all, cluster(), 1).plan), "on:2 a>2(0)");
}

TEST(PlanCut, AnAffinityGroupIsNotCutInHalf) {
    const Plan plan{{move(2, 1), move(0, 1), move(1, 1)}, {}};
    ASSERT_TRUE(check_plan(cluster(true), plan).empty());
    const CutPlan cut = cut_plan(plan, cluster(true), 2);
    EXPECT_EQ(shape(cut.plan), "c>1");
    EXPECT_EQ(cut.moves_cut, 2U);
}

}  // namespace
}  // namespace ballast
