// SPDX-License-Identifier: Apache-2.0
#include "simulator/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "simulator/observers/sla.hpp"
#include "simulator/observers/timeline.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int off = Timeline::off;

std::vector<std::string> hosts(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t h = 0; h < count; ++h) names.push_back("h" + std::to_string(h));
    return names;
}

TEST(TimelineBuilder, AddsUpEnergyLoadAndOverloadOfAnInterval) {
    TimelineBuilder builder(hosts(3), 100.0, 1);
    // h0: 100 W at 20 % for 40 s, then 200 W at 80 % and overloaded for 60 s: 4,000 + 12,000 J; load (8 + 48) / 100.
    builder.add({.host = 0, .duration_s = 40, .power_w = 100, .on = true, .utilisation = 0.2, .active = true});
    builder.add({.host = 0,
                 .duration_s = 60,
                 .power_w = 200,
                 .on = true,
                 .utilisation = 0.8,
                 .active = true,
                 .overloaded = true});
    // h1: on but idle for 50 s at 90 W, then asleep at 10 W: 4,500 + 500 J; load 0 while it is on.
    builder.add({.host = 1, .duration_s = 50, .power_w = 90, .on = true});
    builder.add({.host = 1, .duration_s = 50, .power_w = 10});
    // h2: asleep at 10 W all the time: 1,000 J.
    builder.add({.host = 2, .duration_s = 100, .power_w = 10});
    builder.add_energy(500.0);
    builder.add_migration();
    builder.add_migration();
    builder.add_contention(1800.0);
    builder.end_interval(1);
    const Timeline timeline = builder.finish();

    EXPECT_EQ(timeline.point_s, 100.0);
    EXPECT_THAT(timeline.power_w, ElementsAre(DoubleEq(225.0)));  // 22,500 J / 100 s
    EXPECT_THAT(timeline.hosts_on, ElementsAre(1));
    EXPECT_THAT(timeline.migrations, ElementsAre(2));
    EXPECT_THAT(timeline.sla_violation, ElementsAre(DoubleEq(0.6)));  // 60 of 100 s in which a host was active
    EXPECT_THAT(timeline.contention_vm_hours, ElementsAre(DoubleEq(0.5)));
    EXPECT_THAT(timeline.host_percent, ElementsAre(56, 0, off));
    EXPECT_EQ(timeline.rows, 3U);
    EXPECT_THAT(timeline.row_names, ElementsAre("h0", "h1", "h2"));
    EXPECT_EQ(timeline.worst_host.name, "h0");
    EXPECT_EQ(timeline.worst_host.overloaded_s, 60.0);
    EXPECT_EQ(timeline.worst_host.active_s, 100.0);
}

TEST(TimelineBuilder, TheWorstHostIsTheFirstOfEquals) {
    TimelineBuilder builder(hosts(3), 10.0, 1);
    for (const std::size_t h : {2U, 1U}) {
        builder.add({.host = h, .duration_s = 10, .on = true, .utilisation = 1, .active = true, .overloaded = true});
    }
    builder.end_interval(3);
    EXPECT_EQ(builder.finish().worst_host.name, "h1");
}

TEST(TimelineBuilder, ManyHostsShareRowsAndManyIntervalsShareAPoint) {
    // 401 hosts: two per row, 201 rows, the last of one. 1441 intervals: two per point, 721 points, the last of one.
    constexpr std::size_t host_count = Timeline::rows_max + 1;
    constexpr std::size_t interval_count = Timeline::points_max + 1;
    TimelineBuilder builder(hosts(host_count), 300.0, interval_count);
    for (std::size_t i = 0; i < interval_count; ++i) {
        // Only h0, h1 and the last are on: 10 % and 30 % make 20 %; 100 W each.
        builder.add({.host = 0, .duration_s = 300, .power_w = 100, .on = true, .utilisation = 0.1, .active = true});
        builder.add({.host = 1, .duration_s = 300, .power_w = 100, .on = true, .utilisation = 0.3, .active = true});
        builder.add({.host = 400, .duration_s = 300, .power_w = 100, .on = true, .utilisation = 1.0, .active = true});
        builder.add_migration();
        builder.end_interval(i);
    }
    const Timeline timeline = builder.finish();
    EXPECT_EQ(timeline.point_s, 600.0);
    EXPECT_EQ(timeline.hosts_per_row, 2U);
    EXPECT_EQ(timeline.rows, 201U);
    ASSERT_EQ(timeline.power_w.size(), 721U);
    ASSERT_EQ(timeline.host_percent.size(), 721U * 201U);
    EXPECT_EQ(timeline.row_names.front(), "h0 … h1");
    EXPECT_EQ(timeline.row_names.back(), "h400");
    for (const std::size_t point : {0U, 720U}) {
        EXPECT_DOUBLE_EQ(timeline.power_w[point], 300.0) << "also in the last point, which is half as long";
        EXPECT_EQ(timeline.host_percent[point * 201], 20);
        EXPECT_EQ(timeline.host_percent[point * 201 + 1], off);
        EXPECT_EQ(timeline.host_percent[point * 201 + 200], 100);
    }
    EXPECT_EQ(timeline.migrations.front(), 2U);
    EXPECT_EQ(timeline.migrations.back(), 1U);
    EXPECT_EQ(timeline.hosts_on[0], 1U) << "as at the end of the point's second interval";
    EXPECT_EQ(timeline.hosts_on[720], 1440U);
}

