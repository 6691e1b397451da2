// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/hosts_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ballast {
namespace {

class HostsFile : public ::testing::Test {
  protected:
    void TearDown() override { std::filesystem::remove(path_); }
    Status load(const std::string& text) {
        std::ofstream(path_) << text;
        return load_hosts_file(path_, options_);
    }
    std::string path_ =
        (std::filesystem::temp_directory_path() / ("hosts-" + std::to_string(getpid()) + ".toml")).string();
    SimulationOptions options_;
};

constexpr const char* small = R"([[host_group]]
name_prefix = "n"
count = 3
cores = 4
mhz_per_core = 2000
memory_mib = 8192
power_watts = [50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150]
[simulation]
host_order = "grouped"
)";

TEST_F(HostsFile, ReadsGroupsAndKeepsDefaultsOfTheRest) {
    const Status status = load(small);
    ASSERT_TRUE(status) << status.error().message;
    ASSERT_EQ(options_.hosts.size(), 1U);
    EXPECT_EQ(options_.hosts[0].count, 3U);
    EXPECT_EQ(options_.hosts[0].cores, 4U);
    EXPECT_EQ(options_.hosts[0].power->curve.peak_watts(), 150.0);
    EXPECT_EQ(options_.host_order, HostOrder::grouped);
    EXPECT_TRUE(options_.vm_types.empty());
}

TEST_F(HostsFile, TheShippedFileDescribesTheDefaultHosts) {
    const Status status = load_hosts_file(std::string(BALLAST_SOURCE_DIR) + "/configs/hosts/planetlab.toml", options_);
    ASSERT_TRUE(status) << status.error().message;
    const std::vector<HostGroup> expected = default_hosts();
    ASSERT_EQ(options_.hosts.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(options_.hosts[i].count, expected[i].count);
        EXPECT_EQ(options_.hosts[i].mhz_per_core, expected[i].mhz_per_core);
        EXPECT_EQ(options_.hosts[i].memory_bytes, expected[i].memory_bytes);
        EXPECT_EQ(options_.hosts[i].power->curve, expected[i].power->curve);
        EXPECT_EQ(options_.hosts[i].power->boot_s, expected[i].power->boot_s);
        EXPECT_EQ(options_.hosts[i].power->controllable, expected[i].power->controllable);
    }
    ASSERT_EQ(options_.vm_types.size(), default_vm_types().size());
}

TEST_F(HostsFile, ReadsLinksFailuresAndBothMigrationModels) {
    std::string text = small;
    text.insert(text.find("[simulation]"),
                "network_mib_per_s = 118\ndisk_mib_per_s = 300\nmigration_mib_per_s = 200\nmtbf_h = 100\nmttr_h = 2\n");
    text += R"(history_samples = 12
restart_delay_s = 60
failure_seed = 7
clock_offset_s = 15
clock_seed = 8
[migration]
bandwidth_mib_per_s = 100
rounds_max = 5
joules_per_mib = 0.5
[migration_model]
dirty_mib_per_s = 1
[[failure]]
host = "n2"
at_s = 100
repair_s = 50
)";
    const Status status = load(text);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(options_.hosts[0].migration_bytes_per_s, 200.0 * bytes_per_mib);
    EXPECT_EQ(options_.hosts[0].failures.mtbf_s, 360'000.0);
    EXPECT_EQ(options_.hosts[0].failures.mttr_s, 7200.0);
    EXPECT_EQ(options_.hosts[0].network_bytes_per_s, 118.0 * bytes_per_mib);
    EXPECT_EQ(options_.hosts[0].disk_bytes_per_s, 300.0 * bytes_per_mib);
    EXPECT_EQ(options_.clock_offset_s, 15.0);
    EXPECT_EQ(options_.clock_seed, 8U);
    EXPECT_EQ(options_.history_samples, 12U);
    EXPECT_EQ(options_.restart_delay_s, 60.0);
    EXPECT_EQ(options_.failure_seed, 7U);
    EXPECT_EQ(options_.truth.bandwidth_bytes_per_s, 100.0 * bytes_per_mib);
    EXPECT_EQ(options_.truth.rounds_max, 5);
    EXPECT_EQ(options_.migration_joules_per_byte, 0.5 / bytes_per_mib);
    EXPECT_EQ(options_.belief.dirty_bytes_per_s, bytes_per_mib);
    EXPECT_EQ(options_.belief.bandwidth_bytes_per_s, MigrationModel{}.bandwidth_bytes_per_s);
    ASSERT_EQ(options_.failures.size(), 1U);
    EXPECT_EQ(options_.failures[0].host, "n2");
    EXPECT_EQ(options_.failures[0].at_s, 100.0);
    EXPECT_EQ(options_.failures[0].repair_s, 50.0);
}

TEST_F(HostsFile, RefusesZeroCapacityAndUnknownKeys) {
    const std::vector<std::array<std::string, 3>> damages = {
        {"mhz_per_core = 2000", "mhz_per_core = 0", ":5:16: host group \"n\": \"mhz_per_core\" must be positive"},
        {"memory_mib = 8192", "memory_mib = 0", ":6:14: host group \"n\": \"memory_mib\" must be positive"},
        {"cores = 4", "cores = 0", ":4:9: \"cores\" must be a whole number from 1"},
        {"count = 3", "counts = 3", ":3:1: unknown key \"counts\" in [[host_group]]"},
        {", 150]", "]", "this one has 10"},
        {"\"grouped\"", "\"sorted\"", "\"host_order\" must be"},
        {"[simulation]", "mtbf_h = 9\n[simulation]", ":8:10: host group \"n\": hosts that fail need \"mttr_h\", too"},
        {"[simulation]", "[[failure]]\nhost = \"n1\"\nat_s = 5\n[simulation]", "the key is missing"},
        {"[simulation]", "[migration]\nbandwith_mib_per_s = 5\n[simulation]", "unknown key \"bandwith_mib_per_s\""},
        {"[simulation]", "[migration_model]\njoules_per_mib = 5\n[simulation]", "unknown key \"joules_per_mib\""},
        {"[[host_group]]", "[[hosts]]", "unknown key \"hosts\""},
    };
    for (const auto& [what, with, message] : damages) {
        std::string text = small;
        text.replace(text.find(what), what.size(), with);
        const Status status = load(text);
        ASSERT_FALSE(status) << with;
        EXPECT_NE(status.error().message.find(message), std::string::npos) << status.error().message;
    }
}

}  // namespace
}  // namespace ballast
