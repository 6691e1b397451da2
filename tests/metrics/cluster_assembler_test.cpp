// SPDX-License-Identifier: Apache-2.0
#include "metrics/cluster_assembler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/clusters.hpp"
#include "tests/metrics/readings.hpp"

namespace ballast {
namespace {

using test::guest;
using test::held;
using test::reading;
using test::value;
using testing::HasSubstr;
using Answers = std::vector<Result<HostReading>>;

CollectorOptions options(const std::vector<std::string>& hosts) {
    CollectorOptions result;
    for (const std::string& name : hosts) {
        HostOptions host;
        host.name = name;
        host.uri = "qemu+tcp://" + name + "/system";
        result.hosts.push_back(host);
    }
    result.interval_s = 10.0;
    result.samples_max = 4;
    return result;
}

Result<HostReading> silence() { return fail(ErrorKind::unreachable, "no answer for 5 s"); }

class AssemblerTest : public testing::Test {
  protected:
    // One observation, ten seconds after the last; hosts h1, h2, … in order.
    Result<Snapshot> observe(const Answers& answers) {
        const double now_s = now_s_;
        now_s_ += 10.0;
        return assembler_.assemble(1e9 + now_s, now_s, answers);
    }
    void configure(CollectorOptions options) { assembler_ = value(ClusterAssembler::make(std::move(options))); }
    [[nodiscard]] double now() const { return now_s_; }  // of the next observation

    ClusterAssembler assembler_ = value(ClusterAssembler::make(options({"h1", "h2"})));
    double now_s_ = 0.0;
};

VmId id(const Snapshot& snapshot, const std::string& vm) { return *snapshot.cluster.inventory().find_vm(vm); }
std::string host_of(const Snapshot& snapshot, const std::string& vm) {
    return snapshot.cluster.spec(snapshot.cluster.state(id(snapshot, vm)).host).name;
}

TEST_F(AssemblerTest, OtherOptionsForTheSameHostsKeepWhatWasLearnt) {
    const auto look = [&](double cpu_s) {
        return value(observe({reading("h1", now(), {guest("a", cpu_s)}), reading("h2", now(), {})}));
    };
    static_cast<void>(look(0));
    static_cast<void>(look(1));
    CollectorOptions changed = options({"h1", "h2"});
    changed.hosts[1].maintenance = true;
    EXPECT_TRUE(value(assembler_.exchange(changed)));
    const Snapshot s = look(2);
    EXPECT_TRUE(s.cluster.state(id(s, "a")).sampled) << "no look is lost";
    EXPECT_TRUE(s.cluster.state(HostId(1)).maintenance);

    EXPECT_FALSE(value(assembler_.exchange(options({"h1"})))) << "another cluster";
    CollectorOptions slower = options({"h1", "h2"});
    slower.interval_s = 60.0;
    EXPECT_FALSE(value(assembler_.exchange(slower))) << "samples of another length";
    EXPECT_FALSE(assembler_.exchange(options({"h1", "h1"})));
    EXPECT_TRUE(look(3).cluster.state(HostId(1)).maintenance) << "what was refused changed nothing";
}

TEST_F(AssemblerTest, HostsAndVmsAsTheyWereRead) {
    const Snapshot s = value(observe({reading("h1", 0, {guest("b", 0), guest("a", 0)}), reading("h2", 0, {})}));
    const Cluster& c = s.cluster;
    EXPECT_EQ(s.unix_time_s, 1e9);
    ASSERT_EQ(c.host_count(), 2U);
    EXPECT_EQ(c.spec(HostId(0)).name, "h1");
    EXPECT_EQ(c.spec(HostId(0)).uri, "qemu+tcp://h1/system");
    EXPECT_EQ(c.spec(HostId(0)).capacity.cpu_mhz(), 8000.0);  // 4 CPUs of 2000 MHz
    EXPECT_EQ(c.spec(HostId(0)).capacity.memory_bytes(), 16384 * bytes_per_mib);
    EXPECT_EQ(c.spec(HostId(0)).capacity.network_bytes_per_s(), 0.0);
    EXPECT_EQ(c.spec(HostId(0)).cpu.vendor, "Intel");
    EXPECT_EQ(c.spec(HostId(0)).hypervisor_version, 7002022U);
    ASSERT_EQ(c.vm_count(), 2U);
    EXPECT_EQ(c.spec(VmId(0)).name, "a");  // in name order
    EXPECT_EQ(c.spec(VmId(0)).uuid, "uuid-a");
    EXPECT_EQ(c.spec(VmId(0)).vcpus, 2U);
    EXPECT_EQ(c.spec(VmId(0)).memory_bytes, 1024 * bytes_per_mib);
    EXPECT_EQ(c.state(VmId(0)).demand.memory_bytes(), 256 * bytes_per_mib);
    EXPECT_EQ(c.state(VmId(0)).demand.cpu_mhz(), 0.0);
    EXPECT_FALSE(c.state(VmId(0)).sampled);
    EXPECT_TRUE(s.problems.empty());
    EXPECT_EQ(s.history.sample_count(), 0U);
}

TEST_F(AssemblerTest, SignsOfWantAndPrioritiesAreInTheSnapshot) {
    CollectorOptions with_priorities = options({"h1", "h2"});
    with_priorities.interval_s = 60.0;
    with_priorities.vms = {{"b", {"batch"}, {}}};
    with_priorities.priorities = {{Priority::high, {"a", "gone"}, {}}, {Priority::low, {"a"}, {"batch"}}};
    configure(with_priorities);
    const auto look = [&](std::uint64_t seconds) {
        GuestReading a = guest("a", seconds * 300);
        a.counters.waited_ns = seconds * 300'000'000;
        a.ballooned_bytes = 4096.0;
        const double now_s = static_cast<double>(seconds);
        return assembler_.assemble(
            1e9 + now_s, now_s,
            Answers{reading("h1", now_s, {a, guest("b", 0), guest("c", 0)}), reading("h2", now_s, {})});
    };
    (void)look(0);
    const Snapshot s = value(look(60));
    EXPECT_DOUBLE_EQ(*s.cluster.state(id(s, "a")).pressure.cpu_wait, 0.5);
    EXPECT_EQ(s.cluster.state(id(s, "a")).pressure.ballooned_bytes, 4096.0);
    EXPECT_EQ(s.cluster.state(id(s, "b")).pressure, VmPressure{});
    EXPECT_EQ(s.cluster.spec(id(s, "a")).priority, Priority::high);
    EXPECT_EQ(s.cluster.spec(id(s, "b")).priority, Priority::low);
    EXPECT_EQ(s.cluster.spec(id(s, "c")).priority, Priority::normal);
}

TEST_F(AssemblerTest, SignsOfWantOfHostsAreThoseOfTheNewestLook) {
    HostPressure pressed;
    pressed.memory_some = 0.3;
    assembler_.set_pressure({{"h1", pressed}, {"h2", pressed}, {"gone", pressed}});
    const Snapshot s = value(observe({reading("h1", 0, {}), silence()}));
    EXPECT_EQ(s.cluster.state(HostId(0)).pressure, pressed);
    EXPECT_EQ(s.cluster.state(HostId(1)).pressure, HostPressure()) << "a host that does not answer has none";
    assembler_.set_pressure({});
    const Snapshot later = value(observe({reading("h1", 10, {}), silence()}));
    EXPECT_EQ(later.cluster.state(HostId(0)).pressure, HostPressure());
}

TEST_F(AssemblerTest, DemandAndHistoryFollowTheCounters) {
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {guest("b", 0)})});
    (void)observe({reading("h1", 10, {guest("a", 1000)}), reading("h2", 10, {guest("b", 5000)})});
    const Snapshot s = value(observe({reading("h1", 20, {guest("a", 3000)}), reading("h2", 20, {guest("b", 6000)})}));
    EXPECT_DOUBLE_EQ(s.cluster.state(id(s, "a")).demand.cpu_mhz(), 400.0);  // 2 s in 10 s
    EXPECT_TRUE(s.cluster.state(id(s, "a")).sampled);
    ASSERT_EQ(s.history.sample_count(), 2U);
    EXPECT_EQ(s.history.period_s(), 10.0);
    EXPECT_DOUBLE_EQ(s.history.cpu_mhz(id(s, "a"), 1), 200.0);
    EXPECT_DOUBLE_EQ(s.history.cpu_mhz(id(s, "b"), 1), 1000.0);
    EXPECT_DOUBLE_EQ(s.history.cpu_mhz(id(s, "b"), 0), 200.0);
}

