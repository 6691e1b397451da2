// SPDX-License-Identifier: Apache-2.0
// What the outlook does to decisions. Hosts of 1000 MHz; consolidation with target 0.7 and headroom 0.1, so that the
// hosts that are on may be filled to 60 % in the mean.
#include "scheduler/forecast.hpp"

#include <gtest/gtest.h>

#include "scene.hpp"
#include "scheduler/joint_load.hpp"

namespace ballast {
namespace {

using namespace test;

constexpr const char* policy = "consolidate:low=0.5,target=0.7,enter=0.9,headroom=0.1,sustain=0,stable=604800";

// Every VM is expected to need so much more in an hour, a quarter of it in a quarter of an hour.
History expecting(const Cluster& cluster, const std::vector<double>& rise_mhz, double deviation_mhz = 0.0) {
    History history = steady_history(cluster);
    Outlook outlook;
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        for (std::size_t step = 0; step < Outlook::steps; ++step) {
            outlook.mhz.push_back(static_cast<float>(1000.0 + rise_mhz[v] * static_cast<double>(step) / 4.0));
        }
        outlook.deviation_mhz.push_back(static_cast<float>(deviation_mhz));
    }
    history.set_outlook(std::move(outlook));
    return history;
}

TEST(ForecastTest, AddsUpWhatVmsAreExpectedToNeedMore) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.vm("a", h1, 100.0);
    scene.vm("b", h1, 100.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(Forecast(cluster, steady_history(cluster), 1.0).rise_mhz(3600.0), 0.0);
    const Forecast up(cluster, expecting(cluster, {400.0, -100.0}), 1.0);
    EXPECT_EQ(up.rise_mhz(0.0), 0.0);
    EXPECT_EQ(up.rise_mhz(900.0), 75.0);
    EXPECT_EQ(up.rise_mhz(3600.0), 300.0);
    EXPECT_EQ(up.rise_mhz(1e9), 300.0);  // an hour is as far as it sees
    EXPECT_EQ(Forecast(cluster, expecting(cluster, {100.0, -400.0}), 1.0).rise_mhz(3600.0), 0.0);
    // Two VMs that are 40 MHz off in the mean: s = sqrt(2) * 1.25 * 40 = 70.7; but never more than the rise.
    EXPECT_NEAR(Forecast(cluster, expecting(cluster, {100.0, -99.0}, 40.0), 2.0).rise_mhz(3600.0), 2.0, 1e-9);
    EXPECT_NEAR(Forecast(cluster, expecting(cluster, {400.0, -100.0}, 40.0), 2.0).rise_mhz(3600.0), 300.0 + 141.42,
                0.01);
}

// 300 MHz fit on one host of two; with 400 more in an hour 700 would be on 1000, above 60 %.
TEST(ForecastTest, HostsThatAreNeededSoonStayOn) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.vm("a", h1, 200.0);
    scene.vm("b", h2, 100.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, policy), cluster), "b>h1");
    const Proposal proposal = propose(cluster, expecting(cluster, {400.0, 0.0}), policy);
    EXPECT_TRUE(proposal.moves.empty());
    const Reason& reason = proposal.hosts[h2.index()].reason;
    EXPECT_EQ(reason.code, ReasonCode::stays_forecast);
    EXPECT_EQ(reason.value, 700.0);
    EXPECT_EQ(reason.limit, 600.0);
    EXPECT_EQ(moves_text(propose(cluster, expecting(cluster, {400.0, 0.0}), std::string(policy) + ",ahead=0"), cluster),
              "b>h1");
}

// 500 MHz on h1; booting takes 180 s, with 900 s of notice that is within half an hour: half of the rise. With 400 MHz
// more in an hour 500 + 200 are expected, above 600: one host is woken, and then there is room.
TEST(ForecastTest, SleepingHostsAreWokenInTime) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId thirsty = scene.green_host("thirsty", 150.0, 300.0, PowerState::asleep);
    const HostId frugal = scene.green_host("frugal", 50.0, 100.0, PowerState::asleep);
    scene.vm("a", h1, 500.0);
    const Cluster cluster = scene.build();
    const Proposal proposal = propose(cluster, expecting(cluster, {400.0}), policy);
    EXPECT_EQ(proposal.hosts[frugal.index()].action, HostAction::wake);
    EXPECT_EQ(proposal.hosts[frugal.index()].reason.code, ReasonCode::wake_forecast);
    EXPECT_EQ(proposal.hosts[frugal.index()].reason.value, 700.0);
    EXPECT_EQ(proposal.hosts[frugal.index()].reason.limit, 600.0);
    EXPECT_EQ(proposal.hosts[thirsty.index()].action, HostAction::none);
    // It is waking, so nothing more is needed; and a smaller rise needs nothing.
    const Cluster later = carried_out(cluster, proposal);
    EXPECT_EQ(propose(later, expecting(later, {400.0}), policy).hosts[thirsty.index()].action, HostAction::none);
    EXPECT_EQ(propose(cluster, expecting(cluster, {200.0}), policy).hosts[frugal.index()].action, HostAction::none);
    EXPECT_EQ(propose(cluster, expecting(cluster, {-400.0}), policy).hosts[frugal.index()].action, HostAction::none);
}

// What is woken for half an hour from now would otherwise be put to sleep by a policy that looks a quarter ahead.
TEST(ForecastTest, WhatWasWokenIsNotPutToSleepAgain) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0, PowerState::asleep);
    scene.vm("a", h1, 500.0);
    const Cluster cluster = scene.build();
    for (const char* ahead : {"900", "1200", "2700", "3600"}) {
        for (const double rise_mhz : {10.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0}) {
            const History history = expecting(cluster, {rise_mhz}, 30.0);
            const std::string looking = std::string(policy) + ",margin=1,host_rest=0,ahead=" + ahead;
            const Proposal first = propose(cluster, history, looking);
            if (first.hosts[h2.index()].action != HostAction::wake) continue;
            ClusterState state = carried_out(cluster, first).state();
            state.hosts[h2.index()].power = PowerState::on;
            const Cluster later = value(Cluster::make(cluster.shared_inventory(), std::move(state)));
            EXPECT_EQ(propose(later, history, looking).hosts[h2.index()].action, HostAction::none)
                << "ahead " << ahead << ", rise " << rise_mhz;
        }
    }
}

// h1's VM is expected to need 300 MHz more in half an hour: c does not fit beside it any more.
TEST(ForecastTest, AHostWhoseVmsWillNeedMoreIsNotFilled) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const VmId a = scene.vm("a", h1, 300.0);
    scene.vm("c", scene.host("h2"), 300.0);
    const Cluster cluster = scene.build();
    const History history = expecting(cluster, {600.0, 0.0});
    JointLoad now(cluster, history, 0.0, false);
    JointLoad soon(cluster, history, 0.0);
    EXPECT_NEAR(now.planned_mhz(h1), 300.0, 1e-9);
    EXPECT_NEAR(soon.planned_mhz(h1), 600.0, 1e-9);
    soon.move(a, h1, HostId(1));
    EXPECT_NEAR(soon.planned_mhz(h1), 0.0, 1e-9);
    EXPECT_NEAR(soon.planned_mhz(HostId(1)), 900.0, 1e-9);
}

}  // namespace
}  // namespace ballast
