// SPDX-License-Identifier: Apache-2.0
// Two hosts, h1 (ssd) and h2; three VMs, db1 and db2 (db) and web.
#include "core/rule_resolver.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using Labels = std::vector<std::string>;

const VmId db1(0);
const VmId db2(1);
const VmId web(2);

HostSpec labelled_host(const char* name, Labels labels) {
    HostSpec spec = test::host(name, 4000, 8192);
    spec.labels = std::move(labels);
    return spec;
}

VmSpec labelled_vm(const char* name, Labels labels) {
    VmSpec spec = test::vm(name, 1024);
    spec.labels = std::move(labels);
    return spec;
}

Result<Cluster> with(const RuleSpec& rule, double unix_time_s = 0.0) {
    ClusterBuilder builder;
    builder.set_time(unix_time_s);
    const HostId h1 = builder.add_host(labelled_host("h1", {"ssd"}));
    builder.add_host(labelled_host("h2", {}));
    builder.add_vm(labelled_vm("db1", {"db"}), test::on(h1, 100));
    builder.add_vm(labelled_vm("db2", {"old", "db"}), test::on(h1, 100));
    builder.add_vm(labelled_vm("web", {}), test::on(h1, 100));
    builder.add_rule(rule);
    return std::move(builder).build();
}

RuleSpec rule(RuleKind kind, Labels vms, Labels vm_labels, Labels hosts = {}, Labels host_labels = {}) {
    return {kind, "r", std::move(vms), std::move(hosts), "", std::move(vm_labels), std::move(host_labels)};
}

Labels warnings(const Cluster& cluster) {
    const auto all = cluster.inventory().rule_warnings();
    return {all.begin(), all.end()};
}

TEST(RuleResolver, SelectsByNameAndByLabel) {
    const Cluster cluster = test::value(with(rule(RuleKind::pin, {"web", "db1"}, {"db"}, {}, {"ssd"})));
    EXPECT_EQ(cluster.rule(RuleId(0)).vms, (std::vector<VmId>{db1, db2, web}));
    EXPECT_EQ(cluster.rule(RuleId(0)).hosts, std::vector<HostId>{HostId(0)});
    EXPECT_EQ(cluster.inventory().rules_of(db2).size(), 1U);
    EXPECT_EQ(warnings(cluster), Labels{});
}

TEST(RuleResolver, AVmLabelThatNobodyHasIsAWarning) {
    const Cluster some = test::value(with(rule(RuleKind::anti_affinity, {}, {"db", "cache"})));
    EXPECT_EQ(some.rule(RuleId(0)).vms, (std::vector<VmId>{db1, db2}));
    EXPECT_EQ(warnings(some), Labels{"rule \"r\": no VM has the label \"cache\""});
    const Cluster none = test::value(with(rule(RuleKind::ignore_vm, {}, {"cache"})));
    EXPECT_TRUE(none.inventory().rules().empty());
    EXPECT_EQ(warnings(none), (Labels{"rule \"r\": no VM has the label \"cache\"",
                                      "rule \"r\": names no VM; it has no effect until it selects more VMs"}));
    const Cluster one = test::value(with(rule(RuleKind::affinity, {}, {"old"})));
    EXPECT_TRUE(one.inventory().rules().empty());
    EXPECT_EQ(warnings(one), Labels{"rule \"r\": needs at least two VMs; it has no effect until it selects more VMs"});
    EXPECT_EQ(one.inventory().rules_as_written().size(), 1U);
}

TEST(RuleResolver, AnUnknownNameOrHostLabelIsAnError) {
    const auto message = [](const RuleSpec& spec) { return with(spec).error().message; };
    EXPECT_EQ(message(rule(RuleKind::pin, {"ghost"}, {"db"}, {"h1"})),
              "rule \"r\": names the VM \"ghost\", which is not in the cluster");
    EXPECT_EQ(message(rule(RuleKind::pin, {"web"}, {}, {"h1"}, {"sdd"})), "rule \"r\": no host has the label \"sdd\"");
    RuleSpec everywhere = rule(RuleKind::cpu_compatible, {}, {}, {}, {"sdd"});
    everywhere.cpu_model = "kvm64";
    EXPECT_EQ(message(everywhere), "rule \"r\": no host has the label \"sdd\"");
}

TEST(RuleResolver, AtMostAndPerAreForAntiAffinity) {
    RuleSpec apart = rule(RuleKind::anti_affinity, {}, {"db"});
    apart.at_most = 2;
    apart.per = FaultDomain::zone;
    const Cluster cluster = test::value(with(apart));
    EXPECT_EQ(cluster.rule(RuleId(0)).at_most, 2U);
    EXPECT_EQ(cluster.rule(RuleId(0)).per, FaultDomain::zone);
    apart.at_most = 0;
    EXPECT_EQ(with(apart).error().message, "rule \"r\": at_most must be 1 or more");
    RuleSpec pin = rule(RuleKind::pin, {"web"}, {}, {"h1"});
    pin.at_most = 2;
    EXPECT_EQ(with(pin).error().message, "rule \"r\": at_most and per are for anti-affinity only");
}

