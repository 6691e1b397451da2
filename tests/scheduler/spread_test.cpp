// SPDX-License-Identifier: Apache-2.0
#include <limits>

// Relief, without the search that comes after it (improvement_test.cpp).
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Defaults: hot above 0.80, relieved to 0.65, destinations at most 0.65, memory 1. Hosts of 1000 MHz.

TEST(Spread, RelievesAHotHostOntoTheCoolest) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const VmId big = scene.vm("big", h1, 600.0);
    const VmId small = scene.vm("small", h1, 300.0);  // h1: 900, excess over 650 is 250: small covers it
    scene.vm("c", h2, 200.0);
    scene.vm("d", h3, 100.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.8,exit=0.65");

    ASSERT_EQ(moves_text(proposal, cluster), "small>h3");  // h3: 100 + 300 = 0.40, h2 would be at 0.50
    const Move& move = proposal.moves.front();
    EXPECT_EQ(move.vm, small);
    EXPECT_EQ(move.reason.code, ReasonCode::relieve_overload);
    EXPECT_DOUBLE_EQ(move.reason.value, 0.9);
    EXPECT_DOUBLE_EQ(move.reason.limit, 0.8);
    EXPECT_DOUBLE_EQ(move.relief_mhz, 250.0);  // of its 300 MHz, what was above the exit level
    EXPECT_EQ(move.cost, migration_cost(MigrationModel{}, 1000.0 * bytes_per_mib));

    const Stay& stay = stay_of(proposal, big);
    EXPECT_EQ(stay.reason.code, ReasonCode::not_needed);
    EXPECT_DOUBLE_EQ(stay.reason.value, 0.6);
    EXPECT_DOUBLE_EQ(stay.reason.limit, 0.65);
    EXPECT_EQ(proposal.hosts[h1.index()].reason.code, ReasonCode::relieve_overload);
    EXPECT_EQ(proposal.hosts[h2.index()].reason.code, ReasonCode::host_content);
}

TEST(Spread, WeightsDecideWhichDestinationIsTheLeastLoaded) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    scene.vm("stays", h1, 900.0);
    scene.vm("goes", h1, 100.0);
    scene.vm("c", h2, 500.0);         // after the move: CPU 0.6, memory 0.2
    scene.vm("d", h3, 50.0, 6000.0);  // CPU 0.15, memory 0.7
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "spread:exit=0.9"), cluster), "goes>h2");
    EXPECT_EQ(moves_text(propose(cluster, "spread:exit=0.9,memory_weight=0.5"), cluster), "goes>h3");
    EXPECT_EQ(moves_text(propose(cluster, "spread:exit=0.9,cpu_weight=2"), cluster), "goes>h3");
    EXPECT_FALSE(make_policy("spread:cpu_weight=0,memory_weight=0,network_weight=0,disk_weight=0"));
}

TEST(Spread, LeavesAClusterWithoutAHotHostAlone) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");  // idle: uneven, but nobody suffers
    const VmId a = scene.vm("a", h1, 400.0);
    scene.vm("b", h1, 400.0);  // 0.80 is not above 0.80
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.8,exit=0.65");
    EXPECT_EQ(moves_text(proposal, cluster), "");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::host_content);
    EXPECT_DOUBLE_EQ(stay_of(proposal, a).reason.value, 0.8);
}

TEST(Spread, PicksTheVmsThatCostLeastMemory) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 20000.0);
    scene.host("h2");
    scene.vm("heavy", h1, 300.0, 8000.0);
    scene.vm("light", h1, 300.0, 500.0);
    scene.vm("rest", h1, 300.0, 9000.0);  // 900: 250 MHz must leave, each of the three covers that
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "spread:search=0,enter=0.8,exit=0.65"), cluster), "light>h2");
}

TEST(Spread, WaitsUntilALoadIsSustained) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    const VmId a = scene.vm("a", h1, 500.0);
    scene.vm("b", h1, 400.0);
    const Cluster cluster = scene.build();
    History history(2, 8, 300.0);
    history.push(std::vector<double>{500.0, 400.0});
    history.push(std::vector<double>{300.0, 400.0});  // 0.7: not above
    history.push(std::vector<double>{500.0, 400.0});
    history.push(std::vector<double>{500.0, 400.0});
    const Proposal early = propose(cluster, history, "spread:search=0,enter=0.8,exit=0.65,sustain=900");
    EXPECT_TRUE(early.moves.empty());
    EXPECT_EQ(stay_of(early, a).reason.code, ReasonCode::not_sustained);
    EXPECT_EQ(stay_of(early, a).reason.value, 2.0);
    EXPECT_EQ(stay_of(early, a).reason.limit, 3.0);
    EXPECT_EQ(early.hosts[0].reason.code, ReasonCode::not_sustained);
    history.push(std::vector<double>{500.0, 400.0});
    EXPECT_EQ(propose(cluster, history, "spread:search=0,enter=0.8,exit=0.65,sustain=900").moves.size(), 1U);
    EXPECT_EQ(
        propose(cluster, steady_history(cluster, 2), "spread:search=0,enter=0.8,exit=0.65,sustain=900").moves.size(),
        0U);  // too short a history
    EXPECT_EQ(propose(cluster, History(), "spread:search=0,enter=0.8,exit=0.65,sustain=0").moves.size(), 1U);
}

