// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/energy_account.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::host;
using test::value;

// One host that draws 93 W idle and 143 W at most; it boots in 180 s and falls asleep in 10 s.
Cluster cluster(PowerState power) {
    ClusterBuilder builder;
    HostSpec spec = host("h1", 1000, 1024);
    std::array<double, PowerCurve::points> table{};
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = 93.0 + 5.0 * static_cast<double>(i);
    spec.power = HostPower{value(PowerCurve::make(table))};
    HostState state;
    state.power = power;
    builder.add_host(spec, state);
    return value(std::move(builder).build());
}

const Cluster awake = cluster(PowerState::on);
const Cluster sleeping = cluster(PowerState::asleep);

HostDraw draws(double watts, WattsSource source = WattsSource::model) { return {HostWatts{watts, source}, 93.0, 9.3}; }

TEST(EnergyAccount, IntegratesTheMeanOfTwoLooksUnderTheSourceOfTheSecond) {
    EnergyAccount account(900);
    account.look(1000, awake, {draws(100)});
    EXPECT_TRUE(account.totals().joules.empty());
    account.look(1010, awake, {draws(120)});                     // 110 W * 10 s
    account.look(1020, awake, {draws(140, WattsSource::rapl)});  // 130 W * 10 s
    const auto& joules = account.totals().joules.at("h1");
    EXPECT_DOUBLE_EQ(joules.at(WattsSource::model), 1100.0);
    EXPECT_DOUBLE_EQ(joules.at(WattsSource::rapl), 1300.0);
    EXPECT_EQ(account.totals().avoided_joules, 0.0);
}

TEST(EnergyAccount, CountsNothingForWhatItDidNotSee) {
    EnergyAccount account(900);
    account.look(0, awake, {draws(100)});
    account.look(901, awake, {draws(100)});  // too long ago
    EXPECT_TRUE(account.totals().joules.empty());
    EXPECT_DOUBLE_EQ(account.totals().gap_s, 901.0);
    account.look(911, awake, {HostDraw{}});
    account.look(921, awake, {draws(100)});  // no watts at the look before
    EXPECT_TRUE(account.totals().joules.empty());
    account.look(931, awake, {draws(100)});
    EXPECT_DOUBLE_EQ(account.totals().joules.at("h1").at(WattsSource::model), 1000.0);
}

TEST(EnergyAccount, ASleepingHostAvoidsItsIdleDrawAndItsSwitchesAreCharged) {
    EnergyAccount account(900);
    account.look(0, awake, {draws(100)});
    account.look(10, sleeping, {draws(8)});  // falling asleep: (143 - 93) * 10 s
    EXPECT_DOUBLE_EQ(account.totals().switching_joules, 500.0);
    EXPECT_EQ(account.totals().avoided_joules, 0.0);  // awake at one end
    account.look(110, sleeping, {draws(8)});
    EXPECT_DOUBLE_EQ(account.totals().avoided_joules, 8'500.0);           // (93 - 8) * 100
    EXPECT_DOUBLE_EQ(account.totals().avoided_at_least_joules, 7'570.0);  // (93 - 9.3 - 8) * 100
    account.look(120, awake, {draws(100)});                               // boot: (143 - 93) * 180 s
    EXPECT_DOUBLE_EQ(account.totals().switching_joules, 9'500.0);
    EXPECT_DOUBLE_EQ(account.totals().avoided_joules, 8'500.0);
}

// A plan of 60 s puts the host to sleep at its beginning, another one wakes it at its end.
TEST(EnergyAccount, AHostThatIsSwitchedBetweenTwoLooksIsAsleepFromThenOn) {
    EnergyAccount account(900);
    account.look(0, awake, {draws(100, WattsSource::rapl)});
    account.switched("h1", 10);
    account.look(60, sleeping, {draws(8)});
    EXPECT_DOUBLE_EQ(account.totals().joules.at("h1").at(WattsSource::rapl), 1'000.0);  // 100 W * 10 s
    EXPECT_DOUBLE_EQ(account.totals().joules.at("h1").at(WattsSource::model), 400.0);   // 8 W * 50 s
    EXPECT_DOUBLE_EQ(account.totals().avoided_joules, 4'250.0);                         // (93 - 8) * 50
    EXPECT_DOUBLE_EQ(account.totals().avoided_at_least_joules, 3'785.0);                // (93 - 9.3 - 8) * 50
    account.switched("h1", 110);
    account.look(120, awake, {draws(100, WattsSource::rapl)});
    EXPECT_DOUBLE_EQ(account.totals().avoided_joules, 8'500.0);  // (93 - 8) * 50 more
    EXPECT_DOUBLE_EQ(account.totals().joules.at("h1").at(WattsSource::rapl), 2'000.0);
}

TEST(EnergyAccount, ASwitchThatNoLookConfirmsCountsNothing) {
    EnergyAccount account(900);
    account.look(0, awake, {draws(100)});
    account.switched("h1", 10);
    account.look(60, awake, {draws(100)});
    account.look(120, sleeping, {draws(8)});  // by hand, at a time that nobody said
    EXPECT_EQ(account.totals().avoided_joules, 0.0);
}

TEST(EnergyAccount, ASleeperThatDrawsMoreThanIdleAvoidsNothing) {
    EnergyAccount account(900);
    account.look(0, sleeping, {draws(100)});
    account.look(10, sleeping, {draws(100)});
    EXPECT_EQ(account.totals().avoided_joules, 0.0);
    EXPECT_EQ(account.totals().avoided_at_least_joules, 0.0);
}

TEST(EnergyAccount, ChargesMigrations) {
    EnergyAccount account(900);
    account.migrated(1e9);  // 0.512 J per MB * 1000 + 20.165
    EXPECT_DOUBLE_EQ(account.totals().migration_joules, 532.165);
    account.migrated(std::numeric_limits<double>::quiet_NaN());
    EXPECT_DOUBLE_EQ(account.totals().migration_joules, 552.33);
}

}  // namespace
}  // namespace ballast