TEST(TimelineBuilder, WithoutIntervalsThereIsNothing) {
    const Timeline timeline = TimelineBuilder({}, 300.0, 0).finish();
    EXPECT_THAT(timeline.power_w, IsEmpty());
    EXPECT_EQ(timeline.rows, 0U);
    EXPECT_TRUE(timeline.worst_host.name.empty());
}

// Two hosts of 1000 MHz that draw 100 W idle and 200 W at full load, 10 W asleep.
std::shared_ptr<const Inventory> two_hosts() {
    const std::array<double, 11> watts = {100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200};
    ClusterBuilder builder;
    for (const char* name : {"a", "b"}) {
        HostSpec spec = test::host(name, 1000, 4096);
        spec.power = HostPower{.curve = test::value(PowerCurve::make(watts))};
        spec.power->sleep_watts = 10.0;
        builder.add_host(std::move(spec));
    }
    return test::value(std::move(builder).build()).shared_inventory();
}

HostStretch stretch(std::size_t host, double duration_s, double asked_mhz) {
    HostStretch s;
    s.host = HostId(host);
    s.duration_s = duration_s;
    s.asked_mhz = s.vm_asked_mhz = asked_mhz;
    s.usable_mhz = s.capacity_mhz = 1000.0;
    s.given_mhz = std::min(asked_mhz, s.usable_mhz);
    return s;
}

TEST(TimelineRecorder, CountsWhatTheMetersCount) {
    const auto inventory = two_hosts();
    TimelineRecorder recorder(inventory, 100.0, 2, 1.0);
    EnergyMeter energy(inventory, 1.0);
    SlaMeter sla(1, 100.0);
    const std::array<Observer*, 3> all = {&recorder, &energy, &sla};
    const auto tell = [&](const auto& call) {
        for (Observer* observer : all) call(*observer);
    };
    // Interval 1. a: 500 MHz for 50 s (150 W), then 1200 asked of 1000 for 50 s (200 W): 7,500 + 10,000 J.
    // b: idle, 100 W: 10,000 J; sent to sleep at the end. A VM wants CPU on a for 50 s. A migration sends 1000 bytes
    // at 1 J each: 1,000 J.
    Migration migration{VmId(0), HostId(1), HostId(0), 0.0, {}};
    migration.cost.bytes = 1000.0;
    VmStretch vm;
    vm.vm = VmId(0);
    vm.host = HostId(0);
    vm.duration_s = 50.0;
    vm.asked_mhz = 1200.0;
    vm.given_mhz = 1000.0;
    vm.host_contended = true;
    tell([&](Observer& o) {
        o.on_migration_start(migration);
        o.on_host(stretch(0, 50, 500));
        o.on_migration_end(migration);
        o.on_host(stretch(0, 50, 1200));
        o.on_vm(vm);
        o.on_host(stretch(1, 100, 0));
        o.on_power(HostId(1), PowerState::on, PowerState::going_to_sleep, 300.0);
        o.on_interval_end();
    });
    // Interval 2. a as in the first half: 15,000 J; b asleep: 1,000 J.
    HostStretch asleep = stretch(1, 100, 0);
    asleep.power = PowerState::asleep;
    tell([&](Observer& o) {
        o.on_host(stretch(0, 100, 500));
        o.on_host(asleep);
        o.on_interval_end();
    });
    const Timeline timeline = recorder.finish();
    EXPECT_THAT(timeline.power_w, ElementsAre(DoubleEq(285.0), DoubleEq(160.0)));
    EXPECT_THAT(timeline.hosts_on, ElementsAre(1, 1));
    EXPECT_THAT(timeline.migrations, ElementsAre(1, 0));
    EXPECT_THAT(timeline.sla_violation, ElementsAre(DoubleEq(0.5), DoubleEq(0.0)));  // 50 of a's 100 s; b is not active
    EXPECT_THAT(timeline.contention_vm_hours, ElementsAre(DoubleEq(50.0 / 3600.0), 0.0));
    EXPECT_THAT(timeline.host_percent, ElementsAre(75, 0, 50, off));
    EXPECT_EQ(timeline.worst_host.name, "a");
    EXPECT_EQ(sla.worst_host(), HostId(0));
    EXPECT_EQ(sla.overloaded_s(HostId(0)), timeline.worst_host.overloaded_s);
    EXPECT_EQ(sla.overloaded_s(HostId(1)), 0.0);

    double joules = 0.0;
    for (const double watts : timeline.power_w) joules += watts * timeline.point_s;
    EXPECT_NEAR(joules, energy.kwh() * 3.6e6, 1e-6);
    EXPECT_DOUBLE_EQ(timeline.worst_host.overloaded_s / 200.0, sla.figures().slatah);
}

TEST(TimelineRecorder, AFailedHostIsNotOn) {
    TimelineRecorder recorder(two_hosts(), 100.0, 1);
    recorder.on_host(stretch(0, 100, 500));
    recorder.on_host(stretch(1, 100, 500));
    recorder.on_host_failure(HostId(1));
    recorder.on_interval_end();
    EXPECT_THAT(recorder.finish().hosts_on, ElementsAre(1));
}

}  // namespace
}  // namespace ballast
