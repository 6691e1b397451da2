// SPDX-License-Identifier: Apache-2.0
#include "scheduler/feasibility.hpp"

#include <optional>

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

constexpr ReasonCode yes = ReasonCode::host_content;  // stands for "nothing refuses"

// The working placement of a finished scene.
struct Desk {
    explicit Desk(Scene& scene) : cluster(scene.build()), units(cluster), placement(cluster) {
        feasibility.emplace(cluster, placement, units);
    }
    Reason arriving(VmId vm, HostId to, const Level& level = {}) const {
        return feasibility->arriving(units.unit_of(vm), to, level).value_or(Reason{});
    }
    ReasonCode leaving(VmId vm) const { return feasibility->leaving(vm).value_or(Reason{}).code; }

    Cluster cluster;
    AffinityUnits units;
    Placement placement;
    std::optional<Feasibility> feasibility;
};

TEST(Feasibility, HostsThatAreNoDestination) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    HostState state;
    state.power = PowerState::waking;
    const HostId waking = scene.host("waking", 1000, 10000, state);
    state = {};
    state.reachable = false;
    const HostId silent = scene.host("silent", 1000, 10000, state);
    state = {};
    state.maintenance = true;
    const HostId repair = scene.host("repair", 1000, 10000, state);
    const HostId ignored = scene.host("ignored");
    const HostId blind = scene.host("blind");
    const HostId fine = scene.host("fine");
    const VmId a = scene.vm("a", h1, 10.0);
    VmState unknown = on(blind, 10.0);
    unknown.sampled = false;
    const VmId unseen = scene.builder.add_vm(vm("unseen", 100.0), unknown);
    scene.rule(RuleKind::ignore_host, {}, {"ignored"});
    Desk desk(scene);

    EXPECT_EQ(desk.arriving(a, waking).code, ReasonCode::host_not_on);
    EXPECT_EQ(desk.arriving(a, silent).code, ReasonCode::host_unreachable);
    EXPECT_EQ(desk.arriving(a, repair).code, ReasonCode::host_maintenance);
    EXPECT_EQ(desk.arriving(a, ignored).code, ReasonCode::host_ignored);
    EXPECT_EQ(desk.arriving(a, blind).code, ReasonCode::not_sampled);
    EXPECT_EQ(desk.arriving(a, blind).vm, unseen);
    EXPECT_EQ(desk.arriving(a, fine).code, yes);
    EXPECT_EQ(desk.feasibility->open_hosts().size(), 2U);  // h1 and fine
    EXPECT_TRUE(desk.feasibility->assume_on(waking));
    EXPECT_EQ(desk.arriving(a, waking).code, yes);
    EXPECT_FALSE(desk.feasibility->assume_on(ignored));
}

TEST(Feasibility, VmsThatDoNotLeave) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    HostState state;
    state.reachable = false;
    const HostId silent = scene.host("silent", 1000, 10000, state);
    const VmId free = scene.vm("free", h1, 10.0);
    const VmId left_alone = scene.vm("left-alone", h1, 10.0);
    VmSpec local = vm("local", 100.0);
    local.immovable_because = "its disk is on h1";
    const VmId immovable = scene.builder.add_vm(local, on(h1, 10.0));
    VmState unknown = on(h1, 10.0);
    unknown.sampled = false;
    const VmId unseen = scene.builder.add_vm(vm("unseen", 100.0), unknown);
    const VmId lost = scene.vm("lost", silent, 10.0);
    scene.rule(RuleKind::ignore_vm, {"left-alone"});
    const Desk desk(scene);
    EXPECT_EQ(desk.leaving(free), yes);
    EXPECT_EQ(desk.leaving(left_alone), ReasonCode::vm_ignored);
    EXPECT_EQ(desk.leaving(immovable), ReasonCode::immovable);
    EXPECT_EQ(desk.leaving(unseen), ReasonCode::not_sampled);
    EXPECT_EQ(desk.leaving(lost), ReasonCode::host_unreachable);
}

TEST(Feasibility, PinForbidAndAntiAffinity) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId a = scene.vm("a", h1, 10.0);
    const VmId b = scene.vm("b", h2, 10.0);
    const VmId c = scene.vm("c", h1, 10.0);
    scene.rule(RuleKind::pin, {"a"}, {"h1", "h2"});
    scene.rule(RuleKind::forbid, {"b"}, {"h3"});
    scene.rule(RuleKind::anti_affinity, {"a", "b"});
    const Desk desk(scene);
    EXPECT_EQ(desk.arriving(a, h3).code, ReasonCode::pinned);
    EXPECT_EQ(desk.arriving(b, h3).code, ReasonCode::forbidden);
    const Reason apart = desk.arriving(a, h2);
    EXPECT_EQ(apart.code, ReasonCode::anti_affinity);
    EXPECT_EQ(apart.vm, b);
    EXPECT_EQ(apart.rule, RuleId(2));
    EXPECT_EQ(desk.arriving(c, h2).code, yes);
    EXPECT_EQ(desk.feasibility->stopping_over(a, h2)->code, ReasonCode::anti_affinity);
}

