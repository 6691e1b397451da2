// SPDX-License-Identifier: Apache-2.0
// Three hosts of 4000 MHz and 8192 MiB unless said otherwise; VMs of 2048 MiB.
#include "core/checker.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::host;
using test::on;
using test::vm;

const HostId h1(0);
const HostId h2(1);
const HostId h3(2);

struct Bed {
    ClusterBuilder builder;

    Bed() {
        for (const char* name : {"h1", "h2", "h3"}) builder.add_host(host(name, 4000, 8192));
    }
    VmId add(const char* name, HostId where, double cpu_mhz = 500, double memory_mib = 2048) {
        return builder.add_vm(vm(name, memory_mib), on(where, cpu_mhz));
    }
    Cluster build() { return test::value(std::move(builder).build()); }
};

Action move(VmId vm, HostId from, HostId to, std::vector<ActionId> after = {}) {
    Action action;
    action.vm = vm;
    action.from = from;
    action.host = to;
    action.after = std::move(after);
    return action;
}

Action power_off(HostId host, std::vector<ActionId> after = {}) {
    Action action;
    action.kind = ActionKind::power_off;
    action.host = host;
    action.after = std::move(after);
    return action;
}

Plan plan_of(std::vector<Action> actions) { return Plan{std::move(actions), {}}; }

// All messages, or "" if the plan is accepted.
std::string verdict(const Cluster& cluster, const Plan& plan) {
    std::string text;
    for (const Violation& violation : check_plan(cluster, plan)) text += violation.message + "\n";
    return text;
}

#define EXPECT_ACCEPTED(cluster, plan) EXPECT_EQ(verdict(cluster, plan), "")
#define EXPECT_REJECTED(cluster, plan, part)                                 \
    do {                                                                     \
        const std::string text = verdict(cluster, plan);                     \
        EXPECT_NE(text.find(part), std::string::npos) << "[" << text << "]"; \
    } while (false)

TEST(Checker, AcceptsAnEmptyPlanAndASimpleMove) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const Cluster cluster = bed.build();
    EXPECT_ACCEPTED(cluster, plan_of({}));
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2)}));
}

TEST(Checker, RejectsBrokenReferences) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const Cluster cluster = bed.build();
    EXPECT_REJECTED(cluster, plan_of({move(VmId(7), h1, h2)}), "names no VM");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, HostId(9))}), "names no host");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2, {ActionId(0)})}), "does not come before it");
    EXPECT_REJECTED(cluster, plan_of({move(a, h2, h3)}), "moves a from h2, but it is on h1");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h1)}), "to the host it is on");
}

TEST(Checker, AVmThatMovesTwiceMustWaitForItself) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const Cluster cluster = bed.build();
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2), move(a, h2, h3)}), "without waiting for its move before");
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2), move(a, h2, h3, {ActionId(0)})}));
}

TEST(Checker, ADestinationMustHaveRoomForEverythingThatCanBeThereAtOnce) {
    Bed bed;
    // h2 has 3 * 2048 = 6144 of 8192 MiB: room for one more.
    for (const char* name : {"x", "y", "z"}) bed.add(name, h2);
    const VmId x(0);
    const VmId a = bed.add("a", h1);
    const VmId b = bed.add("b", h1);
    const Cluster cluster = bed.build();
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2)}));
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2), move(b, h1, h2)}), "h2 could run out of memory");
    // x leaves, but b does not wait for it: for a moment all five can be there.
    EXPECT_REJECTED(cluster, plan_of({move(x, h2, h3), move(a, h1, h2), move(b, h1, h2)}),
                    "up to 10240.0 of 8192.0 MiB");
    EXPECT_ACCEPTED(cluster, plan_of({move(x, h2, h3), move(a, h1, h2), move(b, h1, h2, {ActionId(0)})}));
}