TEST(Spread, APastAboveTheLevelIsNotEnough) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 100.0);  // calm now
    const Cluster cluster = scene.build();
    History history(1, 8, 300.0);
    for (int i = 0; i < 5; ++i) history.push(std::vector<double>{900.0});
    EXPECT_TRUE(propose(cluster, history, "spread:search=0,enter=0.8,exit=0.65").moves.empty());
}

TEST(Spread, ADipDoesNotMakeAVmLookSmall) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("hot", h1, 700.0);
    const VmId dipping = scene.vm("dipping", h1, 150.0);  // now; mean (150 + 450 + 450) / 3 = 350
    scene.vm("c", h2, 400.0);
    const Cluster cluster = scene.build();
    History history(3, 8, 300.0);
    history.push(std::vector<double>{700.0, 450.0, 400.0});
    history.push(std::vector<double>{700.0, 450.0, 400.0});
    history.push(std::vector<double>{700.0, 150.0, 400.0});
    const Proposal proposal = propose(cluster, history, "spread:search=0,enter=0.8,exit=0.65,sustain=900");
    EXPECT_TRUE(proposal.moves.empty());  // 400 + 150 = 0.55 would fit, 400 + 350 = 0.75 does not
    const Stay& stay = stay_of(proposal, dipping);
    EXPECT_EQ(stay.reason.code, ReasonCode::resource_fit);
    EXPECT_DOUBLE_EQ(stay.reason.value, 750.0);
    EXPECT_DOUBLE_EQ(stay.reason.limit, 650.0);
    EXPECT_EQ(stay.best, h2);
}

TEST(Spread, AVmThatMovedRests) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    const VmId a = scene.vm("a", h1, 400.0, 500.0);
    scene.vm("b", h1, 500.0);
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    EXPECT_EQ(moves_text(propose(cluster, history, "spread:search=0,enter=0.8,exit=0.65"), cluster), "a>h2");
    history.set_last_move_age(a, 1799.0);
    const Proposal proposal = propose(cluster, history, "spread:search=0,enter=0.8,exit=0.65");
    EXPECT_EQ(moves_text(proposal, cluster), "b>h2");
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::cooldown);
    EXPECT_EQ(stay_of(proposal, a).reason.value, 1799.0);
    history.set_last_move_age(a, 1800.0);
    EXPECT_EQ(moves_text(propose(cluster, history, "spread:search=0,enter=0.8,exit=0.65"), cluster), "a>h2");
}

TEST(Spread, CapsTheMovesOfOneDecision) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    std::vector<VmId> vms;
    for (int i = 0; i < 9; ++i) vms.push_back(scene.vm("v" + std::to_string(i), h1, 100.0));  // 900: 3 must leave
    const Cluster cluster = scene.build();
    EXPECT_EQ(propose(cluster, "spread:search=0,enter=0.8,exit=0.65").moves.size(), 3U);
    const Proposal capped = propose(cluster, "spread:search=0,enter=0.8,exit=0.65,moves=2");
    EXPECT_EQ(capped.moves.size(), 2U);
    EXPECT_EQ(stay_of(capped, vms[8]).reason.code, ReasonCode::move_limit);
    EXPECT_EQ(stay_of(capped, vms[8]).reason.limit, 2.0);
}

TEST(Spread, RelievesMemoryWithoutAskingForSamples) {
    Scene scene;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0);
    scene.host("h2");
    scene.vm("large", h1, 10.0, 6000.0);
    scene.vm("small", h1, 10.0, 3800.0);  // 9800 of 10000 = 0.98 > 0.95: 300 MiB must leave
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, History(), "spread:search=0,enter=0.8,exit=0.65,memory=0.95");
    ASSERT_EQ(moves_text(proposal, cluster), "small>h2");
    EXPECT_EQ(proposal.moves[0].reason.resource, Resource::memory);
    EXPECT_DOUBLE_EQ(proposal.moves[0].reason.value, 0.98);
    EXPECT_EQ(proposal.moves[0].relief_mhz, 0.0);
}

TEST(Spread, ADestinationMustFitInEveryResource) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2", 1000.0, 1500.0);  // cool, but 800 + 1000 MiB is above 0.95 * 1500
    scene.host("h3");
    scene.vm("a", h1, 450.0);
    scene.vm("b", h1, 450.0, 2000.0);
    scene.vm("c", h2, 10.0, 800.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "spread:search=0,enter=0.8,exit=0.65,memory=0.95"), cluster), "a>h3");
}