TEST(Feasibility, AHostThatLacksWhatTheVmNeeds) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    HostSpec spec = host("h2", 1000.0, 10000.0);
    spec.provides = {"network:br1"};
    const HostId h2 = scene.builder.add_host(spec);
    VmSpec needy = vm("a", 100.0);
    needy.needs = {"network:br0"};
    const VmId a = scene.builder.add_vm(needy, on(h1, 10.0));
    const VmId b = scene.vm("b", h1, 10.0);
    const Desk desk(scene);
    const Reason refused = desk.arriving(a, h2);
    EXPECT_EQ(refused.code, ReasonCode::not_provided);
    EXPECT_EQ(describe(refused, desk.cluster), "h2 does not provide \"network:br0\", which a needs");
    EXPECT_EQ(desk.feasibility->stopping_over(a, h2)->code, ReasonCode::not_provided);
    EXPECT_EQ(desk.arriving(b, h2).code, yes);
}

TEST(Feasibility, NoMoreVirtualCpusThanTheOvercommitAllows) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    HostSpec spec = host("h2", 1000.0, 10000.0);
    spec.cpus = 3;
    spec.cpu_overcommit = 1.5;  // 4.5, so 4
    const HostId h2 = scene.builder.add_host(spec);
    VmSpec wide = vm("a", 100.0);
    wide.vcpus = 3;
    const VmId a = scene.builder.add_vm(wide, on(h1, 10.0));
    const VmId b = scene.vm("b", h1, 10.0);
    scene.vm("c", h2, 10.0);
    scene.vm("d", h2, 10.0);
    const Desk desk(scene);
    const Reason refused = desk.arriving(a, h2);
    EXPECT_EQ(refused.code, ReasonCode::vcpu_limit);
    EXPECT_EQ(describe(refused, desk.cluster), "h2 would have 5 virtual CPUs, and its cpu_overcommit allows 4");
    EXPECT_EQ(desk.feasibility->stopping_over(a, h2)->code, ReasonCode::vcpu_limit);
    EXPECT_EQ(desk.arriving(b, h2).code, yes);  // 3
}

TEST(Feasibility, AFrozenVmStaysUntilTheWindowCloses) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 10.0);
    const VmId b = scene.vm("b", h1, 10.0);
    RuleSpec nights{RuleKind::freeze, "nights", {"a"}, {"h2"}, ""};
    nights.window = {0x7F, 22 * 60, 6 * 60, 0};
    scene.builder.add_rule(nights);
    scene.builder.set_time(23.0 * 3600.0);
    const Desk desk(scene);
    const Reason refused = desk.feasibility->leaving(a).value_or(Reason{});
    EXPECT_EQ(refused.code, ReasonCode::frozen);
    EXPECT_EQ(describe(refused, desk.cluster), "rule \"nights\" freezes it until 1970-01-02 06:00 UTC");
    EXPECT_EQ(desk.leaving(b), yes);
    EXPECT_FALSE(desk.feasibility->power_refusal(h1).has_value());
    EXPECT_EQ(describe(desk.feasibility->power_refusal(h2).value_or(Reason{}), desk.cluster),
              "rule \"nights\" keeps h2 from being put to sleep or woken until 1970-01-02 06:00 UTC");
}

TEST(Feasibility, AtMostSoManyPerRack) {
    Scene scene;
    const HostId a1 = scene.racked_host("a1", "A");
    const HostId a2 = scene.racked_host("a2", "A");
    const HostId b1 = scene.racked_host("b1", "B");
    const HostId c1 = scene.host("c1");  // a rack of its own
    const VmId v1 = scene.vm("v1", a1, 10.0);
    scene.vm("v2", a2, 10.0);
    const VmId v3 = scene.vm("v3", b1, 10.0);
    scene.apart({"v1", "v2", "v3"}, 2, FaultDomain::rack);
    const Desk desk(scene);
    const Reason third = desk.arriving(v3, a1);  // A has v1 and v2 already
    EXPECT_EQ(third.code, ReasonCode::anti_affinity);
    EXPECT_EQ(third.value, 3.0);
    EXPECT_EQ(third.limit, 2.0);
    EXPECT_EQ(describe(third, desk.cluster),
              "rule \"apart-0\" allows 2 of its VMs per rack; 3 would be on a1 and the others of its rack");
    EXPECT_EQ(desk.arriving(v3, c1).code, yes);
    EXPECT_EQ(desk.arriving(v1, a2).code, yes);  // within its rack: there are as many as before
    EXPECT_EQ(desk.arriving(v1, b1).code, yes);  // the second in B
    EXPECT_EQ(desk.feasibility->stopping_over(v3, a2)->code, ReasonCode::anti_affinity);
    EXPECT_FALSE(desk.feasibility->stopping_over(v1, a2).has_value());
}

