// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/trace_columns.hpp"

#include <gtest/gtest.h>

namespace ballast {
namespace {

std::string error_of(const std::string& text) {
    const auto map = parse_trace_columns(text, "m.toml");
    return map ? "" : map.error().message;
}

TEST(TraceColumns, ReadsTheSample) {
    const auto map = load_trace_columns(std::string(BALLAST_SOURCE_DIR) + "/tests/data/traces/csv/map.toml");
    ASSERT_TRUE(map.has_value()) << map.error().message;
    EXPECT_EQ(map->separator, ';');
    EXPECT_TRUE(map->header);
    EXPECT_TRUE(map->decimal_comma);
    EXPECT_EQ(map->vm.name, "name");
    EXPECT_EQ(map->time.name, "zeit");
    EXPECT_EQ(map->time_unit, CsvTimeUnit::date);
    EXPECT_EQ(map->cpu_unit, CsvCpuUnit::fraction);
    EXPECT_EQ(map->memory.number, 6U);
    EXPECT_EQ(map->memory_unit_bytes, 1073741824.0);
}

TEST(TraceColumns, DefaultsAreAPlainTable) {
    const auto map = parse_trace_columns("[columns]\ntime = \"t\"\ncpu = \"c\"\n", "m.toml");
    ASSERT_TRUE(map.has_value()) << map.error().message;
    EXPECT_EQ(map->separator, ',');
    EXPECT_EQ(map->interval_s, 300.0);
    EXPECT_FALSE(map->vm.given());
    EXPECT_EQ(map->time_unit, CsvTimeUnit::seconds);
    EXPECT_EQ(map->cpu_unit, CsvCpuUnit::percent);
}

TEST(TraceColumns, SaysWhereAndWhatIsWrong) {
    EXPECT_EQ(error_of("separator = \";;\"\n[columns]\ntime = \"t\"\ncpu = \"c\"\n"),
              "m.toml:1:13: \"separator\" must be one character");
    EXPECT_EQ(error_of("[columns]\ntime = \"t\"\n"), "m.toml:1:1: [columns] does not say which column is the CPU use");
    EXPECT_EQ(error_of("[columns]\ntime = \"#0\"\ncpu = \"c\"\n"),
              "m.toml:2:8: a column by number is \"#1\" to \"#64\"");
    EXPECT_EQ(error_of("[columns]\ntime = \"#1x\"\ncpu = \"c\"\n"),
              "m.toml:2:8: a column by number is \"#1\" to \"#64\"");
    EXPECT_EQ(error_of("header = false\n[columns]\ntime = \"t\"\ncpu = \"#2\"\n"),
              "m.toml:3:8: without a header a column is given by number: \"#1\" is the first");
    EXPECT_EQ(error_of("[columns]\ntime = \"t\"\ncpu = \"c\"\n[units]\ntime = \"h\"\n"),
              "m.toml:5:8: \"time\" must be one of \"s\", \"ms\", \"us\", \"date\"");
    EXPECT_EQ(error_of("[columns]\ntime = \"t\"\ncpu = \"c\"\n[units]\ncpu = \"mhz\"\n"),
              "m.toml:5:7: a CPU use in MHz needs the column cpu_mhz: what 100 % is");
    EXPECT_EQ(error_of("[columns]\ntime = \"t\"\ncpu = \"c\"\nram = \"r\"\n"),
              "m.toml:4:1: unknown key \"ram\" in [columns]; known: cpu, cpu_mhz, disk, "
              "disk_written, memory, memory_used, network, network_sent, time, vcpus, vm");
    EXPECT_NE(error_of("x = 1\n"), "");
    EXPECT_EQ(error_of("[columns]\ntime = \"t\"\ncpu = \"c\"\nnetwork_sent = \"n\"\n"),
              "m.toml:4:16: \"network_sent\" is added to the column \"network\", which is missing");
    EXPECT_EQ(error_of("[columns]\ntime = \"t\"\ncpu = \"c\"\ndisk_written = \"n\"\n"),
              "m.toml:4:16: \"disk_written\" is added to the column \"disk\", which is missing");
    EXPECT_EQ(
        error_of("[columns]\ntime = \"t\"\ncpu = \"c\"\nmemory_used = \"u\"\n[units]\nmemory_used = \"memory\"\n"),
        "m.toml:6:15: memory in use as a size needs the column memory: what 100 % is");
}

TEST(TraceColumns, MemoryNetworkAndDisk) {
    const auto map = parse_trace_columns(
        "[columns]\ntime = \"t\"\ncpu = \"c\"\nmemory = \"m\"\nmemory_used = \"u\"\nnetwork = \"in\"\n"
        "network_sent = \"out\"\ndisk = \"d\"\n[units]\nmemory_used = \"memory\"\nnetwork = \"mbit/s\"\ndisk = "
        "\"kib/s\"\n",
        "m.toml");
    ASSERT_TRUE(map.has_value()) << map.error().message;
    EXPECT_EQ(map->memory_used.name, "u");
    EXPECT_EQ(map->memory_used_unit, CsvMemoryUsedUnit::size);
    EXPECT_EQ(map->network.name, "in");
    EXPECT_EQ(map->network_sent.name, "out");
    EXPECT_EQ(map->network_unit_bytes_per_s, 125'000.0);
    EXPECT_EQ(map->disk.name, "d");
    EXPECT_FALSE(map->disk_written.given());
    EXPECT_EQ(map->disk_unit_bytes_per_s, 1024.0);
}

}  // namespace
}  // namespace ballast
