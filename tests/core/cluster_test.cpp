// SPDX-License-Identifier: Apache-2.0
#include "core/cluster.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::host;
using test::on;
using test::vm;

TEST(Cluster, AddsUpWhatIsUsedOnAHost) {
    ClusterBuilder builder;
    HostState state;
    state.overhead = ResourceVector(100.0, 256.0 * bytes_per_mib);
    HostSpec spec = host("h1", 4000, 8192);
    spec.reserve = ResourceVector(0.0, 512.0 * bytes_per_mib);
    const HostId h1 = builder.add_host(spec, state);
    const HostId h2 = builder.add_host(host("h2", 4000, 8192));
    const VmId a = builder.add_vm(vm("a", 1024), on(h1, 600));
    builder.add_vm(vm("b", 2048), on(h2, 500));
    const VmId c = builder.add_vm(vm("c", 1024), on(h1, 1300));
    const Cluster cluster = test::value(std::move(builder).build());

    EXPECT_DOUBLE_EQ(cluster.used(h1).cpu_mhz(), 2000.0);                       // 100 + 600 + 1300
    EXPECT_DOUBLE_EQ(cluster.used(h1).memory_bytes(), 2304.0 * bytes_per_mib);  // 256 + 1024 + 1024
    EXPECT_DOUBLE_EQ(cluster.usable(h1).memory_bytes(), (8192.0 - 512) * bytes_per_mib);
    EXPECT_DOUBLE_EQ(cluster.cpu_utilisation(h1), 0.5);
    ASSERT_EQ(cluster.vms_on(h1).size(), 2U);
    EXPECT_EQ(cluster.vms_on(h1)[0], a);
    EXPECT_EQ(cluster.vms_on(h1)[1], c);
    EXPECT_EQ(cluster.inventory().find_vm("c"), c);
    EXPECT_EQ(cluster.inventory().find_vm("nobody"), std::nullopt);
}

TEST(Cluster, ANewStateOfTheSameInventoryIsANewSnapshot) {
    ClusterBuilder builder;
    const HostId h1 = builder.add_host(host("h1", 4000, 8192));
    const HostId h2 = builder.add_host(host("h2", 4000, 8192));
    builder.add_vm(vm("a", 1024), on(h1, 600));
    const Cluster before = test::value(std::move(builder).build());
    ClusterState state = before.state();
    state.vms[0].host = h2;
    const Cluster after = test::value(Cluster::make(before.shared_inventory(), state));
    EXPECT_EQ(before.vms_on(h1).size(), 1U);
    EXPECT_EQ(after.vms_on(h1).size(), 0U);
    EXPECT_DOUBLE_EQ(after.used(h2).cpu_mhz(), 600.0);
}

// Each damaged cluster and a part of the one line it must be refused with.
struct Damage {
    const char* what;
    std::function<void(ClusterBuilder&)> apply;
    const char* message;
};