TEST_F(AssemblerTest, AVmThatMovedKeepsItsDemandUnsampledForOneInterval) {
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {})});
    (void)observe({reading("h1", 10, {guest("a", 1000)}), reading("h2", 10, {})});
    const Snapshot moved = value(observe({reading("h1", 20, {}), reading("h2", 20, {guest("a", 1500)})}));
    EXPECT_EQ(host_of(moved, "a"), "h2");
    EXPECT_DOUBLE_EQ(moved.cluster.state(id(moved, "a")).demand.cpu_mhz(), 200.0);
    EXPECT_FALSE(moved.cluster.state(id(moved, "a")).sampled);
    EXPECT_TRUE(std::isnan(moved.history.cpu_mhz(id(moved, "a"), 0)));
    const Snapshot later = value(observe({reading("h1", 30, {}), reading("h2", 30, {guest("a", 2500)})}));
    EXPECT_TRUE(later.cluster.state(id(later, "a")).sampled);
}

TEST_F(AssemblerTest, ASilentHostIsThereWithItsLastKnownVms) {
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {guest("b", 0)})});
    (void)observe({reading("h1", 10, {guest("a", 1000)}), reading("h2", 10, {guest("b", 5000)})});
    const Snapshot s = value(observe({reading("h1", 20, {guest("a", 2000)}), silence()}));
    EXPECT_FALSE(s.cluster.state(HostId(1)).reachable);
    EXPECT_EQ(s.cluster.spec(HostId(1)).capacity.cpu_mhz(), 8000.0);
    EXPECT_EQ(host_of(s, "b"), "h2");
    EXPECT_FALSE(s.cluster.state(id(s, "b")).sampled);
    EXPECT_DOUBLE_EQ(s.cluster.state(id(s, "b")).demand.cpu_mhz(), 1000.0);
    EXPECT_TRUE(s.cluster.state(id(s, "a")).sampled);
    ASSERT_EQ(s.problems.size(), 1U);
    EXPECT_EQ(s.problems[0].host, "h2");
    EXPECT_EQ(s.problems[0].message,
              "host \"h2\" (qemu+tcp://h2/system): no answer for 5 s; check that its libvirtd runs and that \"virsh -c "
              "qemu+tcp://h2/system list\" works from here");
}

