// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Hosts below 0.30 are tried, destinations at most 0.70, headroom 0.10, hot above 0.85, after three samples of 300 s; a
// load that does not vary is planned as it is. Hosts of 1000 MHz.
std::string plain(const std::string& more = "") {
    return "consolidate:low=0.3,target=0.7,margin=0,enter=0.85,sustain=900" + (more.empty() ? "" : "," + more);
}

TEST(Consolidate, EmptiesALittleUsedHostAndPutsItToSleep) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("a", h1, 400.0);
    const VmId b = scene.vm("b", h2, 100.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    ASSERT_EQ(moves_text(proposal, cluster), "b>h1");
    EXPECT_EQ(move_of(proposal, b)->reason.code, ReasonCode::empty_host);
    EXPECT_DOUBLE_EQ(move_of(proposal, b)->reason.value, 0.1);
    EXPECT_DOUBLE_EQ(move_of(proposal, b)->reason.limit, 0.3);
    EXPECT_EQ(proposal.hosts[h2.index()].action, HostAction::sleep);
    EXPECT_EQ(proposal.hosts[h2.index()].reason.code, ReasonCode::sleep_empty);
    // P(h2) = 110 - 8 asleep = 102; h1 goes from 140 to 150: 92 W saved
    EXPECT_NEAR(proposal.hosts[h2.index()].reason.value, 92.0, 1e-9);
    EXPECT_NEAR(move_of(proposal, b)->saved_watts, 92.0, 1e-9);
}

TEST(Consolidate, AllOfAHostsVmsLeaveOrNone) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    const HostId h3 = scene.green_host("h3", 100.0, 200.0);
    scene.vm("a", h1, 400.0);
    scene.vm("b", h2, 400.0);
    const VmId c = scene.vm("c", h3, 100.0);
    const VmId stuck = scene.vm("stuck", h3, 100.0);
    scene.rule(RuleKind::pin, {"stuck"}, {"h3"});
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(stay_of(proposal, c).reason.code, ReasonCode::host_not_emptied);
    EXPECT_EQ(stay_of(proposal, c).reason.vm, stuck);
    EXPECT_EQ(stay_of(proposal, stuck).reason.code, ReasonCode::pinned);
    EXPECT_EQ(proposal.hosts[h3.index()].action, HostAction::none);
    EXPECT_EQ(proposal.hosts[h3.index()].reason.code, ReasonCode::host_not_emptied);
}

TEST(Consolidate, AFrozenHostIsNeitherEmptiedNorPutToSleep) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    const HostId h3 = scene.green_host("h3", 100.0, 200.0);  // empty
    scene.vm("a", h1, 400.0);
    const VmId b = scene.vm("b", h2, 100.0);
    scene.builder.add_rule({RuleKind::freeze, "audit", {"a"}, {"h2", "h3"}, ""});
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(stay_of(proposal, b).reason.code, ReasonCode::power_frozen);
    for (const HostId host : {h2, h3}) {
        EXPECT_EQ(proposal.hosts[host.index()].action, HostAction::none);
        EXPECT_EQ(describe(proposal.hosts[host.index()].reason, cluster),
                  "rule \"audit\" keeps " + cluster.spec(host).name + " from being put to sleep or woken");
    }
}

TEST(Consolidate, FillsTheFullestHostThatTakesIt) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    const HostId h4 = scene.host("h4");
    scene.host("h5");  // empty: never filled to empty another
    scene.vm("a", h1, 650.0);
    scene.vm("b", h2, 500.0);
    scene.vm("c", h3, 400.0);
    scene.vm("d", h4, 100.0);  // h1 would be at 0.75, above 0.70; h2 at 0.60
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_EQ(moves_text(proposal, cluster), "d>h2");
    EXPECT_EQ(proposal.hosts[h4.index()].action, HostAction::none);
    EXPECT_EQ(proposal.hosts[h4.index()].reason.code, ReasonCode::no_power_control);
    EXPECT_EQ(proposal.hosts[4].reason.code, ReasonCode::no_power_control);
}