TEST(ClusterBuilder, RefusesWhatIsWrongAndSaysWhere) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<Damage> damages = {
        {"host twice", [](auto& b) { b.add_host(host("h1", 1, 1)); }, "host \"h1\": the name is used twice"},
        {"no cpu", [](auto& b) { b.add_host(host("h9", 0, 1)); }, "host \"h9\": its cpu capacity is zero"},
        {"no memory", [](auto& b) { b.add_host(host("h9", 1, 0)); }, "host \"h9\": its memory capacity is zero"},
        {"nan capacity", [&](auto& b) { b.add_host(host("h9", nan, 1)); }, "host \"h9\": capacity and reserve"},
        {"all reserved",
         [](auto& b) {
             HostSpec spec = host("h9", 100, 100);
             spec.reserve = ResourceVector(100, 0);
             b.add_host(spec);
         },
         "host \"h9\": its cpu reserve leaves nothing"},
        {"vm twice", [](auto& b) { b.add_vm(vm("a", 1), on(HostId(1), 0)); },
         "VM \"a\": the name is used twice (on h1 and on h2)"},
        {"uuid twice",
         [](auto& b) {
             VmSpec spec = vm("z", 1);
             spec.uuid = "uuid-a";
             b.add_vm(spec, on(HostId(0), 0));
         },
         "VM \"z\": has the UUID of VM \"a\""},
        {"no vm memory", [](auto& b) { b.add_vm(vm("z", 0), on(HostId(0), 0)); }, "VM \"z\": its memory"},
        {"nowhere", [](auto& b) { b.add_vm(vm("z", 1), on(HostId(), 0)); }, "VM \"z\": is on no host"},
        {"nan demand", [&](auto& b) { b.add_vm(vm("z", 1), on(HostId(0), nan)); }, "VM \"z\": demand must be finite"},
        {"negative demand", [](auto& b) { b.add_vm(vm("z", 1), on(HostId(0), -1)); }, "VM \"z\": demand must be"},
        {"rule: unknown vm",
         [](auto& b) {
             b.add_rule({RuleKind::anti_affinity, "r", {"a", "ghost"}, {}, ""});
         },
         "rule \"r\": names the VM \"ghost\", which is not in the cluster"},
        {"rule: unknown host",
         [](auto& b) {
             b.add_rule({RuleKind::pin, "r", {"a"}, {"h7"}, ""});
         },
         "rule \"r\": names the host \"h7\", which is not in the cluster"},
        {"rule: alone",
         [](auto& b) {
             b.add_rule({RuleKind::affinity, "r", {"a", "a"}, {}, ""});
         },
         "rule \"r\": needs at least two VMs"},
        {"rule: no name",
         [](auto& b) {
             b.add_rule({RuleKind::ignore_vm, "", {"a"}, {}, ""});
         },
         "rule 1 has no name"},
        {"rule: no model",
         [](auto& b) {
             b.add_rule({RuleKind::cpu_compatible, "r", {}, {}, ""});
         },
         "rule \"r\": names no CPU model"},
    };
    for (const Damage& damage : damages) {
        ClusterBuilder builder;
        builder.add_host(host("h1", 4000, 8192));
        builder.add_host(host("h2", 4000, 8192));
        builder.add_vm(vm("a", 1024), on(HostId(0), 600));
        damage.apply(builder);
        const Result<Cluster> cluster = std::move(builder).build();
        ASSERT_FALSE(cluster) << damage.what;
        EXPECT_EQ(cluster.error().kind, ErrorKind::usage) << damage.what;
        EXPECT_NE(cluster.error().message.find(damage.message), std::string::npos)
            << damage.what << ": " << cluster.error().message;
    }
}

TEST(ClusterBuilder, NumbersFaultDomains) {
    ClusterBuilder builder;
    const auto add = [&](const char* name, const char* rack, const char* zone) {
        HostSpec spec = host(name, 4000, 8192);
        spec.rack = rack;
        spec.zone = zone;
        return builder.add_host(spec);
    };
    const HostId h1 = add("h1", "r1", "z1");
    const HostId h2 = add("h2", "r1", "z2");
    const HostId h3 = add("h3", "r1", "z1");
    const HostId h4 = add("h4", "", "z2");
    const HostId h5 = add("h5", "", "");
    const Cluster cluster = test::value(std::move(builder).build());
    const auto same = [&](HostId a, HostId b, FaultDomain kind) {
        return cluster.inventory().domain(a, kind) == cluster.inventory().domain(b, kind);
    };
    EXPECT_TRUE(same(h1, h3, FaultDomain::rack));
    EXPECT_FALSE(same(h1, h2, FaultDomain::rack));  // of one name, in two zones
    EXPECT_FALSE(same(h4, h5, FaultDomain::rack));  // not known: each alone
    EXPECT_TRUE(same(h2, h4, FaultDomain::zone));
    EXPECT_FALSE(same(h4, h5, FaultDomain::zone));
    EXPECT_FALSE(same(h1, h3, FaultDomain::host));
}

TEST(ClusterBuilder, ResolvesRulesToSortedIds) {
    ClusterBuilder builder;
    const HostId h1 = builder.add_host(host("h1", 4000, 8192));
    const VmId a = builder.add_vm(vm("a", 1024), on(h1, 0));
    const VmId b = builder.add_vm(vm("b", 1024), on(h1, 0));
    builder.add_rule({RuleKind::anti_affinity, "apart", {"b", "a", "b"}, {}, ""});
    builder.add_rule({RuleKind::ignore_vm, "leave-b", {"b"}, {}, ""});
    const Cluster cluster = test::value(std::move(builder).build());
    EXPECT_EQ(cluster.rule(RuleId(0)).vms, (std::vector<VmId>{a, b}));
    EXPECT_EQ(cluster.inventory().rules_of(b).size(), 2U);
    EXPECT_EQ(cluster.inventory().ignored_by(b), RuleId(1));
    EXPECT_EQ(cluster.inventory().ignored_by(a), std::nullopt);
}

}  // namespace
}  // namespace ballast