TEST(Checker, WaitingThroughAnotherActionCounts) {
    Bed bed;
    for (const char* name : {"x", "y", "z", "w"}) bed.add(name, h2);  // full
    const VmId a = bed.add("a", h1);
    const VmId b = bed.add("b", h1);
    const Cluster cluster = bed.build();
    // b waits for a's move, which waits for x's: so x is gone when b … but y must go too.
    EXPECT_REJECTED(cluster,
                    plan_of({move(VmId(0), h2, h3), move(a, h1, h2, {ActionId(0)}), move(b, h1, h2, {ActionId(1)})}),
                    "h2 could run out of memory");
    EXPECT_ACCEPTED(cluster, plan_of({move(VmId(0), h2, h3), move(VmId(1), h2, h3, {ActionId(0)}),
                                      move(a, h1, h2, {ActionId(0)}), move(b, h1, h2, {ActionId(1), ActionId(2)})}));
}

TEST(Checker, CpuBindsTooAndAnOverloadedSourceIsNotThePlansFault) {
    Bed bed;
    const VmId a = bed.add("a", h1, 3000);
    bed.add("b", h1, 3000);  // h1: 6000 of 4000 MHz before the plan
    bed.add("c", h2, 1500);
    const Cluster cluster = bed.build();
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h3)}));
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "h2 could run out of cpu");  // 4500 of 4000
}

TEST(Checker, AntiAffinityHoldsAtEveryMoment) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const VmId b = bed.add("b", h2);
    bed.builder.add_rule({RuleKind::anti_affinity, "apart", {"a", "b"}, {}, ""});
    const Cluster cluster = bed.build();
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "rule \"apart\" keeps a apart from b");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h3), move(b, h2, h3)}), "rule \"apart\"");
    // b leaves h2 and a takes its place: only if a waits.
    EXPECT_REJECTED(cluster, plan_of({move(b, h2, h3), move(a, h1, h2)}), "rule \"apart\"");
    EXPECT_ACCEPTED(cluster, plan_of({move(b, h2, h3), move(a, h1, h2, {ActionId(0)})}));
    // a passes through h3, and b comes there: only if b waits for a to be gone.
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h3), move(a, h3, h1, {ActionId(0)}), move(b, h2, h3)}), "apart");
    EXPECT_ACCEPTED(cluster,
                    plan_of({move(a, h1, h3), move(a, h3, h1, {ActionId(0)}), move(b, h2, h3, {ActionId(1)})}));
}

// h1 and h2 are in one rack, h3 is a rack of its own.
struct Racks {
    ClusterBuilder builder;

    Racks() {
        for (const char* name : {"h1", "h2", "h3", "h4"}) {
            HostSpec spec = host(name, 4000, 8192);
            if (name[1] <= '2') spec.rack = "A";
            builder.add_host(spec);
        }
    }
    VmId add(const char* name, HostId where) { return builder.add_vm(vm(name, 1024), on(where, 100)); }
    Cluster build(std::vector<std::string> vms, std::uint32_t at_most) {
        builder.add_rule({RuleKind::anti_affinity, "few", std::move(vms), {}, "", {}, {}, at_most, FaultDomain::rack});
        return test::value(std::move(builder).build());
    }
};

TEST(Checker, AtMostSoManyPerRackAtEveryMoment) {
    Racks racks;
    const VmId a = racks.add("a", h1);
    racks.add("b", h2);
    const VmId c = racks.add("c", h3);
    const VmId d = racks.add("d", h3);
    const Cluster cluster = racks.build({"a", "b", "c", "d"}, 2);
    const HostId h4(3);
    // Two are in the rack: a third may not come, unless one has left for certain.
    EXPECT_REJECTED(cluster, plan_of({move(c, h3, h2)}),
                    "rule \"few\" allows 2 of its VMs per rack; with c 3 can be in that of h2");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h4), move(c, h3, h2)}), "3 can be in that of h2");
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h4), move(c, h3, h2, {ActionId(0)})}));
    // One has left, and two come in its place: only one after the other has left again.
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h4), move(c, h3, h2, {ActionId(0)}), move(d, h3, h1, {ActionId(0)})}),
                    "3 can be in that of");
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h4), move(c, h3, h2, {ActionId(0)}), move(c, h2, h3, {ActionId(1)}),
                                      move(d, h3, h1, {ActionId(2)})}));
    // Within the rack there are never more than before.
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2)}));
    // a only changes its host in the rack: it has not left it when c comes.
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2), move(c, h3, h1, {ActionId(0)})}), "3 can be in that of h1");
}