TEST_F(AssemblerTest, AVmOfASilentHostThatTurnsUpElsewhereIsThere) {
    (void)observe({reading("h1", 0, {}), reading("h2", 0, {guest("b", 0)})});
    const Snapshot s = value(observe({reading("h1", 10, {guest("b", 0, 4)}), silence()}));
    ASSERT_EQ(s.cluster.vm_count(), 1U);
    EXPECT_EQ(host_of(s, "b"), "h1");
    // It ends on h1, and h2 is still silent: h2's old news must not bring it back.
    EXPECT_EQ(value(observe({reading("h1", 20, {}), silence()})).cluster.vm_count(), 0U);
}

TEST_F(AssemblerTest, ASecondLookTooSoonDoesNotCallTheVmsOfASilentHostSampled) {
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {guest("b", 0)})});
    (void)observe({reading("h1", 10, {guest("a", 1000)}), reading("h2", 10, {guest("b", 1000)})});
    const Snapshot s =
        value(assembler_.assemble(1e9, 10.2, Answers{reading("h1", 10.2, {guest("a", 1000)}), silence()}));
    EXPECT_TRUE(s.cluster.state(id(s, "a")).sampled);
    EXPECT_FALSE(s.cluster.state(id(s, "b")).sampled);
}

TEST_F(AssemblerTest, AHostNeverSeenHasRoomForNothing) {
    const Snapshot s = value(observe({reading("h1", 0, {}), silence()}));
    EXPECT_FALSE(s.cluster.state(HostId(1)).reachable);
    EXPECT_LE(s.cluster.usable(HostId(1)).cpu_mhz(), 1.0);
    EXPECT_LE(s.cluster.usable(HostId(1)).memory_bytes(), 1.0);
}

TEST_F(AssemblerTest, NoHostAtAllIsAnError) {
    const auto s = observe({silence(), silence()});
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().kind, ErrorKind::unreachable);
    EXPECT_THAT(s.error().message, HasSubstr("none of 2 hosts answers; host \"h1\" (qemu+tcp://h1/system): no answer"));
}

// A migration in flight: the source runs the guest, the destination holds a paused copy.
TEST_F(AssemblerTest, AnArrivingCopyIsNoVmButItsMemoryIsTaken) {
    const Snapshot s = value(observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {held(guest("a", 0, 9))})}));
    ASSERT_EQ(s.cluster.vm_count(), 1U);
    EXPECT_EQ(host_of(s, "a"), "h1");
    EXPECT_EQ(s.cluster.used(HostId(1)).memory_bytes(), 1024 * bytes_per_mib);
    EXPECT_TRUE(s.cluster.vms_on(HostId(1)).empty());
}

TEST_F(AssemblerTest, OneVmRunningTwiceIsRefusedAndBothHostsAreNamed) {
    const auto s = observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {guest("a", 0, 9)})});
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().kind, ErrorKind::refused);
    EXPECT_EQ(s.error().message,
              "VM \"a\" (uuid-a) runs on h1 and on h2 at once; look at both and destroy the wrong copy");
}

TEST_F(AssemblerTest, TwoVmsOfOneNameAreAUsageErrorAndBothHostsAreNamed) {
    GuestReading other = guest("a", 0);
    other.uuid = "uuid-z";
    const auto s = observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {other})});
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().kind, ErrorKind::usage);
    EXPECT_THAT(s.error().message, HasSubstr("uuid-a on h1 and uuid-z on h2"));
}

TEST_F(AssemblerTest, OneMachineUnderTwoNamesIsAUsageError) {
    const auto s = observe({reading("h1", 0, {}), reading("h1", 0, {})});
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().kind, ErrorKind::usage);
    EXPECT_THAT(s.error().message, HasSubstr("hosts \"h1\" and \"h2\" are one machine (host UUID machine-h1)"));
}

TEST_F(AssemblerTest, AnErrorDoesNotDisturbTheWindows) {
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {})});
    EXPECT_FALSE(observe({reading("h1", 10, {guest("a", 1000)}), reading("h2", 10, {guest("a", 0, 9)})}));
    const Snapshot s = value(observe({reading("h1", 20, {guest("a", 2000)}), reading("h2", 20, {})}));
    EXPECT_DOUBLE_EQ(s.cluster.state(id(s, "a")).demand.cpu_mhz(), 200.0);  // 2 s in 20 s
}

