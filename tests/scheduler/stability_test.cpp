// SPDX-License-Identifier: Apache-2.0
#include "scheduler/stability.hpp"

#include <gtest/gtest.h>

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// h1, h2, h3; a and b on h1. It is 100000 s; nothing happened yet.
struct StabilityTest : testing::Test {
    StabilityTest() {
        h1 = scene.host("h1");
        h2 = scene.host("h2");
        h3 = scene.host("h3");
        a = scene.vm("a", h1, 100);
        b = scene.vm("b", h1, 100);
        cluster.emplace(scene.build());
        history = History(2, 1, 300.0);
        history.set_now(100'000.0);
    }
    void moved(VmId vm, double age_s, HostId from, HostId to, bool failed = false) {
        history.add(PastMove{vm, 100'000.0 - age_s, from, to, failed, false});
    }
    void switched(HostId host, double age_s, bool slept) { history.add(PastSwitch{host, 100'000.0 - age_s, slept}); }
    [[nodiscard]] Stability stability() const { return {*cluster, history, options}; }
    static ReasonCode code(const std::optional<Reason>& reason) {
        EXPECT_TRUE(reason);
        return reason ? reason->code : ReasonCode::host_content;
    }

    Scene scene;
    HostId h1, h2, h3;
    VmId a, b;
    std::optional<Cluster> cluster;
    History history;
    StabilityOptions options{1800.0, 300.0, 3600.0, 3, 900.0, 1200.0, 2};
};

TEST_F(StabilityTest, NothingRestsWithoutAPast) {
    const Stability s = stability();
    EXPECT_FALSE(s.resting(a, Urgency::saving));
    EXPECT_FALSE(s.returning(a, h2));
    EXPECT_FALSE(s.quarantined(h2));
    EXPECT_FALSE(s.awake(h1));
    EXPECT_FALSE(Stability(*cluster, History(), options).resting(a, Urgency::saving));
}

TEST_F(StabilityTest, AVmThatMovedRestsTheLongerTheLessUrgentItIs) {
    moved(a, 299.0, h2, h1);
    EXPECT_EQ(code(stability().resting(a, Urgency::saving)), ReasonCode::cooldown);
    EXPECT_EQ(code(stability().resting(a, Urgency::relief)), ReasonCode::cooldown);
    EXPECT_FALSE(stability().resting(a, Urgency::evacuation));
    EXPECT_FALSE(stability().resting(b, Urgency::saving));
    history.set_now(100'001.0);  // 300 s ago
    EXPECT_FALSE(stability().resting(a, Urgency::relief));
    EXPECT_EQ(stability().resting(a, Urgency::saving)->limit, 1800.0);
}

TEST_F(StabilityTest, AVmDoesNotGoBackToAHostItLeftLately) {
    moved(a, 3599.0, h2, h3);
    moved(a, 2000.0, h3, h1);
    EXPECT_EQ(code(stability().returning(a, h2)), ReasonCode::left_lately);
    EXPECT_EQ(code(stability().returning(a, h3)), ReasonCode::left_lately);
    EXPECT_EQ(stability().returning(a, h3)->value, 2000.0);
    EXPECT_FALSE(stability().returning(b, h2));
    history.set_now(100'001.0);
    EXPECT_FALSE(stability().returning(a, h2));  // 3600 s ago
}

// Three moves a day are allowed.
TEST_F(StabilityTest, AVmHasABudgetOfMovesADay) {
    moved(a, 86'400.0, h1, h2);  // not within the last day any more
    for (const double age_s : {80'000.0, 50'000.0}) moved(a, age_s, h1, h2);
    EXPECT_FALSE(stability().resting(a, Urgency::saving));
    moved(a, 20'000.0, h1, h2);
    EXPECT_EQ(code(stability().resting(a, Urgency::relief)), ReasonCode::daily_budget);
    EXPECT_FALSE(stability().resting(a, Urgency::evacuation));
}

TEST_F(StabilityTest, AFailureIsNoMoveButEndsTheNextAttemptsForAWhile) {
    moved(a, 899.0, h1, h2, true);
    EXPECT_EQ(code(stability().resting(a, Urgency::evacuation)), ReasonCode::quarantine);
    EXPECT_FALSE(stability().returning(a, h1));
    EXPECT_EQ(history.last_move_age_s(a), History::never);
    history.set_now(100'001.0);
    EXPECT_FALSE(stability().resting(a, Urgency::saving));
}

TEST_F(StabilityTest, AHostWhereTwoArrivalsFailedIsAvoided) {
    moved(a, 100.0, h1, h2, true);
    EXPECT_FALSE(stability().quarantined(h2));
    moved(b, 50.0, h1, h2, true);
    EXPECT_EQ(code(stability().quarantined(h2)), ReasonCode::host_quarantined);
    EXPECT_FALSE(stability().quarantined(h1));
    history.set_now(100'850.0);  // 950 s and 900 s ago
    EXPECT_FALSE(stability().quarantined(h2));
}

TEST_F(StabilityTest, AHostThatWokeStaysOnAndSleepsOnlySoOften) {
    switched(h1, 1199.0, false);
    EXPECT_EQ(code(stability().awake(h1)), ReasonCode::woke_lately);
    EXPECT_FALSE(stability().awake(h2));
    history.set_now(100'001.0);
    EXPECT_FALSE(stability().awake(h1));
    switched(h1, 90'000.0, true);
    switched(h1, 9'000.0, true);
    EXPECT_FALSE(stability().awake(h1));  // one of them within the last day
    EXPECT_EQ(stability().sleeps(h1), 1U);
    switched(h1, 8'000.0, true);
    EXPECT_EQ(code(stability().awake(h1)), ReasonCode::sleep_budget);
}

// h1 is at 90 %. b (700) would go to h2, which it left 600 s ago; so it is a (200) that goes.
TEST_F(StabilityTest, PoliciesObeyIt) {
    Scene hot;
    const HostId from = hot.host("from");
    const HostId to = hot.host("to");
    const VmId small = hot.vm("small", from, 200);
    const VmId large = hot.vm("large", from, 700);
    const Cluster busy = hot.build();
    History past = steady_history(busy);
    EXPECT_EQ(moves_text(propose(busy, past, "spread:enter=0.8,cooldown=0,exit=0.7"), busy), "small>to");
    past.add(PastMove{small, -600.0, to, from, false, false});
    EXPECT_EQ(moves_text(propose(busy, past, "spread:enter=0.8,cooldown=0,exit=0.7"), busy), "large>to");
    past.add(PastMove{large, -600.0, to, from, false, false});
    const Proposal neither = propose(busy, past, "spread:enter=0.8,cooldown=0,exit=0.7");
    EXPECT_EQ(stay_of(neither, small).reason.code, ReasonCode::left_lately);
    EXPECT_EQ(moves_text(propose(busy, past, "spread:enter=0.8,cooldown=0,exit=0.7,no_return=0"), busy), "small>to");
}

TEST(History, ForgetsWhatIsOlderThanADayWhenThatIsHalfOfIt) {
    History history(1, 1, 300.0);
    for (int i = 0; i < 1000; ++i) history.add(PastMove{VmId(0), 1000.0 * i, HostId(0), HostId(1), false, false});
    EXPECT_LT(history.moves().size(), 200U);  // 87 are within the last day
    EXPECT_GE(history.moves().size(), 87U);
    EXPECT_EQ(history.last_move_s(VmId(0)), 999'000.0);
}

TEST(History, CopiesDoNotChange) {
    History history(1, 1, 300.0);
    history.add(PastMove{VmId(0), 1.0, HostId(0), HostId(1), false, false});
    const History copy = history;
    history.add(PastMove{VmId(0), 2.0, HostId(1), HostId(0), false, false});
    EXPECT_EQ(copy.moves().size(), 1U);
    EXPECT_EQ(copy.last_move_s(VmId(0)), 1.0);
}

}  // namespace
}  // namespace ballast::test