TEST(Consolidate, PrefersTheHostThatGivesAMegahertzForFewestWatts) {
    Scene scene;
    const HostId thirsty = scene.green_host("thirsty", 200.0, 400.0);
    const HostId frugal = scene.green_host("frugal", 50.0, 100.0);
    const HostId h3 = scene.green_host("h3", 100.0, 200.0);
    scene.vm("a", thirsty, 500.0);
    scene.vm("b", frugal, 350.0);
    scene.vm("c", h3, 100.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, plain("headroom=0")), cluster), "c>frugal");
}

TEST(Consolidate, KeepsHeadroom) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("a", h1, 450.0);
    const VmId b = scene.vm("b", h2, 200.0);  // 650 on one host of 1000: above 0.70 - 0.10
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(stay_of(proposal, b).reason.code, ReasonCode::stays_headroom);
    EXPECT_EQ(proposal.hosts[h2.index()].reason.code, ReasonCode::stays_headroom);
    EXPECT_EQ(proposal.hosts[h2.index()].reason.value, 1.0);  // one host would be on, two are needed
    EXPECT_EQ(proposal.hosts[h2.index()].reason.limit, 2.0);
    EXPECT_EQ(moves_text(propose(cluster, plain("headroom=0.05")), cluster), "b>h1");
}

TEST(Consolidate, PutsEmptyHostsToSleepAsFarAsHeadroomAllows) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    const HostId h3 = scene.green_host("h3", 150.0, 250.0);
    scene.vm("a", h1, 700.0);  // two hosts of 1000 are needed at 0.60: the one that draws less stays
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_EQ(proposal.hosts[h3.index()].action, HostAction::sleep);
    EXPECT_NEAR(proposal.hosts[h3.index()].reason.value, 142.0, 1e-9);  // 150 idle - 8 asleep
    EXPECT_EQ(proposal.hosts[h2.index()].action, HostAction::none);
    EXPECT_EQ(proposal.hosts[h2.index()].reason.code, ReasonCode::stays_headroom);
}

