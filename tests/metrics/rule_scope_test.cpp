// SPDX-License-Identifier: Apache-2.0
#include "metrics/rule_scope.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using Names = std::vector<std::string>;

using NameSet = std::set<std::string>;

VmSightings seen(NameSet in_cluster, NameSet shut_off = {}, Names silent_hosts = {},
                 std::map<std::string, std::string> held = {}) {
    return {std::move(in_cluster), std::move(held), std::move(shut_off), std::move(silent_hosts)};
}

RuleSpec apart(Names vms) { return {RuleKind::anti_affinity, "apart", std::move(vms), {}, {}}; }
RuleSpec pinned(Names vms) { return {RuleKind::pin, "pinned", std::move(vms), {"h1"}, {}}; }

ScopedRules scope(const RuleSpec& rule, const VmSightings& seen, const std::vector<VmOptions>& vms = {}) {
    const std::vector<RuleSpec> rules = {rule};
    return value(scope_rules(rules, vms, seen, 1000.0));
}

TEST(RuleScope, RulesWhoseVmsAreAllThereStayAsTheyAre) {
    const ScopedRules scoped = scope(apart({"a", "b"}), seen({"a", "b"}));
    ASSERT_EQ(scoped.rules.size(), 1U);
    EXPECT_EQ(scoped.rules[0].vms, (Names{"a", "b"}));
    EXPECT_TRUE(scoped.frozen.empty());
}

TEST(RuleScope, AnUnknownVmIsAUsageErrorThatNamesRuleAndVm) {
    const std::vector<RuleSpec> rules = {apart({"a", "x"})};
    const auto scoped = scope_rules(rules, {}, seen({"a"}), 1000.0);
    ASSERT_FALSE(scoped);
    EXPECT_EQ(scoped.error().kind, ErrorKind::usage);
    EXPECT_EQ(scoped.error().message,
              "rule \"apart\": names the VM \"x\", which no host knows; correct the rule or take the name out");
}

TEST(RuleScope, AVmThatMayBeOnASilentHostFreezesItsCompanions) {
    const ScopedRules scoped = scope(apart({"a", "x", "b"}), seen({"a", "b"}, {}, {"h3"}));
    ASSERT_EQ(scoped.rules.size(), 1U);
    EXPECT_EQ(scoped.rules[0].vms, (Names{"a", "b"}));
    EXPECT_EQ(scoped.frozen.size(), 2U);
    EXPECT_EQ(scoped.frozen.at("a"), "rule \"apart\" also names x, which cannot be seen while host h3 does not answer");
}

TEST(RuleScope, AShutOffDefinitionElsewhereDoesNotProveThatTheVmIsOff) {
    const ScopedRules scoped = scope(apart({"a", "x"}), seen({"a"}, {"x"}, {"h2", "h3"}));
    EXPECT_EQ(scoped.frozen.at("a"),
              "rule \"apart\" also names x, which cannot be seen while host h2, h3 do not answer");
}

TEST(RuleScope, AHeldVmFreezesItsCompanions) {
    const ScopedRules scoped = scope(apart({"a", "x"}), seen({"a"}, {}, {}, {{"x", "h2"}}));
    EXPECT_TRUE(scoped.rules.empty());  // a group of one has nothing to say
    EXPECT_EQ(scoped.frozen.at("a"), "rule \"apart\" also names x, which is paused or arriving on h2");
}

TEST(RuleScope, AShutOffVmIsNoReasonToStop) {
    const ScopedRules group = scope(apart({"a", "b", "x"}), seen({"a", "b"}, {"x"}));
    ASSERT_EQ(group.rules.size(), 1U);
    EXPECT_EQ(group.rules[0].vms, (Names{"a", "b"}));
    EXPECT_TRUE(group.frozen.empty());
    EXPECT_TRUE(scope(apart({"a", "x"}), seen({"a"}, {"x"})).rules.empty());
    EXPECT_TRUE(scope(pinned({"x"}), seen({"a"}, {"x"})).rules.empty());
}

TEST(RuleScope, ARuleAboutEachVmAloneFreezesNothing) {
    const ScopedRules scoped = scope(pinned({"a", "x"}), seen({"a"}, {}, {"h3"}));
    ASSERT_EQ(scoped.rules.size(), 1U);
    EXPECT_EQ(scoped.rules[0].vms, Names{"a"});
    EXPECT_EQ(scoped.rules[0].hosts, Names{"h1"});
    EXPECT_TRUE(scoped.frozen.empty());
}

TEST(RuleScope, ALabelCountsForThoseWhoAreNotThere) {
    RuleSpec rule = apart({});
    rule.vm_labels = {"web"};
    const std::vector<VmOptions> vms = {{"a", {"web"}}, {"b", {"db"}}, {"x", {"new", "web"}}};
    // x is arriving: a may not move, b is not concerned. The rule is kept, its labels are for the builder.
    const ScopedRules held = scope(rule, seen({"a", "b"}, {}, {}, {{"x", "h2"}}), vms);
    EXPECT_EQ(held.rules.size(), 1U);
    EXPECT_EQ(held.frozen.size(), 1U);
    EXPECT_EQ(held.frozen.at("a"), "rule \"apart\" is also about x, which is paused or arriving on h2");
    // x is known nowhere: no error, nobody is frozen.
    const ScopedRules gone = scope(rule, seen({"a", "b"}), vms);
    EXPECT_EQ(gone.rules.size(), 1U);
    EXPECT_TRUE(gone.frozen.empty());
}

TEST(RuleScope, ARuleThatIsNotInForceStaysAsItIs) {
    RuleSpec past = apart({"a", "x"});
    past.until_s = 1000.0;
    const ScopedRules scoped = scope(past, seen({"a"}));  // x is known nowhere, and that is no error now
    ASSERT_EQ(scoped.rules.size(), 1U);
    EXPECT_EQ(scoped.rules[0].vms, (Names{"a", "x"}));
}

TEST(RuleScope, AFreezeOfWhatIsOffFreezesNothingElse) {
    RuleSpec freeze{RuleKind::freeze, "freeze", {"x"}, {}, {}};
    EXPECT_TRUE(scope(freeze, seen({"a"}, {"x"})).rules.empty());  // without a name left it would be about all VMs
    freeze.hosts = {"h1"};
    const ScopedRules scoped = scope(freeze, seen({"a"}, {"x"}));
    ASSERT_EQ(scoped.rules.size(), 1U);
    EXPECT_TRUE(scoped.rules[0].vms.empty());
}

TEST(RuleScope, WhatIsWrongAsWrittenIsPassedOnForTheBuilderToSay) {
    const ScopedRules scoped = scope(apart({"a"}), seen({"a"}));
    EXPECT_EQ(scoped.rules.size(), 1U);
    const RuleSpec ignore_host{RuleKind::ignore_host, "alone", {}, {"h1"}, {}};
    EXPECT_EQ(scope(ignore_host, seen({})).rules.size(), 1U);
}

}  // namespace
}  // namespace ballast