TEST_F(AssemblerTest, RulesReachTheCluster) {
    CollectorOptions with_rule = options({"h1", "h2"});
    with_rule.rules = {{RuleKind::anti_affinity, "apart", {"a", "b"}, {}, {}}};
    configure(with_rule);
    const Snapshot s = value(observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {guest("b", 0)})}));
    EXPECT_EQ(s.cluster.inventory().rules().size(), 1U);

    const auto gone = observe({reading("h1", 10, {guest("a", 0)}), reading("h2", 10, {})});
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().kind, ErrorKind::usage);
    EXPECT_THAT(gone.error().message, HasSubstr("\"b\", which no host knows"));

    HostReading with_definition = reading("h2", 20, {});
    with_definition.shut_off = {{"b", "uuid-b"}};
    EXPECT_TRUE(observe({reading("h1", 20, {guest("a", 0)}), with_definition}));
}

TEST_F(AssemblerTest, WhatTheOperatorSaysReachesTheCluster) {
    CollectorOptions said = options({"h1", "h2"});
    said.hosts[0].labels = {"ssd"};
    said.hosts[0].rack = "r1";
    said.hosts[0].zone = "z1";
    said.hosts[0].provides = {"network:br0"};
    said.hosts[0].cpu_overcommit = 1.5;
    said.vms = {{"a", {"db"}, {"network:br0"}}, {"not-there", {"db"}, {}}};
    RuleSpec rule{RuleKind::pin, "fast", {}, {}, "", {"db"}, {"ssd"}};
    rule.from_s = 1e9 + 5.0;  // the first observation is at 1e9
    said.rules = {rule};
    configure(said);
    const auto look = [&](double at_s) {
        return value(observe({reading("h1", at_s, {guest("a", 0), guest("b", 0)}), reading("h2", at_s, {})}));
    };
    const Snapshot before = look(0);
    EXPECT_TRUE(before.cluster.inventory().rules().empty());
    const HostSpec& h1 = before.cluster.spec(HostId(0));
    EXPECT_EQ(h1.labels, std::vector<std::string>{"ssd"});
    EXPECT_EQ(h1.rack, "r1");
    EXPECT_EQ(h1.zone, "z1");
    EXPECT_EQ(h1.provides, std::vector<std::string>{"network:br0"});
    EXPECT_EQ(before.cluster.inventory().vcpus_max(HostId(0)), 6U);  // 4 CPUs * 1.5
    EXPECT_EQ(before.cluster.spec(id(before, "a")).needs, std::vector<std::string>{"network:br0"});
    const Snapshot after = look(10);
    EXPECT_EQ(after.cluster.rule(RuleId(0)).vms, std::vector<VmId>{id(after, "a")});
    EXPECT_EQ(after.cluster.rule(RuleId(0)).hosts, std::vector<HostId>{HostId(0)});
}

TEST_F(AssemblerTest, ARuleNamingAVmThatMayBeOnASilentHostFreezesItsCompanions) {
    CollectorOptions with_rule = options({"h1", "h2"});
    with_rule.rules = {{RuleKind::anti_affinity, "apart", {"a", "x"}, {}, {}}};
    configure(with_rule);
    const Snapshot s = value(observe({reading("h1", 0, {guest("a", 0), guest("c", 0)}), silence()}));
    EXPECT_EQ(s.cluster.spec(id(s, "a")).immovable_because,
              "rule \"apart\" also names x, which cannot be seen while host h2 does not answer");
    EXPECT_EQ(s.cluster.spec(id(s, "c")).immovable_because, "");
}

TEST_F(AssemblerTest, PastMovesGoToTheirVms) {
    assembler_.set_past_moves(
        {{"b", "h2", "h1", 42.0, false}, {"b", "gone", "h2", 7.0, true}, {"unknown", "h1", "h2", 1.0}});
    const Snapshot s = value(observe({reading("h1", 0, {guest("a", 0), guest("b", 0)}), reading("h2", 0, {})}));
    EXPECT_EQ(s.history.last_move_age_s(id(s, "a")), History::never);
    EXPECT_EQ(s.history.last_move_age_s(id(s, "b")), 42.0);  // the later one failed
    ASSERT_EQ(s.history.moves().size(), 2U);
    EXPECT_EQ(s.history.moves()[0].from, HostId(1));
    EXPECT_EQ(s.history.moves()[0].to, HostId(0));
    EXPECT_FALSE(s.history.moves()[1].from.valid());  // no longer in the cluster
    EXPECT_TRUE(s.history.moves()[1].failed);
}

TEST_F(AssemblerTest, AVmThatSomebodyElseMovedHasMovedNow) {
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {})});
    (void)observe({reading("h1", 10, {}), reading("h2", 10, {guest("a", 1)})});
    const Snapshot s = value(observe({reading("h1", 20, {}), reading("h2", 20, {guest("a", 2)})}));
    EXPECT_EQ(s.history.last_move_age_s(id(s, "a")), 10.0);
    ASSERT_EQ(s.history.moves().size(), 1U);
    EXPECT_TRUE(s.history.moves()[0].by_others);
    EXPECT_EQ(s.history.moves()[0].from, HostId(0));
}

