// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/energy_monitor.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::host;
using test::on;
using test::value;
using test::vm;

class ManualClock final : public Clock {
  public:
    double unix_time_s() override { return now_s; }
    double monotonic_s() override { return now_s; }
    void sleep(double) override {}
    std::atomic<double> now_s = 1000.0;
};

// h1 (86 W idle, 102 W at 50 %) with VM a at 50 %; h2, of the same type, as `power` says; h3 without a power table.
Snapshot snapshot(PowerState power) {
    ClusterBuilder builder;
    HostSpec spec = host("h1", 1000, 1024);
    spec.power = HostPower{value(find_power_curve("hp-ml110-g4"))};
    const HostId h1 = builder.add_host(spec);
    spec.name = "h2";
    HostState state;
    state.power = power;
    builder.add_host(spec, state);
    builder.add_host(host("h3", 1000, 1024));
    builder.add_vm(vm("a", 256), on(h1, 500));
    History history(1, 4, 10.0);
    return Snapshot{1700000000.0, value(std::move(builder).build()), std::move(history), {}};
}

std::optional<double> find(const std::vector<SampleFamily>& families, const std::string& name,
                           const std::string& label = "") {
    for (const SampleFamily& family : families) {
        if (family.name != name) continue;
        for (const LabelledSample& sample : family.samples) {
            const auto has = [&](const SampleLabel& l) { return l.value == label; };
            if (label.empty() || std::any_of(sample.labels.begin(), sample.labels.end(), has)) return sample.value;
        }
    }
    return std::nullopt;
}

TEST(EnergyMonitor, ShowsWattsJoulesAndWhatSleepSaves) {
    ManualClock clock;
    EnergyMonitor monitor({{}, nullptr, 10.0, {0.3, "EUR", 380.0}}, {}, clock);
    monitor.look(snapshot(PowerState::asleep));
    clock.now_s = clock.now_s + 100.0;
    monitor.look(snapshot(PowerState::asleep));
    monitor.migrated(0.0);
    const auto families = monitor.families(snapshot(PowerState::asleep), false);
    EXPECT_EQ(find(families, "ballast_host_power_watts", "h1"), 102.0);
    EXPECT_EQ(find(families, "ballast_host_power_watts", "model"), 102.0);
    EXPECT_EQ(find(families, "ballast_host_power_watts", "h2"), 8.0);
    EXPECT_EQ(find(families, "ballast_host_power_watts", "h3"), std::nullopt);
    EXPECT_EQ(find(families, "ballast_host_power_idle_watts", "h2"), 86.0);
    EXPECT_EQ(find(families, "ballast_host_power_fit_error_watts", "h1"), std::nullopt);
    EXPECT_EQ(find(families, "ballast_host_energy_joules_total", "h1"), 10'200.0);
    EXPECT_EQ(find(families, "ballast_energy_avoided_joules_total"), 7'800.0);  // (86 - 8) * 100
    EXPECT_NEAR(find(families, "ballast_energy_avoided_at_least_joules_total").value(), 6'940.0,
                1e-6);  // 10 % less idle
    EXPECT_EQ(find(families, "ballast_energy_spent_joules_total", "switching"), 0.0);
    EXPECT_EQ(find(families, "ballast_energy_spent_joules_total", "migrations"), 20.165);
    EXPECT_EQ(find(families, "ballast_energy_price_per_kwh", "EUR"), 0.3);
    EXPECT_EQ(find(families, "ballast_energy_co2e_grams_per_kwh"), 380.0);
    EXPECT_EQ(find(families, "ballast_vm_power_watts", "a"), std::nullopt);
    EXPECT_EQ(find(monitor.families(snapshot(PowerState::asleep), true), "ballast_vm_power_watts", "a"), 102.0);
}

TEST(EnergyMonitor, OfASleepingHostRaplSaysNothing) {
    const auto tree = std::filesystem::temp_directory_path() / ("ballast_rapl_" + std::to_string(getpid()));
    const auto zone = tree / "intel-rapl:0";
    std::filesystem::create_directories(zone);
    std::ofstream(zone / "name") << "package-0";
    std::ofstream(zone / "energy_uj") << "0";
    ManualClock clock;
    WattsOptions meter;
    meter.powercap = tree;
    meter.rest_watts = 60.0;
    EnergyMonitor monitor({{{"h2", meter}}, nullptr, 0.01, {}}, nullptr, clock);
    const auto h2_watts = [&](PowerState power) {
        const Snapshot now = snapshot(power);
        monitor.look(now);
        return find(monitor.families(now, false), "ballast_host_power_watts", "h2");
    };
    for (int i = 0; i < 500 && h2_watts(PowerState::on) != 60.0; ++i) {
        usleep(10'000);
        clock.now_s = clock.now_s + 1.0;
    }
    EXPECT_EQ(h2_watts(PowerState::on), 60.0);
    EXPECT_EQ(h2_watts(PowerState::asleep), 8.0) << "as configured";
    std::filesystem::remove_all(tree);
}

TEST(EnergyMonitor, OtherOptionsKeepWhatWasCounted) {
    ManualClock clock;
    EnergyMonitor monitor({{}, nullptr, 10.0, {0.3, "EUR", 0.0}}, nullptr, clock);
    monitor.look(snapshot(PowerState::asleep));
    clock.now_s = clock.now_s + 100.0;
    monitor.look(snapshot(PowerState::asleep));
    monitor.adopt({{}, nullptr, 10.0, {0.4, "EUR", 0.0}});
    const auto families = monitor.families(snapshot(PowerState::asleep), false);
    EXPECT_EQ(find(families, "ballast_energy_price_per_kwh", "EUR"), 0.4);
    EXPECT_EQ(find(families, "ballast_energy_avoided_joules_total"), 7'800.0);
}

TEST(EnergyMonitor, CalibratesWithWhatIsMeasured) {
    ManualClock clock;
    WattsOptions meter;
    meter.command = {"pdu"};
    EnergyMonitor monitor(
        {{{"h1", meter}}, nullptr, 3600.0, {}},
        [](const std::vector<std::string>&, double) -> Result<std::string> { return "150"; }, clock);
    const Snapshot now = snapshot(PowerState::on);
    monitor.look(now);
    for (int i = 0; i < 500 && !find(monitor.families(now, false), "ballast_host_power_watts", "command"); ++i) {
        usleep(10'000);  // the poller has a thread of its own
        monitor.look(now);
    }
    for (int i = 0; i < 200; ++i) monitor.look(now);
    const auto families = monitor.families(now, true);
    EXPECT_EQ(find(families, "ballast_host_power_meter_up", "h1"), 1.0);
    EXPECT_EQ(find(families, "ballast_host_power_watts", "command"), 150.0);
    EXPECT_LT(find(families, "ballast_host_power_fit_error_watts", "h1").value(), 2.0);
    EXPECT_GT(find(families, "ballast_host_power_idle_watts", "h1").value(), 100.0);  // the table says 86
    EXPECT_EQ(find(families, "ballast_host_power_fit_error_watts", "h2"), std::nullopt);
    EXPECT_EQ(find(families, "ballast_energy_price_per_kwh"), std::nullopt);
}

}  // namespace
}  // namespace ballast
