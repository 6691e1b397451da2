// SPDX-License-Identifier: Apache-2.0
#include "cli/goal.hpp"

#include <gtest/gtest.h>

#include "metrics/collector_options.hpp"
#include "tests/clusters.hpp"

namespace ballast::test {
namespace {

std::size_t samples(const std::string& policy, double interval_s) {
    return value(samples_for(*value(make_policy(policy)), interval_s, 60));
}

TEST(SamplesFor, IsWhatSustainAsksForAndOneToSpare) {
    EXPECT_EQ(samples("spread:sustain=30", 10.0), 4U);
    EXPECT_EQ(samples("spread:sustain=30", 5.0), 7U);
    EXPECT_EQ(samples("consolidate:sustain=4", 1.5), 4U);
    EXPECT_EQ(samples("spread:sustain=0", 10.0), default_samples);
    EXPECT_EQ(samples("spread:sustain=600", 10.0), 60U);  // all that are kept
}

TEST(SamplesFor, EveryGoalRunsWithWhatTelemetryKeepsUnlessToldOtherwise) {
    const CollectorOptions telemetry;
    for (const auto& [goal, specification] : GoalSettings{}.policies) {
        const auto samples =
            samples_for(*value(make_policy(specification)), telemetry.interval_s, telemetry.samples_max);
        EXPECT_TRUE(samples) << goal << ": " << samples.error().message;
    }
}

TEST(SamplesFor, RefusesWhatTelemetryDoesNotKeep) {
    const auto refused = samples_for(*value(make_policy("spread:sustain=601")), 10.0, 60);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_EQ(refused.error().message,
              "policy spread: its sustain of 601 s is more than telemetry keeps: samples_max = 60 samples, one every "
              "10 s");
}

}  // namespace
}  // namespace ballast::test
