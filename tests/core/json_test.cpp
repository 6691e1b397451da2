// SPDX-License-Identifier: Apache-2.0
#include "core/io/json.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

Snapshot sample() {
    ClusterBuilder builder;
    HostSpec spec = test::host("h1", 4000, 8192);
    spec.uri = "qemu+tcp://h1/system";
    spec.cpu = {"x86_64", "Intel", "Haswell"};
    spec.hypervisor_version = 7'002'022;
    spec.labels = {"ssd"};
    spec.rack = "r1";
    spec.zone = "z1";
    spec.provides = {"network:br0"};
    spec.cpus = 16;
    spec.cpu_overcommit = 2.5;
    spec.power = HostPower{test::value(find_power_curve("hp-ml110-g4")), 8.0, 120.0, 0.0, 10.0, true};
    const HostId h1 = builder.add_host(spec);
    HostState silent;
    silent.reachable = false;
    silent.pressure = {0.5, 0.125, std::nullopt, 4096.0};
    builder.add_host(test::host("h2", 4000, 8192), silent);
    VmSpec vm = test::vm("a", 1024);
    vm.cpu = {"x86_64", "", GuestCpuMode::host_bound};
    vm.labels = {"db", "old"};
    vm.needs = {"network:br0", "storage:nas1"};
    vm.priority = Priority::high;
    VmState waiting = test::on(h1, 1.0 / 3.0);
    waiting.pressure = {0.25, std::nullopt, 1024.0};
    builder.add_vm(vm, waiting);  // a number that needs 17 digits
    VmState stale = test::on(h1, 20);
    stale.sampled = false;
    builder.add_vm(test::vm("b \"quoted\" ü", 512), stale);
    builder.add_rule({RuleKind::pin, "here", {"a"}, {"h1", "h2"}, ""});
    builder.add_rule({RuleKind::pin, "fast", {}, {}, "", {"db"}, {"ssd"}});
    builder.add_rule({RuleKind::anti_affinity, "few", {"a", "b \"quoted\" ü"}, {}, "", {}, {}, 2, FaultDomain::rack});
    RuleSpec nights{RuleKind::freeze, "nights", {"a"}, {}, ""};
    nights.window = {0b001'1111, 1320, 360, -90};
    RuleSpec soft{RuleKind::forbid, "rather not", {"a"}, {"h2"}, ""};
    soft.weight = 2.5;
    nights.from_s = 1000.0;
    nights.except = {{"gone", 2000.0, "moves house"}};
    builder.add_rule(nights);
    builder.add_rule(soft);
    builder.set_time(1234.5);
    Cluster cluster = test::value(std::move(builder).build());
    History history(2, 3, 15.0);
    history.push(std::array{100.0, 1.0});
    history.push(std::array{200.0, std::numeric_limits<double>::quiet_NaN()});
    history.add(PastMove{VmId(0), -77.0, HostId(1), HostId(0), false, false});
    history.add(PastMove{VmId(1), -5.0, h1, HostId(), true, true});
    history.add(PastSwitch{HostId(1), -600.0, true});
    return Snapshot{1234.5, std::move(cluster), std::move(history), {{"h2", "no answer"}}};
}

TEST(SnapshotJson, ReadsBackWhatItWrote) {
    const Snapshot original = sample();
    const std::string text = to_json(original);
    const Snapshot copy = test::value(snapshot_from_json(text));
    EXPECT_EQ(to_json(copy), text);
    EXPECT_EQ(copy.cluster.state(VmId(0)).demand.cpu_mhz(), 1.0 / 3.0);
    EXPECT_FALSE(copy.cluster.state(HostId(1)).reachable);
    EXPECT_TRUE(copy.cluster.spec(HostId(0)).power->controllable);
    EXPECT_EQ(copy.cluster.state(HostId(0)).pressure, HostPressure{});
    EXPECT_EQ(copy.cluster.state(HostId(1)).pressure, (HostPressure{0.5, 0.125, std::nullopt, 4096.0}));
    EXPECT_EQ(copy.cluster.state(VmId(0)).pressure, (VmPressure{0.25, std::nullopt, 1024.0}));
    EXPECT_EQ(copy.cluster.spec(VmId(0)).priority, Priority::high);
    EXPECT_EQ(copy.cluster.spec(VmId(1)).priority, Priority::normal);
    EXPECT_EQ(copy.history.sample_count(), 2U);
    EXPECT_EQ(copy.history.cpu_mhz(VmId(0), 0), 200.0);
    EXPECT_TRUE(std::isnan(copy.history.cpu_mhz(VmId(1), 0)));
    EXPECT_EQ(copy.history.last_move_age_s(VmId(0)), 77.0);
    ASSERT_EQ(copy.history.moves().size(), 2U);
    EXPECT_EQ(copy.history.moves()[0].from, HostId(1));
    EXPECT_TRUE(copy.history.moves()[1].failed);
    EXPECT_TRUE(copy.history.moves()[1].by_others);
    EXPECT_FALSE(copy.history.moves()[1].to.valid());
    ASSERT_EQ(copy.history.switches().size(), 1U);
    EXPECT_EQ(copy.history.switches()[0].time_s, -600.0);
    EXPECT_EQ(copy.cluster.rule(RuleId(1)).vms, std::vector<VmId>{VmId(0)});
    EXPECT_EQ(copy.cluster.rule(RuleId(1)).hosts, std::vector<HostId>{HostId(0)});
    EXPECT_EQ(copy.cluster.spec(HostId(0)).rack, "r1");
    EXPECT_EQ(copy.cluster.spec(HostId(0)).provides, std::vector<std::string>{"network:br0"});
    EXPECT_EQ(copy.cluster.spec(VmId(0)).needs.size(), 2U);
    EXPECT_EQ(copy.cluster.inventory().vcpus_max(HostId(0)), 40U);  // 16 * 2.5
    EXPECT_EQ(copy.cluster.inventory().vcpus_max(HostId(1)), no_vcpu_limit);
    EXPECT_EQ(copy.cluster.inventory().rules_as_written()[3].window, (WeeklyWindow{0b001'1111, 1320, 360, -90}));
    EXPECT_EQ(copy.cluster.rule(RuleId(2)).at_most, 2U);
    EXPECT_EQ(copy.cluster.rule(RuleId(4)).weight, 2.5);
    EXPECT_EQ(copy.cluster.rule(RuleId(2)).per, FaultDomain::rack);
    EXPECT_EQ(copy.problems.at(0).message, "no answer");
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

TEST(SnapshotJson, SaysWhereItIsDamaged) {
    const std::string good = to_json(sample());
    const std::vector<std::array<std::string, 3>> damages = {
        {"\"cpu_mhz\": 4000.0", "\"cpu_mhz\": \"fast\"", "hosts[0].capacity.cpu_mhz: a number is expected"},
        {"\"cpu_mhz\": 4000.0", "\"cpu_mhz\": 0.0", "host \"h1\": its cpu capacity is zero"},
        {"\"host\": \"h1\"", "\"host\": \"h7\"", "vms[0].host: the host \"h7\" is not in this snapshot"},
        {"\"vcpus\": 1", "\"vcpus\": -1", "vms[0].vcpus: a whole number is expected"},
        {"\"name\": \"h2\"", "\"name\": \"h1\"", "host \"h1\": the name is used twice"},
        {"\"version\": 1", "\"version\": 2", "version: this version of ballast reads version 1"},
        {"\"kind\": \"pin\"", "\"kind\": \"pinned\"", "rules[0].kind: \"pinned\" is none of: affinity"},
        {"\"opens_min\": 1320", "\"opens_min\": 1440", "rules[3].window.opens_min: minutes of a day are expected"},
        {"\"Mon\"", "\"Monday\"", "rules[0].window.days[0]: one of Mon"},
        {"\"from_unix_s\": 1000.0", "\"from_unix_s\": -1.0", "rule \"nights\": times must be from 1970 to 9999"},
        {"\"cpu_wait\": 0.25", "\"cpu_wait\": 1.5", "vms[0].pressure.cpu_wait: a share of the time, from 0 to 1"},
        {"\"memory_some\": 0.125", "\"memory_some\": -1", "hosts[1].pressure.memory_some: a share of the time"},
        {"\"swap_bytes_per_s\": 4096.0", "\"swap_bytes_per_s\": -1", "hosts[1].pressure.swap_bytes_per_s: must not be"},
        {"\"priority\": \"high\"", "\"priority\": \"top\"", "vms[0].priority: \"top\" is none of: low, normal, high"},
        {"ballast-snapshot", "ballast-plan", "format: \"ballast-snapshot\" is expected"},
        {"\"memory_bytes\": 1073741824.0", "\"memory_bytes\": 1e999", "number overflow parsing"},
    };
    for (const auto& [what, with, message] : damages) {
        const auto result = snapshot_from_json(replaced(good, what, with));
        ASSERT_FALSE(result) << with;
        EXPECT_EQ(result.error().kind, ErrorKind::usage);
        EXPECT_NE(result.error().message.find(message), std::string::npos) << result.error().message;
    }
    for (std::size_t length = 0; length < good.size() - 2; length += 7) {  // truncated anywhere: never a crash
        EXPECT_FALSE(snapshot_from_json(std::string_view(good).substr(0, length)));
    }
}

Plan one_move() {
    Plan plan;
    Action action;
    action.vm = VmId(0);
    action.from = HostId(0);
    action.host = HostId(1);
    action.reason.code = ReasonCode::relieve_overload;
    action.reason.host = HostId(0);
    action.reason.value = 0.9;
    action.reason.limit = 0.8;
    action.cost = {11.5, 1e9, 0.3};
    plan.actions.push_back(action);
    Action sleep;
    sleep.kind = ActionKind::power_off;
    sleep.host = HostId(0);
    sleep.after = {ActionId(0)};
    plan.actions.push_back(sleep);
    return plan;
}

TEST(PlanJson, ReadsBackWhatItWrote) {
    const Snapshot snapshot = sample();
    const std::string text = to_json(one_move(), snapshot.cluster, "spread");
    const NamedPlan copy = test::value(plan_from_json(text, snapshot.cluster));
    EXPECT_EQ(copy.policy, "spread");
    EXPECT_EQ(to_json(copy.plan, snapshot.cluster, copy.policy), text);
    EXPECT_EQ(copy.plan.actions.at(1).after, std::vector<ActionId>{ActionId(0)});
}

TEST(PlanJson, APlanOfAnotherClusterIsRefused) {
    const Snapshot snapshot = sample();
    const std::string good = to_json(one_move(), snapshot.cluster, "spread");
    const std::vector<std::array<std::string, 3>> misfits = {
        {"\"vm\": \"a\"", "\"vm\": \"ghost\"", "the VM \"ghost\", which is not running"},
        {"\"uuid\": \"uuid-a\"", "\"uuid\": \"uuid-z\"", "another UUID"},
        {"\"host\": \"h2\"", "\"host\": \"h9\"", "the host \"h9\", which is not"},
    };
    for (const auto& [what, with, message] : misfits) {
        const auto result = plan_from_json(replaced(good, what, with), snapshot.cluster);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::refused);
        EXPECT_NE(result.error().message.find(message), std::string::npos) << result.error().message;
    }
    const auto broken = plan_from_json(replaced(good, "\"after\": [\n    0", "\"after\": [\n    1"), snapshot.cluster);
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().kind, ErrorKind::usage);
    EXPECT_FALSE(plan_from_json("{}", snapshot.cluster));
    EXPECT_FALSE(plan_from_json(good.substr(0, good.size() / 2), snapshot.cluster));
}

}  // namespace
}  // namespace ballast