TEST(Checker, ARackThatHasTooManyMayBeLeftButNotFilled) {
    Racks racks;
    const VmId a = racks.add("a", h1);
    racks.add("b", h2);
    racks.add("c", h2);
    const VmId d = racks.add("d", h3);
    const Cluster cluster = racks.build({"a", "b", "c", "d"}, 1);
    const HostId h4(3);
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h4)}));
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2)}));
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h4), move(d, h3, h1, {ActionId(0)})}), "3 can be in that of h1");
}

TEST(Checker, AnAffinityGroupArrivesTogether) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const VmId b = bed.add("b", h1);
    bed.builder.add_rule({RuleKind::affinity, "together", {"a", "b"}, {}, ""});
    const Cluster cluster = bed.build();
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "rule \"together\"");
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2), move(b, h1, h2)}));
}

TEST(Checker, AGroupThatIsApartMayBeBroughtCloser) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    bed.add("b", h1);
    bed.add("c", h1);
    const VmId d = bed.add("d", h2);
    const VmId e = bed.add("e", h3);
    bed.builder.add_rule({RuleKind::affinity, "together", {"a", "b", "c", "d", "e"}, {}, ""});
    const Cluster cluster = bed.build();
    EXPECT_ACCEPTED(cluster, plan_of({move(d, h2, h1)}));                       // 3 pairs become 6
    EXPECT_ACCEPTED(cluster, plan_of({move(e, h3, h2)}));                       // 3 become 4
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "rule \"together\"");  // 3 become 1 + 1
}

TEST(Checker, PinForbidAndIgnore) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const VmId b = bed.add("b", h1);
    const VmId c = bed.add("c", h1);
    bed.builder.add_rule({RuleKind::pin, "here", {"a"}, {"h1", "h2"}, ""});
    bed.builder.add_rule({RuleKind::forbid, "not-there", {"b"}, {"h2"}, ""});
    bed.builder.add_rule({RuleKind::ignore_vm, "hands-off", {"c"}, {}, ""});
    bed.builder.add_rule({RuleKind::ignore_host, "lab", {}, {"h3"}, ""});
    const Cluster cluster = bed.build();
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2)}));
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h3)}), "rule \"here\" pins a");
    EXPECT_REJECTED(cluster, plan_of({move(b, h1, h2)}), "rule \"not-there\" forbids h2");
    EXPECT_REJECTED(cluster, plan_of({move(c, h1, h2)}), "rule \"hands-off\"");
    EXPECT_REJECTED(cluster, plan_of({move(b, h1, h3)}), "rule \"lab\" says that h3 is left alone");
    EXPECT_REJECTED(cluster, plan_of({power_off(h3)}), "rule \"lab\"");
}

TEST(Checker, WhatAVmNeedsMustBeThere) {
    ClusterBuilder builder;
    HostSpec spec = host("h1", 4000, 8192);
    builder.add_host(spec);
    spec.name = "h2";
    spec.provides = {"network:br1", "storage:nas1"};
    builder.add_host(spec);
    spec.name = "h3";
    spec.provides = {"storage:nas1"};  // of networks nothing is known
    builder.add_host(spec);
    VmSpec needy = vm("a", 1024);
    needy.needs = {"network:br0", "storage:nas1"};
    const VmId a = builder.add_vm(needy, on(h1, 100));
    const Cluster cluster = test::value(std::move(builder).build());
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "a needs \"network:br0\", which h2 does not provide");
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h3)}));
}