// We moved it to h2, and somebody else on to h3, between two looks.
TEST_F(AssemblerTest, WhereWeDidNotBringItSomebodyElseDid) {
    configure(options({"h1", "h2", "h3"}));
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {}), reading("h3", 0, {})});
    assembler_.set_past_moves({{"a", "h1", "h2", 7.0, false}});
    const Snapshot s =
        value(observe({reading("h1", 10, {}), reading("h2", 10, {}), reading("h3", 10, {guest("a", 1)})}));
    ASSERT_EQ(s.history.moves().size(), 2U);
    EXPECT_TRUE(s.history.moves()[1].by_others);
    EXPECT_EQ(s.history.last_move_age_s(id(s, "a")), 0.0);
}

TEST_F(AssemblerTest, AMoveOfOursIsNotSomebodyElses) {
    (void)observe({reading("h1", 0, {guest("a", 0)}), reading("h2", 0, {})});
    assembler_.set_past_moves({{"a", "h1", "h2", 3.0, false}});  // at 7 s
    const Snapshot s = value(observe({reading("h1", 10, {}), reading("h2", 10, {guest("a", 1)})}));
    ASSERT_EQ(s.history.moves().size(), 1U);
    EXPECT_FALSE(s.history.moves()[0].by_others);
    EXPECT_EQ(s.history.last_move_age_s(id(s, "a")), 3.0);
}

TEST_F(AssemblerTest, ConfiguredCapacityWins) {
    CollectorOptions own = options({"h1"});
    own.hosts[0].capacity = ResourceVector(3000.0, 2048 * bytes_per_mib, 1e9, 0.0);
    own.hosts[0].reserve = ResourceVector(500.0, 1024 * bytes_per_mib);
    configure(own);
    (void)observe({reading("h1", 0, {guest("a", 0)})});
    const Snapshot s = value(observe({reading("h1", 10, {guest("a", 1000)})}));
    EXPECT_EQ(s.cluster.usable(HostId(0)).cpu_mhz(), 2500.0);
    EXPECT_EQ(s.cluster.usable(HostId(0)).memory_bytes(), 1024 * bytes_per_mib);
    EXPECT_EQ(s.cluster.spec(HostId(0)).capacity.network_bytes_per_s(), 1e9);
    EXPECT_DOUBLE_EQ(s.cluster.state(VmId(0)).demand.cpu_mhz(), 200.0);  // the host's MHz per CPU, not 3000 / 4
}

TEST_F(AssemblerTest, WithoutAFrequencyItMustBeConfigured) {
    HostReading mute = reading("h1", 0, {});
    mute.facts.mhz_per_cpu = 0.0;
    CollectorOptions own = options({"h1"});
    configure(own);
    const auto none = observe({mute});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::usage);

    own.hosts[0].mhz_per_cpu = 1500.0;
    configure(own);
    EXPECT_EQ(value(observe({mute})).cluster.spec(HostId(0)).capacity.cpu_mhz(), 6000.0);

    own.hosts[0].mhz_per_cpu = 0.0;
    own.hosts[0].capacity[Resource::cpu] = 4000.0;  // 1000 MHz for each of 4 CPUs
    configure(own);
    mute.guests = {guest("a", 0)};
    (void)observe({mute});
    mute.at_s = 10.0;
    mute.guests = {guest("a", 1000)};
    EXPECT_DOUBLE_EQ(value(observe({mute})).cluster.state(VmId(0)).demand.cpu_mhz(), 100.0);
}

TEST_F(AssemblerTest, TheHostsOwnUseIsItsOverheadWhereTheNodeIsMeasured) {
    const auto busy = [](double at_s, std::uint64_t node_ms, std::uint64_t guest_ms) {
        HostReading r = reading("h1", at_s, {guest("a", guest_ms)});
        r.node_busy_ns = node_ms * 1'000'000;
        return Answers{r};
    };
    for (const HostCpuSource source : {HostCpuSource::node, HostCpuSource::guests}) {
        CollectorOptions own = options({"h1"});
        own.host_cpu = source;
        configure(own);
        now_s_ = 0.0;
        (void)observe(busy(0, 0, 0));
        const Snapshot s = value(observe(busy(10, 3000, 2000)));  // 0.3 - 0.2 CPU = 200 MHz
        const double expected = source == HostCpuSource::node ? 200.0 : 0.0;
        EXPECT_NEAR(s.cluster.state(HostId(0)).overhead.cpu_mhz(), expected, 1e-9);
        EXPECT_NEAR(s.cluster.used(HostId(0)).cpu_mhz(), 400.0 + expected, 1e-9);
    }
}