TEST(Consolidate, AClusterWithoutLoadKeepsOneHostOn) {
    Scene scene;
    for (int i = 0; i < 3; ++i) scene.green_host("h" + std::to_string(i), 100.0, 200.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_EQ(std::count_if(proposal.hosts.begin(), proposal.hosts.end(),
                            [](const HostVerdict& v) { return v.action == HostAction::sleep; }),
              2);
}

TEST(Consolidate, WantsASavingWorthTheTrouble) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("a", h1, 400.0);
    const VmId b = scene.vm("b", h2, 100.0);
    const Cluster cluster = scene.build();
    // h2 draws 110 W and 8 W asleep, b adds 10 W to h1: 92 W. Sleeping and waking take 10 s and 180 s at 200 W instead
    // of 8 W: 36480 J; spread over an hour that is 10.1 W, and the migration takes some joules more.
    const double migration = migration_joules(migration_cost(MigrationModel{}, 1000.0 * bytes_per_mib));
    const double net = 92.0 - (36'480.0 + migration) / 3600.0;
    EXPECT_NEAR(net, 81.7, 0.1);
    const Proposal proposal = propose(cluster, plain("min_saving=82"));
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(stay_of(proposal, b).reason.code, ReasonCode::too_little_saving);
    EXPECT_NEAR(stay_of(proposal, b).reason.value, net, 0.05);  // hardly any contention is to be expected
    EXPECT_EQ(propose(cluster, plain("min_saving=81")).moves.size(), 1U);
    EXPECT_EQ(propose(cluster, plain("min_saving=88,stable=36000")).moves.size(), 1U);  // costs 1 W only
}

// 192 W * 190 s = 36480 J for 92 W: it takes 396 s to break even.
TEST(Consolidate, DoesNotSleepForLessThanTheBreakEvenTime) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("a", h1, 400.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(propose(cluster, plain("min_saving=0,stable=390")).hosts[h2.index()].reason.code,
              ReasonCode::too_little_saving);
    EXPECT_EQ(propose(cluster, plain("min_saving=0,stable=400")).hosts[h2.index()].action, HostAction::sleep);
}

// 100 MHz on four hosts of 1000: h4 sleeps, and with spare=1 nothing more than that: two hosts have to be on for the
// case that one of them fails, three for two.
TEST(Consolidate, KeepsSparesForFailures) {
    Scene scene;
    std::vector<HostId> hosts;
    for (int i = 1; i <= 4; ++i) hosts.push_back(scene.green_host("h" + std::to_string(i), 100.0, 200.0));
    scene.vm("a", hosts[0], 100.0);
    const Cluster cluster = scene.build();
    const auto asleep = [&](const std::string& options) {
        const Proposal proposal = propose(cluster, plain(options));
        return std::count_if(proposal.hosts.begin(), proposal.hosts.end(),
                             [](const HostVerdict& v) { return v.action == HostAction::sleep; });
    };
    EXPECT_EQ(asleep("spare=0"), 3);
    EXPECT_EQ(asleep("spare=1"), 2);
    EXPECT_EQ(asleep("spare=2"), 1);
    EXPECT_EQ(asleep("spare=3"), 0);
    const Proposal kept = propose(cluster, plain("spare=3"));
    EXPECT_EQ(kept.hosts[hosts[3].index()].reason.code, ReasonCode::stays_spare);
}

// 12 VMs of 1000 MiB and 10 MHz: two hosts of 10000 MiB hold them; should one fail, three are needed.
TEST(Consolidate, SparesAreCountedInMemoryToo) {
    Scene scene;
    std::vector<HostId> hosts;
    for (int i = 1; i <= 4; ++i) hosts.push_back(scene.green_host("h" + std::to_string(i), 100.0, 200.0));
    for (int i = 0; i < 12; ++i) scene.vm("v" + std::to_string(i), hosts[i % 2], 10.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain("spare=1"));
    EXPECT_EQ(proposal.hosts[hosts[2].index()].action, HostAction::sleep);
    EXPECT_EQ(proposal.hosts[hosts[3].index()].reason.code, ReasonCode::stays_spare);
    EXPECT_EQ(proposal.hosts[hosts[3].index()].reason.resource, Resource::memory);
    EXPECT_EQ(proposal.hosts[hosts[3].index()].reason.value, 12'000.0 * bytes_per_mib);
}

TEST(Consolidate, AHostThatJustWokeStaysOnAndTheLessWornSleeps) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    const HostId h3 = scene.green_host("h3", 100.0, 200.0);
    scene.vm("a", h1, 700.0);  // two hosts are needed
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    history.add(PastSwitch{h2, -50'000.0, true});
    EXPECT_EQ(propose(cluster, history, plain()).hosts[h3.index()].action, HostAction::sleep);  // h2 slept today
    history.add(PastSwitch{h3, -1000.0, false});
    const Proposal woke = propose(cluster, history, plain());
    EXPECT_EQ(woke.hosts[h3.index()].reason.code, ReasonCode::woke_lately);
    EXPECT_EQ(woke.hosts[h2.index()].action, HostAction::sleep);
}

TEST(Consolidate, ALowLoadMustBeSustained) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 300.0);
    const VmId b = scene.vm("b", h2, 100.0);
    const Cluster cluster = scene.build();
    History history(2, 8, 300.0);
    for (const double past : {100.0, 350.0, 100.0, 100.0}) history.push(std::vector<double>{300.0, past});
    const Proposal proposal = propose(cluster, history, plain());
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(stay_of(proposal, b).reason.code, ReasonCode::not_sustained);
    EXPECT_EQ(stay_of(proposal, b).reason.value, 2.0);
    history.push(std::vector<double>{300.0, 100.0});
    EXPECT_EQ(moves_text(propose(cluster, history, plain()), cluster), "b>h1");
}

TEST(Consolidate, AHostWithARestingOrUnseenVmIsNotEmptied) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const HostId h3 = scene.host("h3");
    scene.vm("a", h1, 300.0);
    const VmId resting = scene.vm("resting", h2, 100.0);
    VmState old = on(h3, 50.0);
    old.sampled = false;
    const VmId unseen = scene.builder.add_vm(vm("unseen", 500.0), old);
    const Cluster cluster = scene.build();
    History history = steady_history(cluster);
    history.set_last_move_age(resting, 60.0);
    const Proposal proposal = propose(cluster, history, plain());
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(stay_of(proposal, resting).reason.code, ReasonCode::cooldown);
    EXPECT_EQ(stay_of(proposal, unseen).reason.code, ReasonCode::not_sampled);
}

