// SPDX-License-Identifier: Apache-2.0
// configs/ballast.toml, which the package installs: it does no harm, and what it says of defaults is true.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "cli/output.hpp"
#include "cli/toml/config.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

std::string shipped_text() { return test::value(read_file(std::string(BALLAST_SOURCE_DIR) + "/configs/ballast.toml")); }

// With the commented-out keys of the sections that show defaults put in force; `count` counts them.
std::string with_defaults_spelt_out(const std::string& text, int& count) {
    const std::set<std::string> sections = {"[telemetry]", "[run]", "[policy]", "[migration_model]", "[executor]"};
    const std::set<std::string> examples = {"windows"};
    const std::regex commented_key("#([a-z_]+) *= .*");
    std::istringstream lines(text);
    std::string result;
    bool shows_defaults = false;
    for (std::string line; std::getline(lines, line);) {
        std::smatch key;
        if (line.starts_with('[') || line.starts_with("#[")) shows_defaults = sections.contains(line);
        if (shows_defaults && std::regex_match(line, key, commented_key) && !examples.contains(key[1])) {
            line.erase(0, 1);
            ++count;
        }
        result += line + "\n";
    }
    return result;
}

// Every setting of those sections, to three digits: the file rounds.
std::string settings(const Config& config) {
    const MigrationControl& control = config.run.migration.control;
    const MigrationModel& model = config.migration;
    std::string text = fmt::format(
        "{:.3g} {} {:.3g} {} | {} {} {} {} | {} {} {} {} {:.3g} {} {} {} {:.3g} {:.3g} {:.3g} {} {:.3g} | {:.3g} "
        "{:.3g} "
        "{:.3g} {} {:.3g} {:.3g} {:.3g}",
        config.collector.interval_s, config.collector.samples_max, config.collector.deadline_s,
        static_cast<int>(config.collector.host_cpu), config.loop.goal, config.loop.mode,
        config.loop.limits.moves_per_hour_max, config.loop.limits.moves_per_day_max, config.journal, config.hold,
        config.run.parallel_max, config.run.parallel_per_host_max, control.bandwidth_bytes_per_s, control.auto_converge,
        control.compress, control.parallel_connections, control.downtime_s_max, config.run.migration.timeout_s_per_gib,
        config.run.migration.timeout_s_min, name(control.on_timeout), control.force_downtime_s,
        model.bandwidth_bytes_per_s, model.dirty_bytes_per_s, model.working_set_fraction, model.rounds_max,
        model.downtime_limit_s, model.fixed_overhead_s, model.resume_s);
    for (const auto& [goal, policy] : config.policies) text += " " + goal + "=" + policy;
    return text;
}

TEST(ShippedConfig, OnlyAdvises) {
    const Config config = test::value(parse_config(shipped_text(), "ballast.toml"));
    EXPECT_EQ(config.loop.mode, "advise");
    EXPECT_TRUE(config.power.empty()) << "no host is switched";
    EXPECT_TRUE(config.metrics_listener.address.empty()) << "nothing listens";
    EXPECT_EQ(config.collector.hosts.size(), 2U);
    EXPECT_TRUE(config.collector.rules.empty());
}

TEST(ShippedConfig, KeepsAsManySamplesAsItsGoalNeeds) {
    const Config config = test::value(parse_config(shipped_text(), "ballast.toml"));
    const auto policy =
        test::value(make_goal_policy({config.loop.goal, ""}, GoalSettings{config.policies, config.migration}));
    const auto samples = samples_for(*policy, config.collector.interval_s, config.collector.samples_max);
    EXPECT_TRUE(samples) << samples.error().message;
}

TEST(ShippedConfig, ItsCommentedDefaultsAreTheDefaults) {
    const std::string text = shipped_text();
    int count = 0;
    const Config spelt_out = test::value(parse_config(with_defaults_spelt_out(text, count), "ballast.toml"));
    EXPECT_GE(count, 30) << "the file's sections are no longer found";
    EXPECT_EQ(settings(spelt_out), settings(test::value(parse_config(text, "ballast.toml"))));
}

}  // namespace
}  // namespace ballast