TEST(CollectorOptions, WhatCannotWorkIsAUsageError) {
    const auto message = [](const CollectorOptions& bad) {
        const Status status = check_options(bad);
        EXPECT_FALSE(status);
        if (!status) {
            EXPECT_EQ(status.error().kind, ErrorKind::usage);
        }
        return status ? std::string() : status.error().message;
    };
    EXPECT_TRUE(check_options(options({"h1"})));
    EXPECT_THAT(message(options({})), HasSubstr("no host is configured"));
    EXPECT_THAT(message(options({"h1", "h1"})), HasSubstr("host \"h1\": the name is used twice"));
    EXPECT_THAT(message(options({""})), HasSubstr("no name"));
    CollectorOptions bad = options({"h1"});
    bad.hosts[0].uri.clear();
    EXPECT_THAT(message(bad), HasSubstr("no URI"));
    bad = options({"h1"});
    bad.hosts[0].capacity[Resource::cpu] = std::nan("");
    EXPECT_THAT(message(bad), HasSubstr("host \"h1\""));
    bad = options({"h1"});
    bad.interval_s = 0.0;
    EXPECT_THAT(message(bad), HasSubstr("interval"));
    bad = options({"h1"});
    bad.deadline_s = -1.0;
    EXPECT_THAT(message(bad), HasSubstr("deadline"));
    bad = options({"h1"});
    bad.samples_max = 0;
    EXPECT_THAT(message(bad), HasSubstr("at least one sample"));
}

// --- hosts that Ballast put to sleep
// ----------------------------------------------------------------------------------

PowerPast asleep_past(const std::string& host) {
    PowerPast past;
    past.host = host;
    past.asleep = true;
    past.wake_proven = true;
    past.facts = {8000.0, 16384.0 * bytes_per_mib, 4, {"x86_64", "Intel", "Skylake-Server"}, 7002022};
    return past;
}

TEST_F(AssemblerTest, AHostThatWasPutToSleepIsNoProblemAndHasTheCapacityItHad) {
    assembler_.set_power({{asleep_past("h2")}, {}, {}});
    const Snapshot s = value(observe({reading("h1", 0, {guest("a", 0)}), silence()}));
    EXPECT_TRUE(s.problems.empty());
    const HostState& state = s.cluster.state(HostId(1));
    EXPECT_EQ(name(state.power), "asleep");
    EXPECT_TRUE(state.reachable);
    EXPECT_EQ(s.cluster.spec(HostId(1)).capacity.cpu_mhz(), 8000.0);
    EXPECT_EQ(s.cluster.spec(HostId(1)).capacity.memory_bytes(), 16384.0 * bytes_per_mib);
    EXPECT_EQ(s.cluster.spec(HostId(1)).cpu.vendor, "Intel");
}

TEST_F(AssemblerTest, AHostThatAnswersIsOnWhateverTheJournalSays) {
    assembler_.set_power({{asleep_past("h2")}, {}, {}});
    const Snapshot s = value(observe({reading("h1", 0, {}), reading("h2", 0, {guest("a", 0)})}));
    EXPECT_EQ(name(s.cluster.state(HostId(1)).power), "on");
}

TEST_F(AssemblerTest, ASilentHostThatBallastDidNotPutToSleepIsAProblem) {
    PowerPast woken = asleep_past("h2");
    woken.asleep = false;
    assembler_.set_power({{woken}, {}, {}});
    const Snapshot s = value(observe({reading("h1", 0, {}), silence()}));
    EXPECT_EQ(s.problems.size(), 1U);
    EXPECT_FALSE(s.cluster.state(HostId(1)).reachable);
}

// An hour counts when the next but one begins. A VM that comes then has no week yet, and none is made up for it.
TEST_F(AssemblerTest, TheUsualWeekIsLearntAndNewVmsHaveNone) {
    std::uint64_t cpu_ms = 0;
    for (int hour = 0; hour < 4; ++hour) {
        const Snapshot seen =
            value(observe({reading("h1", now(), {guest("a", cpu_ms += 1000)}), reading("h2", now(), {})}));
        EXPECT_EQ(seen.history.outlook() != nullptr, hour == 3);
        now_s_ += 3600.0;
    }
    const Snapshot seen =
        value(observe({reading("h1", now(), {guest("a", cpu_ms += 1000)}), reading("h2", now(), {guest("b", 5)})}));
    ASSERT_NE(seen.history.outlook(), nullptr);
    for (std::size_t step = 0; step < Outlook::steps; ++step) {
        EXPECT_EQ(seen.history.outlook()->rise_mhz(id(seen, "a"), step), 0.0);  // no day is known yet
        EXPECT_EQ(seen.history.outlook()->rise_mhz(id(seen, "b"), step), 0.0);
    }
}

TEST_F(AssemblerTest, ASleeperThatWouldNotWakeIsAProblemWithItsReason) {
    PowerPast past = asleep_past("h2");
    past.quarantined_because = "h2 does not wake";
    assembler_.set_power({{past}, {}, {}});
    const Snapshot s = value(observe({reading("h1", 0, {}), silence()}));
    ASSERT_EQ(s.problems.size(), 1U);
    EXPECT_THAT(s.problems[0].message, HasSubstr("h2 does not wake"));
    EXPECT_EQ(name(s.cluster.state(HostId(1)).power), "asleep");
    EXPECT_FALSE(s.cluster.state(HostId(1)).reachable);
}