TEST(Feasibility, AnAffinityGroupCountsWhole) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId a = scene.vm("a", h1, 10.0);
    scene.vm("b", h1, 10.0);
    scene.vm("c", h2, 10.0);
    scene.rule(RuleKind::affinity, {"a", "b"});
    scene.apart({"a", "b", "c"}, 2, FaultDomain::host);
    const Desk desk(scene);
    EXPECT_EQ(desk.arriving(a, h3).code, yes);                        // a and b
    EXPECT_EQ(desk.arriving(a, h2).code, ReasonCode::anti_affinity);  // a, b and c
}

TEST(Feasibility, AnAffinityGroupGoesTogetherAndATornOneComesTogether) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3", 1000.0, 1500.0);
    const VmId a = scene.vm("a", h1, 10.0);
    scene.vm("b", h1, 10.0);
    const VmId c = scene.vm("c", h1, 10.0);
    scene.vm("d", h2, 10.0);
    scene.rule(RuleKind::affinity, {"a", "b"});
    scene.rule(RuleKind::affinity, {"c", "d"});
    const Desk desk(scene);
    EXPECT_EQ(desk.arriving(a, h2).code, yes);
    // together they take 2000 MiB, and h3 has 1500
    EXPECT_EQ(desk.arriving(a, h3).code, ReasonCode::resource_fit);
    EXPECT_EQ(desk.arriving(a, h3).value, 2000.0 * bytes_per_mib);
    EXPECT_FALSE(desk.feasibility->stopping_over(a, h3).has_value());  // alone it may wait there
    EXPECT_EQ(desk.arriving(c, h2).code, yes);
    EXPECT_EQ(desk.arriving(c, h3).code, ReasonCode::affinity);
}

TEST(Feasibility, FitLooksAtEveryResourceAgainstItsLevel) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    HostSpec measured = host("h2", 1000.0, 10000.0);
    measured.capacity = ResourceVector(1000.0, 10000.0 * bytes_per_mib, 100.0, 200.0);
    const HostId h2 = scene.builder.add_host(measured);
    VmState busy;
    busy.host = h1;
    busy.demand = ResourceVector(600.0, 0.0, 50.0, 150.0);
    const VmId a = scene.builder.add_vm(vm("a", 9000.0), busy);
    const Desk desk(scene);
    EXPECT_EQ(desk.arriving(a, h2).code, yes);
    // each level just below what a needs: cpu 600 of 1000, memory 9000 of 10000, disk 150 of 200
    EXPECT_EQ(desk.arriving(a, h2, {0.59, 1.0}).resource, Resource::cpu);
    EXPECT_DOUBLE_EQ(desk.arriving(a, h2, {0.59, 1.0}).limit, 590.0);
    EXPECT_EQ(desk.arriving(a, h2, {1.0, 0.89}).resource, Resource::memory);
    EXPECT_EQ(desk.arriving(a, h2, {0.74, 1.0}).resource, Resource::disk_io);
    EXPECT_EQ(desk.arriving(a, h2, {0.75, 0.9}).code, yes);
}

TEST(Feasibility, TheClosestRefusalIsTheLastCheckWithTheSmallestLack) {
    Reason pinned;
    pinned.code = ReasonCode::pinned;
    Reason full;
    full.code = ReasonCode::resource_fit;
    full.value = 120.0;
    full.limit = 100.0;
    Reason fuller = full;
    fuller.value = 300.0;
    fuller.limit = 200.0;  // relatively more
    EXPECT_TRUE(Feasibility::closer(full, pinned));
    EXPECT_TRUE(Feasibility::closer(full, fuller));
    EXPECT_FALSE(Feasibility::closer(fuller, full));
    EXPECT_FALSE(Feasibility::closer(full, full));
}

}  // namespace
}  // namespace ballast::test
