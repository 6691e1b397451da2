// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/host_watts.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::host;
using test::on;
using test::value;
using test::vm;

// One host of 1000 MHz at 50 %, with the table of an HP ML110 G4 (86 W idle, 102 W at 50 %, 117 W peak).
Cluster cluster(const HostState& state, double boot_watts = 0.0, bool with_table = true) {
    ClusterBuilder builder;
    HostSpec spec = host("h1", 1000, 1024);
    if (with_table) spec.power = HostPower{value(find_power_curve("hp-ml110-g4"))};
    if (with_table) spec.power->boot_watts = boot_watts;
    const HostId h1 = builder.add_host(spec, state);
    builder.add_vm(vm("a", 256), on(h1, 500));
    return value(std::move(builder).build());
}

HostState in(PowerState power) {
    HostState state;
    state.power = power;
    return state;
}

PowerCurve flat(double watts) {
    std::array<double, PowerCurve::points> table{};
    table.fill(watts);
    return value(PowerCurve::make(table));
}

TEST(HostWatts, MeasuredGoesBeforeCalibratedAndThatBeforeTheTable) {
    const Cluster c = cluster(in(PowerState::on));
    const HostWatts measured{140.0, WattsSource::rapl};
    EXPECT_EQ(host_watts(c, HostId(0), measured, flat(50)), measured);
    EXPECT_EQ(host_watts(c, HostId(0), {}, flat(50)), (HostWatts{50.0, WattsSource::calibrated}));
    EXPECT_EQ(host_watts(c, HostId(0), {}, {}), (HostWatts{102.0, WattsSource::model}));
}

TEST(HostWatts, ASleepingOrSwitchingHostDrawsWhatIsConfigured) {
    EXPECT_EQ(host_watts(cluster(in(PowerState::asleep)), HostId(0), {}, flat(50)),
              (HostWatts{8.0, WattsSource::model}));
    EXPECT_EQ(host_watts(cluster(in(PowerState::waking), 150.0), HostId(0), {}, {}),
              (HostWatts{150.0, WattsSource::model}));
    EXPECT_EQ(host_watts(cluster(in(PowerState::going_to_sleep)), HostId(0), {}, {}),
              (HostWatts{117.0, WattsSource::model}));
}

TEST(HostWatts, WithoutTableOrAnswerThereAreOnlyMeasuredWatts) {
    HostState silent = in(PowerState::on);
    silent.reachable = false;
    const HostWatts measured{140.0, WattsSource::command};
    EXPECT_EQ(host_watts(cluster(silent), HostId(0), {}, {}), std::nullopt);
    EXPECT_EQ(host_watts(cluster(silent), HostId(0), measured, {}), measured);
    EXPECT_EQ(host_watts(cluster(in(PowerState::on), 0.0, false), HostId(0), {}, {}), std::nullopt);
}

}  // namespace
}  // namespace ballast