TEST_F(AssemblerTest, AHostThatMayYetFallAsleepIsDrainedAndAProblem) {
    PowerPast past;
    past.host = "h2";
    past.may_fall_asleep = true;
    past.quarantined_because = "h2 does not sleep: connection closed";
    assembler_.set_power({{past}, {}, {}});
    const Snapshot s = value(observe({reading("h1", 0, {}), reading("h2", 0, {guest("a", 0)})}));
    EXPECT_TRUE(s.cluster.state(HostId(1)).maintenance);
    EXPECT_FALSE(s.cluster.state(HostId(0)).maintenance);
    ASSERT_EQ(s.problems.size(), 1U);
    EXPECT_EQ(s.problems[0].host, "h2");
    EXPECT_THAT(s.problems[0].message, HasSubstr("may yet fall asleep: h2 does not sleep: connection closed"));
    // It did: what ran there is not forgotten.
    const Snapshot silent = value(observe({reading("h1", 10, {}), silence()}));
    EXPECT_FALSE(silent.cluster.state(HostId(1)).reachable);
    EXPECT_EQ(silent.cluster.vm_count(), 1U);
    EXPECT_EQ(silent.problems.size(), 2U);
}

TEST_F(AssemblerTest, HostsThatAreBeingSwitchedAreNeitherOnNorAsleep) {
    PowerPast waking = asleep_past("h2");
    waking.switching = true;
    waking.kind = SwitchKind::wake;
    assembler_.set_power({{waking}, {}, {}});
    EXPECT_EQ(name(value(observe({reading("h1", 0, {}), silence()})).cluster.state(HostId(1)).power), "waking");
    PowerPast going = waking;
    going.kind = SwitchKind::sleep;
    assembler_.set_power({{going}, {}, {}});
    const Snapshot s = value(observe({reading("h1", 0, {}), reading("h2", 0, {})}));
    EXPECT_EQ(name(s.cluster.state(HostId(1)).power), "going to sleep");
}

TEST_F(AssemblerTest, WhatRanOnAHostBeforeItSleptIsNotThereAnyMore) {
    value(observe({reading("h1", 0, {}), reading("h2", 0, {guest("a", 0)})}));
    assembler_.set_power({{asleep_past("h2")}, {}, {}});  // "a" was shut down meanwhile
    const Snapshot s = value(observe({reading("h1", 10, {}), silence()}));
    EXPECT_EQ(s.cluster.vm_count(), 0U);
}

TEST_F(AssemblerTest, ASleeperThatSomebodyElseWokeIsNotAsleepWhenItFallsSilent) {
    PowerPast past = asleep_past("h2");
    past.slept_by = 7;
    assembler_.set_power({{past}, {}, {}});
    value(observe({reading("h1", 0, {}), reading("h2", 0, {guest("a", 0)})}));
    assembler_.set_power({{past}, {}, {}});  // read anew, it says the same
    const Snapshot s = value(observe({reading("h1", 10, {}), silence()}));
    EXPECT_FALSE(s.cluster.state(HostId(1)).reachable);
    EXPECT_EQ(name(s.cluster.state(HostId(1)).power), "on");
    EXPECT_EQ(s.cluster.vm_count(), 1U) << "its guests are kept";
    ASSERT_EQ(s.problems.size(), 1U);
    EXPECT_THAT(s.problems[0].message, HasSubstr("no answer for 5 s"));

    past.slept_by = 9;  // Ballast put it to sleep once more
    assembler_.set_power({{past}, {}, {}});
    const Snapshot asleep = value(observe({reading("h1", 20, {}), silence()}));
    EXPECT_EQ(name(asleep.cluster.state(HostId(1)).power), "asleep");
    EXPECT_TRUE(asleep.problems.empty());
    EXPECT_EQ(asleep.cluster.vm_count(), 0U);
}

TEST_F(AssemblerTest, SwitchesOfTheLastDayAreInTheHistory) {
    assembler_.set_power({{}, {{"h2", 600.0, true}, {"gone", 500.0, true}, {"h2", 100.0, false}}, {}});
    const double at_s = now();
    const Snapshot s = value(observe({reading("h1", 0, {}), reading("h2", 0, {})}));
    ASSERT_EQ(s.history.switches().size(), 2U);
    EXPECT_EQ(s.history.switches()[0].host, HostId(1));
    EXPECT_TRUE(s.history.switches()[0].slept);
    EXPECT_EQ(s.history.switches()[0].time_s, at_s - 600.0);
    EXPECT_FALSE(s.history.switches()[1].slept);
}