TEST(Checker, VirtualCpusAreLimitedAtEveryMoment) {
    // h2 has 2 CPU threads and may have 2 * 2 = 4 virtual CPUs; x has 2 and y has 1 of them.
    ClusterBuilder builder;
    HostSpec spec = host("h1", 4000, 8192);
    builder.add_host(spec);
    spec.name = "h2";
    spec.cpus = 2;
    spec.cpu_overcommit = 2.0;
    builder.add_host(spec);
    const auto add = [&](const char* name, HostId where, std::uint32_t vcpus) {
        VmSpec guest = vm(name, 100);
        guest.vcpus = vcpus;
        return builder.add_vm(guest, on(where, 10));
    };
    const VmId x = add("x", h2, 2);
    add("y", h2, 1);
    const VmId a = add("a", h1, 1);
    const VmId b = add("b", h1, 2);
    const Cluster cluster = test::value(std::move(builder).build());
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2)}));
    EXPECT_REJECTED(cluster, plan_of({move(b, h1, h2)}),
                    "h2 could have 5 virtual CPUs when b arrives, and its cpu_overcommit allows 4.0");
    EXPECT_REJECTED(cluster, plan_of({move(x, h2, h1), move(b, h1, h2)}), "h2 could have 5 virtual CPUs");
    EXPECT_ACCEPTED(cluster, plan_of({move(x, h2, h1), move(b, h1, h2, {ActionId(0)})}));
    // With x gone there is room for b and for a: 1 + 2 + 1.
    EXPECT_ACCEPTED(cluster,
                    plan_of({move(x, h2, h1), move(b, h1, h2, {ActionId(0)}), move(a, h1, h2, {ActionId(0)})}));
    EXPECT_REJECTED(cluster, plan_of({move(x, h2, h1), move(b, h1, h2), move(a, h1, h2, {ActionId(0)})}),
                    "h2 could have");
}

TEST(Checker, WhatIsFrozenStaysAsItIs) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const VmId b = bed.add("b", h1);
    bed.builder.add_rule({RuleKind::freeze, "nights", {"a"}, {"h3"}, ""});
    const Cluster cluster = bed.build();
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "rule \"nights\" freezes a");
    EXPECT_ACCEPTED(cluster, plan_of({move(b, h1, h3)}));
    EXPECT_REJECTED(cluster, plan_of({power_off(h3)}), "rule \"nights\" keeps h3 from being put to sleep or woken");
    EXPECT_ACCEPTED(cluster, plan_of({power_off(h2)}));
}

TEST(Checker, IntelToAmdIsRefusedUnlessDeclaredCompatible) {
    for (const bool declared : {false, true}) {
        ClusterBuilder builder;
        HostSpec intel = host("intel", 4000, 8192);
        intel.cpu = {"x86_64", "Intel", "Skylake-Server"};
        HostSpec amd = host("amd", 4000, 8192);
        amd.cpu = {"x86_64", "AMD", "EPYC-Rome"};
        builder.add_host(intel);
        builder.add_host(amd);
        VmSpec spec = vm("a", 1024);
        spec.cpu = {"x86_64", "kvm64", GuestCpuMode::explicit_model};
        const VmId a = builder.add_vm(spec, on(h1, 100));
        spec = vm("b", 1024);
        spec.cpu = {"x86_64", "", GuestCpuMode::host_bound};
        const VmId b = builder.add_vm(spec, on(h1, 100));
        if (declared) builder.add_rule({RuleKind::cpu_compatible, "common", {}, {}, "kvm64"});
        const Cluster cluster = test::value(std::move(builder).build());
        if (declared) {
            EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2)}));
        } else {
            EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "amd has a CPU by AMD, intel by Intel");
        }
        EXPECT_REJECTED(cluster, plan_of({move(b, h1, h2)}), "amd has a CPU by AMD");
    }
}

