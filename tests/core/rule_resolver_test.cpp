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

Result<Cluster> with(const RuleSpec& rule) {
    ClusterBuilder builder;
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
                                      "rule \"r\": names no VM; it has no effect until more VMs have its labels"}));
    const Cluster one = test::value(with(rule(RuleKind::affinity, {}, {"old"})));
    EXPECT_TRUE(one.inventory().rules().empty());
    EXPECT_EQ(warnings(one),
              Labels{"rule \"r\": needs at least two VMs; it has no effect until more VMs have its labels"});
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

TEST(RuleResolver, AnEmptyLabelIsAnError) {
    ClusterBuilder builder;
    builder.add_host(labelled_host("h1", {"ssd", ""}));
    EXPECT_EQ(std::move(builder).build().error().message, "host \"h1\": a label is empty; name it or take it out");
}

}  // namespace
}  // namespace ballast