TEST_F(AssemblerTest, ABarredHostIsNotSwitchedByPolicies) {
    CollectorOptions with_power = options({"h1", "h2"});
    for (HostOptions& host : with_power.hosts) {
        host.power = HostPower{value(find_power_curve("dell-r640"))};
        host.power->controllable = true;
    }
    configure(with_power);
    assembler_.set_power({{}, {}, {"h2"}});
    const Snapshot s = value(observe({reading("h1", 0, {}), reading("h2", 0, {})}));
    EXPECT_TRUE(s.cluster.spec(HostId(0)).power->controllable);
    EXPECT_FALSE(s.cluster.spec(HostId(1)).power->controllable);
}

// h1 runs web, which is on the network v7 and in huge pages; what h2 tells decides whether web may go there.
class NeedsTest : public AssemblerTest {
  protected:
    NeedsTest() {
        web_.facts.needs = {"network:v7", "hugepages:2048"};
        here_.facts.provides = {{"network", {"default", "v7"}}, {"hugepages", {"2048"}}};
    }
    Snapshot observe_both(const HostReading& there) {
        HostReading here = here_;
        here.guests = {web_};
        return value(observe({here, there}));
    }
    std::string missing_on_h2(const Snapshot& s) const {
        const std::string* missing = s.cluster.inventory().provisions().missing(id(s, "web"), HostId(1));
        return missing == nullptr ? "" : *missing;
    }
    GuestReading web_ = guest("web", 0);
    HostReading here_ = reading("h1", 0, {});
    HostReading there_ = reading("h2", 0, {});
};

TEST_F(NeedsTest, AHostThatTellsNothingIsNotKnownToLackAnything) {
    const Snapshot s = observe_both(there_);
    EXPECT_THAT(s.cluster.spec(id(s, "web")).needs, testing::ElementsAre("network:v7", "hugepages:2048"));
    EXPECT_THAT(s.cluster.spec(HostId(1)).provides, testing::IsEmpty());
    EXPECT_EQ(missing_on_h2(s), "");
}

TEST_F(NeedsTest, AHostThatTellsItHasNoneLacksIt) {
    there_.facts.provides = {{"network", {}}};
    const Snapshot s = observe_both(there_);
    EXPECT_THAT(s.cluster.spec(HostId(1)).provides, testing::ElementsAre("network:/none"));
    EXPECT_EQ(missing_on_h2(s), "network:v7");
}

TEST_F(NeedsTest, OnlyWhatSomeVmNeedsIsListed) {
    there_.facts.provides = {{"network", {"a", "b", "v7"}}, {"pool", {"p"}}};
    const Snapshot s = observe_both(there_);
    EXPECT_THAT(s.cluster.spec(HostId(1)).provides, testing::ElementsAre("network:v7"));
    EXPECT_EQ(missing_on_h2(s), "");
}

TEST_F(NeedsTest, WhatItsOwnHostDoesNotTellIsNoNeed) {
    here_.facts.provides = {};
    there_.facts.provides = {{"network", {}}};
    EXPECT_THAT(value(observe({reading("h1", 0, {web_}), there_})).cluster.spec(VmId(0)).needs, testing::IsEmpty());
}

TEST_F(NeedsTest, AKindThatTheConfigurationNamesIsTheOperators) {
    CollectorOptions configured = options({"h1", "h2"});
    configured.hosts[1].provides = {"network:gold"};
    configure(configured);
    there_.facts.provides = {{"network", {}}};
    const Snapshot s = observe_both(there_);
    EXPECT_THAT(s.cluster.spec(id(s, "web")).needs, testing::ElementsAre("hugepages:2048"));
    EXPECT_THAT(s.cluster.spec(HostId(1)).provides, testing::ElementsAre("network:gold"));
}

TEST_F(NeedsTest, PinnedToCpusAndNodes) {
    web_.facts.needs = {};
    web_.facts.cpus = *IdSet::parse("4-7");
    web_.facts.numa_nodes = *IdSet::parse("1");
    here_.facts.cpu_ids = *IdSet::parse("0-15");
    here_.facts.numa_nodes = *IdSet::parse("0-1");
    there_.facts.cpu_ids = *IdSet::parse("0-7");
    EXPECT_EQ(missing_on_h2(observe_both(there_)), "") << "h2 has the CPUs, and does not tell of its nodes";
    there_.facts.numa_nodes = *IdSet::parse("0");
    EXPECT_EQ(missing_on_h2(observe_both(there_)), "numa-nodes:1");
    there_.facts.cpu_ids = *IdSet::parse("0-3");
    EXPECT_EQ(missing_on_h2(observe_both(there_)), "cpus:4-7");
}

TEST_F(NeedsTest, ANameThatAnotherDefinitionHas) {
    web_.facts.needs = {};
    there_.shut_off = {{"web", "uuid-web"}};
    EXPECT_EQ(missing_on_h2(observe_both(there_)), "") << "its own, left there";
    there_.shut_off = {{"web", "another"}};
    EXPECT_EQ(missing_on_h2(observe_both(there_)), "name web:uuid-web");
    there_.shut_off = {{"db", "another"}};
    EXPECT_EQ(missing_on_h2(observe_both(there_)), "");
}

}  // namespace
}  // namespace ballast