TEST(RuleResolver, ARuleIsInForceFromItsBeginningToItsEnd) {
    RuleSpec spec = rule(RuleKind::ignore_vm, {"web"}, {});
    spec.from_s = 1000.0;
    spec.until_s = 2000.0;
    const auto in_force = [&](double now_s) {
        return test::value(with(spec, now_s)).inventory().ignored_by(web).has_value();
    };
    EXPECT_FALSE(in_force(999.0));
    EXPECT_TRUE(in_force(1000.0));
    EXPECT_TRUE(in_force(1999.0));
    EXPECT_FALSE(in_force(2000.0));
    EXPECT_EQ(warnings(test::value(with(spec, 999.0))), Labels{});
    EXPECT_EQ(warnings(test::value(with(spec, 2000.0))),
              Labels{"rule \"r\": was in force until 1970-01-01 00:33 UTC; take it out, or give it more time"});
    // Who it names may be gone by then, or not there yet; while it is in force that is an error.
    spec.vms = {"ghost"};
    EXPECT_TRUE(with(spec, 0.0));
    EXPECT_FALSE(with(spec, 1500.0));
    EXPECT_TRUE(with(spec, 2000.0));
    spec.until_s = 1000.0;
    EXPECT_EQ(with(spec).error().message, "rule \"r\": its from is not before its until");
}

TEST(RuleResolver, AnExceptionHoldsForAWhile) {
    RuleSpec spec = rule(RuleKind::anti_affinity, {"web"}, {"db"});
    spec.except = {{"db1", 1000.0, "moves house"}, {"ghost", std::nullopt, ""}};
    const Cluster before = test::value(with(spec, 500.0));
    EXPECT_EQ(before.rule(RuleId(0)).vms, (std::vector<VmId>{db2, web}));
    EXPECT_EQ(warnings(before), Labels{});
    const Cluster after = test::value(with(spec, 1000.0));
    EXPECT_EQ(after.rule(RuleId(0)).vms, (std::vector<VmId>{db1, db2, web}));
    EXPECT_EQ(warnings(after),
              Labels{"rule \"r\": the exception for db1 ended on 1970-01-01 00:16 UTC; take it out, or "
                     "give it more time"});
}

TEST(RuleResolver, AFreezeThatSelectsNothingIsAboutAll) {
    RuleSpec spec = rule(RuleKind::freeze, {}, {});
    spec.window = {0x7F, 60, 120, 0};  // every day from 01:00 to 02:00
    EXPECT_TRUE(test::value(with(spec, 3599.0)).inventory().rules().empty());
    const Cluster all = test::value(with(spec, 3600.0));
    EXPECT_EQ(all.rule(RuleId(0)).vms.size(), 3U);
    EXPECT_EQ(all.inventory().power_frozen_by(HostId(1)), RuleId(0));
    EXPECT_EQ(all.rule(RuleId(0)).ends_s, 7200.0);
    spec.hosts = {"h2"};
    const Cluster hosts = test::value(with(spec, 3600.0));
    EXPECT_TRUE(hosts.rule(RuleId(0)).vms.empty());
    EXPECT_EQ(hosts.inventory().power_frozen_by(HostId(0)), std::nullopt);
    EXPECT_EQ(hosts.inventory().power_frozen_by(HostId(1)), RuleId(0));
    spec.hosts = {};
    spec.vm_labels = {"db"};
    const Cluster some = test::value(with(spec, 3600.0));
    EXPECT_EQ(some.rule(RuleId(0)).vms, (std::vector<VmId>{db1, db2}));
    EXPECT_TRUE(some.inventory().stays_put(db1));
    EXPECT_FALSE(some.inventory().stays_put(web));
    EXPECT_EQ(some.inventory().power_frozen_by(HostId(1)), std::nullopt);
    RuleSpec pin = rule(RuleKind::pin, {"web"}, {}, {"h1"});
    pin.window = spec.window;
    EXPECT_EQ(with(pin).error().message, "rule \"r\": days, between and utc_offset are for freeze only");
}

TEST(RuleResolver, AWeightMakesARuleSoft) {
    RuleSpec spec = rule(RuleKind::pin, {"web"}, {}, {"h1"});
    EXPECT_FALSE(test::value(with(spec)).rule(RuleId(0)).soft());
    spec.weight = 2.0;
    const Cluster cluster = test::value(with(spec));
    EXPECT_TRUE(cluster.rule(RuleId(0)).soft());
    EXPECT_TRUE(cluster.inventory().has_soft_rules());
    spec.weight = -1.0;
    EXPECT_EQ(with(spec).error().message, "rule \"r\": weight must be from 0 to 1000000");
    spec.kind = RuleKind::ignore_vm;
    spec.weight = 1.0;
    EXPECT_EQ(with(spec).error().message, "rule \"r\": a rule of this kind is always hard; take its weight out");
}

TEST(RuleResolver, AnEmptyLabelIsAnError) {
    ClusterBuilder builder;
    builder.add_host(labelled_host("h1", {"ssd", ""}));
    EXPECT_EQ(std::move(builder).build().error().message, "host \"h1\": a label is empty; name it or take it out");
}

}  // namespace
}  // namespace ballast