TEST(Checker, HostBoundGuestsNeedTheSameModelAnd64BitGuestsA64BitHost) {
    ClusterBuilder builder;
    HostSpec skylake = host("sky", 4000, 8192);
    skylake.cpu = {"x86_64", "Intel", "Skylake-Server"};
    HostSpec haswell = host("has", 4000, 8192);
    haswell.cpu = {"x86_64", "Intel", "Haswell"};
    HostSpec old = host("old", 4000, 8192);
    old.cpu = {"i686", "Intel", "Skylake-Server"};
    for (const HostSpec& spec : {skylake, haswell, old}) builder.add_host(spec);
    VmSpec bound = vm("bound", 1024);
    bound.cpu = {"x86_64", "", GuestCpuMode::host_bound};
    VmSpec small = vm("small", 1024);
    small.cpu = {"i686", "pentium3", GuestCpuMode::explicit_model};
    const VmId b = builder.add_vm(bound, on(h1, 100));
    const VmId s = builder.add_vm(small, on(h1, 100));
    const Cluster cluster = test::value(std::move(builder).build());
    EXPECT_REJECTED(cluster, plan_of({move(b, h1, h2)}), "bound is bound to the CPU model Skylake-Server");
    EXPECT_REJECTED(cluster, plan_of({move(b, h1, h3)}), "bound is a x86_64 guest and old is i686");
    EXPECT_ACCEPTED(cluster, plan_of({move(s, h1, h2)}));  // a 32-bit guest on a 64-bit host
    EXPECT_ACCEPTED(cluster, plan_of({move(s, h1, h3)}));
}

TEST(Checker, HostsThatAreNotThereForIt) {
    ClusterBuilder builder;
    HostState maintenance;
    maintenance.maintenance = true;
    HostState silent;
    silent.reachable = false;
    HostState asleep;
    asleep.power = PowerState::asleep;
    HostSpec newer = host("h1", 4000, 8192);
    newer.hypervisor_version = 8'000'000;
    HostSpec older = host("h5", 4000, 8192);
    older.hypervisor_version = 7'002'022;
    builder.add_host(newer);
    builder.add_host(host("h2", 4000, 8192), maintenance);
    builder.add_host(host("h3", 4000, 8192), silent);
    builder.add_host(host("h4", 4000, 8192), asleep);
    builder.add_host(older);
    const VmId a = builder.add_vm(vm("a", 1024), on(h1, 100));
    VmState stale = on(h1, 100);
    stale.sampled = false;
    const VmId b = builder.add_vm(vm("b", 1024), stale);
    stale.host = h3;
    const VmId d = builder.add_vm(vm("d", 1024), stale);
    VmSpec local = vm("c", 1024);
    local.immovable_because = "its disk vda is local";
    const VmId c = builder.add_vm(local, on(h1, 100));
    const Cluster cluster = test::value(std::move(builder).build());
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2)}), "h2 is in maintenance");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h3)}), "h3 does not answer");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, HostId(3))}), "h4 is not on");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, HostId(4))}), "h5 has an older hypervisor than h1");
    EXPECT_REJECTED(cluster, plan_of({move(b, h1, HostId(4))}), "b has no fresh sample");
    EXPECT_REJECTED(cluster, plan_of({move(d, h3, h1)}), "d has no fresh sample, because h3 does not answer");
    EXPECT_REJECTED(cluster, plan_of({move(c, h1, HostId(4))}), "c cannot be moved: its disk vda is local");
    EXPECT_REJECTED(cluster, plan_of({power_off(h3)}), "its power must not be touched");
    Action wake;
    wake.kind = ActionKind::power_on;
    wake.host = HostId(3);
    EXPECT_ACCEPTED(cluster, plan_of({wake, move(a, h1, HostId(3), {ActionId(0)})}));
    EXPECT_REJECTED(cluster, plan_of({wake, move(a, h1, HostId(3))}), "h4 is not on");
}

TEST(Checker, AHostSleepsOnlyWhenEverybodyHasLeft) {
    Bed bed;
    const VmId a = bed.add("a", h1);
    const VmId b = bed.add("b", h2);
    const Cluster cluster = bed.build();
    EXPECT_ACCEPTED(cluster, plan_of({power_off(h3)}));
    EXPECT_REJECTED(cluster, plan_of({power_off(h1)}), "a can still be on h1");
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2), power_off(h1)}), "a can still be on h1");
    EXPECT_ACCEPTED(cluster, plan_of({move(a, h1, h2), power_off(h1, {ActionId(0)})}));
    EXPECT_REJECTED(cluster, plan_of({move(a, h1, h2), power_off(h1, {ActionId(0)}), move(b, h2, h1)}),
                    "b moves to h1, which goes to sleep");
}

}  // namespace
}  // namespace ballast
