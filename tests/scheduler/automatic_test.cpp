// SPDX-License-Identifier: Apache-2.0
#include "scheduler/automatic.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Four hosts of 1000 MHz: a and b run on h1 and h2 and need 200 MHz each now, h3 is on and empty, h4 asleep. Who
// consolidates puts h3 to sleep, who spreads leaves it alone. Together they could give 4000 MHz: 400 MHz are 10 %,
// below 50 %; 2900 are 72 %, above 70 %; 2400 are 60 %, neither.
Cluster four_hosts(PowerState h4 = PowerState::asleep) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 100.0, 200.0);
    const HostId h2 = scene.green_host("h2", 100.0, 200.0);
    scene.green_host("h3", 100.0, 200.0);
    scene.green_host("h4", 100.0, 200.0, h4);
    scene.vm("a", h1, 200.0);
    scene.vm("b", h2, 200.0);
    return scene.build();
}

// `past`: what both VMs needed together, oldest first, one sample every 300 s.
bool consolidates(const Cluster& cluster, std::initializer_list<double> past) {
    History history(2, 12, 300.0);
    for (const double both : past) history.push(std::vector<double>{both / 2.0, both / 2.0});
    const Proposal proposal = propose(cluster, history, "auto:sustain=600,consolidate.sustain=0");
    return proposal.hosts[2].action == HostAction::sleep;
}

TEST(Automatic, ConsolidatesWhileThereIsLittleToDo) { EXPECT_TRUE(consolidates(four_hosts(), {2900, 2900, 400, 400})); }

TEST(Automatic, SpreadsWhileThereIsMuch) { EXPECT_FALSE(consolidates(four_hosts(), {400, 400, 2900, 2900})); }

TEST(Automatic, InBetweenItGoesOnWithWhatItDid) {
    EXPECT_TRUE(consolidates(four_hosts(PowerState::on), {2900, 2900, 400, 400, 2400, 2400, 2400}));
    EXPECT_FALSE(consolidates(four_hosts(), {400, 400, 2900, 2900, 2400, 2400, 2400}));
}

TEST(Automatic, OneSampleChangesNothing) {
    EXPECT_FALSE(consolidates(four_hosts(), {2900, 2900, 2400, 400, 2400}));
    EXPECT_TRUE(consolidates(four_hosts(), {400, 400, 2400, 2900, 2400}));
}

TEST(Automatic, WithoutAPastASleepingHostSaysWhatItDid) {
    EXPECT_TRUE(consolidates(four_hosts(), {2400, 2400}));
    EXPECT_FALSE(consolidates(four_hosts(PowerState::on), {2400, 2400}));
}

TEST(Automatic, HandsOptionsOnAndSaysAllOfThem) {
    const auto policy = value(make_policy("auto:consolidate.target=0.8,high=0.75,spread.enter=0.9"));
    const std::string text = policy->specification();
    EXPECT_EQ(text.substr(0, 49), "auto:low=0.5,high=0.75,sustain=900,spread.enter=0");
    EXPECT_NE(text.find("spread.enter=0.9,"), std::string::npos);
    EXPECT_NE(text.find("consolidate.target=0.8,"), std::string::npos);
    EXPECT_EQ(value(make_policy(text))->specification(), text);
    EXPECT_EQ(make_policy("auto:low=0.8").error().message,
              "policy \"auto\": low must be below high, or it would change its mind all the time");
    EXPECT_EQ(make_policy("auto:spread.enter=2").error().message,
              "policy \"spread\": option \"enter\": 2 is out of range; 0.05 to 1 (fraction) is possible");
}

}  // namespace
}  // namespace ballast::test