TEST(Spread, EmptiesAHostInMaintenance) {
    Scene scene;
    HostState repair;
    repair.maintenance = true;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, repair);
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 300.0);
    scene.vm("b", h1, 500.0);
    scene.vm("c", h2, 50.0);  // 50 + 500 + 300 = 0.85 is above enter: only the larger one may come
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, History(), "spread:search=0,enter=0.8,exit=0.65");
    EXPECT_EQ(moves_text(proposal, cluster), "b>h2");
    EXPECT_EQ(proposal.moves[0].reason.code, ReasonCode::leave_maintenance);
    EXPECT_EQ(stay_of(proposal, VmId(0)).reason.code, ReasonCode::resource_fit);
    EXPECT_EQ(proposal.hosts[0].reason.code, ReasonCode::drain_blocked);
    EXPECT_EQ(proposal.hosts[0].reason.vm, VmId(0));
    EXPECT_EQ(proposal.hosts[0].reason.value, 1.0);
}

TEST(Spread, MovesAnAffinityGroupAsAWhole) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 150.0);
    scene.vm("b", h1, 150.0);
    scene.vm("c", h1, 600.0, 9000.0);
    scene.rule(RuleKind::affinity, {"a", "b"});
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.8,exit=0.65");
    EXPECT_EQ(moves_text(proposal, cluster), "a>h2 b>h2");
    EXPECT_DOUBLE_EQ(proposal.moves[0].relief_mhz + proposal.moves[1].relief_mhz, 250.0);
}

TEST(Spread, WakesAHostWhenNothingThatIsOnHasRoom) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId thirsty = scene.green_host("thirsty", 100.0, 300.0, PowerState::asleep);
    const HostId frugal = scene.green_host("frugal", 50.0, 100.0, PowerState::asleep);
    const VmId a = scene.vm("a", h1, 450.0);
    scene.vm("b", h1, 450.0, 2000.0);
    scene.vm("c", h2, 600.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.8,exit=0.65");
    EXPECT_TRUE(proposal.moves.empty());  // decided when the host is on, on the load of that time
    EXPECT_EQ(proposal.hosts[frugal.index()].action, HostAction::wake);
    EXPECT_EQ(proposal.hosts[frugal.index()].reason.code, ReasonCode::wake_for_overload);
    EXPECT_DOUBLE_EQ(proposal.hosts[frugal.index()].reason.value, 0.9);
    EXPECT_EQ(proposal.hosts[thirsty.index()].action, HostAction::none);
    EXPECT_EQ(stay_of(proposal, a).reason.code, ReasonCode::resource_fit);  // 600 + 450 at h2
    EXPECT_EQ(stay_of(proposal, a).best, h2);
    // While it wakes up, no second one is woken; when it is on, it is used.
    const Cluster waking = carried_out(cluster, proposal);
    EXPECT_EQ(propose(waking, "spread:search=0,enter=0.8,exit=0.65").hosts[thirsty.index()].action, HostAction::none);
    ClusterState state = waking.state();
    state.hosts[frugal.index()].power = PowerState::on;
    const Cluster awake = value(Cluster::make(waking.shared_inventory(), state));
    EXPECT_EQ(moves_text(propose(awake, "spread:search=0,enter=0.8,exit=0.65"), awake), "a>frugal");
}

TEST(Spread, DoesNotWakeWhatWouldNotHelp) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId asleep = scene.green_host("asleep", 50.0, 100.0, PowerState::asleep);
    scene.vm("a", h1, 900.0);  // alone it is above 0.65 anywhere
    const Cluster cluster = scene.build();
    EXPECT_EQ(propose(cluster, "spread:search=0,enter=0.8,exit=0.65").hosts[asleep.index()].action, HostAction::none);
}

TEST(Spread, LeavesWhatItCannotSeeAlone) {
    Scene scene;
    HostState silent;
    silent.reachable = false;
    const HostId h1 = scene.host("h1", 1000.0, 10000.0, silent);
    const HostId h2 = scene.host("h2");
    const VmId lost = scene.vm("lost", h1, 900.0);
    VmState old = on(h2, 450.0);
    old.sampled = false;
    const VmId unseen = scene.builder.add_vm(vm("unseen", 500.0), old);
    scene.vm("seen", h2, 450.0);
    scene.host("h3");
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, "spread:search=0,enter=0.8,exit=0.65");
    EXPECT_EQ(moves_text(proposal, cluster), "seen>h3");
    EXPECT_EQ(stay_of(proposal, lost).reason.code, ReasonCode::host_unreachable);
    EXPECT_EQ(stay_of(proposal, unseen).reason.code, ReasonCode::not_sampled);
    EXPECT_EQ(proposal.hosts[0].reason.code, ReasonCode::host_unreachable);
}

}  // namespace
}  // namespace ballast::test