TEST(Consolidate, RelievesOverloadFirst) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 500.0);
    scene.vm("b", h1, 400.0);  // 0.90 > 0.85: 200 MHz must leave
    scene.vm("c", h2, 100.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_EQ(moves_text(proposal, cluster), "a>h2");  // more relief per byte
    EXPECT_EQ(proposal.moves[0].reason.code, ReasonCode::relieve_overload);
    EXPECT_EQ(stay_of(proposal, VmId(2)).reason.code, ReasonCode::host_content);  // h2 is needed now
}

TEST(Consolidate, CapsTheMovesWithoutEmptyingHalfAHost) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    scene.vm("a", h1, 300.0);
    const VmId b = scene.vm("b", h2, 50.0);
    scene.vm("c", h2, 50.0);
    const Cluster cluster = scene.build();
    const Proposal capped = propose(cluster, plain("moves=1"));
    EXPECT_TRUE(capped.moves.empty());
    EXPECT_EQ(stay_of(capped, b).reason.code, ReasonCode::move_limit);
    EXPECT_EQ(propose(cluster, plain("moves=2")).moves.size(), 2U);
}

TEST(Consolidate, HostsThatCannotBeEmptiedKeepNoOtherFromIt) {
    Scene scene;
    const HostId full = scene.host("full", 1000.0);
    scene.vm("f", full, 400.0);
    std::vector<HostId> idle;
    for (int i = 0; i < 300; ++i) {
        idle.push_back(scene.host("idle" + std::to_string(i)));
        VmSpec stuck = vm("stuck" + std::to_string(i), 1000.0);
        stuck.immovable_because = "it has a local disk";
        scene.builder.add_vm(stuck, on(idle.back(), 10.0));
    }
    const HostId last = scene.host("last");
    const VmId b = scene.vm("b", last, 100.0);  // the 301st to be tried: least loaded first
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    ASSERT_EQ(proposal.moves.size(), 1U);
    EXPECT_EQ(proposal.moves[0].vm, b);
}

TEST(Consolidate, AfterManyHostsWithoutRoomTheOthersAreNotTried) {
    Scene scene;
    const HostId full = scene.host("full", 1000.0, 1000.0);  // its memory is taken
    scene.vm("f", full, 400.0);
    for (int i = 0; i < 300; ++i) {
        const HostId host = scene.host("h" + std::to_string(i), 1000.0, 1000.0);
        scene.vm("v" + std::to_string(i), host, 100.0 + i * 0.1);
    }
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, plain());
    EXPECT_TRUE(proposal.moves.empty());
    EXPECT_EQ(stay_of(proposal, VmId(1)).reason.code, ReasonCode::resource_fit);
    EXPECT_EQ(stay_of(proposal, VmId(300)).reason.code, ReasonCode::not_tried);
    EXPECT_EQ(proposal.hosts[300].reason.code, ReasonCode::not_tried);
    EXPECT_EQ(proposal.hosts[300].reason.value, 256.0);
}

TEST(Consolidate, SpreadHasNothingToSayAboutItsResultAndViceVersa) {
    Scene scene;
    std::vector<HostId> hosts;
    for (int i = 0; i < 4; ++i) hosts.push_back(scene.host("h" + std::to_string(i)));
    for (int i = 0; i < 8; ++i) scene.vm("v" + std::to_string(i), hosts[static_cast<std::size_t>(i / 2)], 100.0);
    const Cluster cluster = scene.build();
    const Proposal packed = propose(cluster, plain());
    EXPECT_FALSE(packed.moves.empty());
    const Cluster after = carried_out(cluster, packed);
    EXPECT_TRUE(propose(after, "spread:enter=0.8,exit=0.65,cooldown=0").moves.empty());
}

}  // namespace
}  // namespace ballast::test
