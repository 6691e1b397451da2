// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/models/migration_model.hpp"
#include "core/models/power_curve.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

TEST(PowerCurve, InterpolatesBetweenTheElevenPoints) {
    const PowerCurve curve = test::value(find_power_curve("hp-ml110-g4"));
    EXPECT_DOUBLE_EQ(curve.watts(0.0), 86.0);
    EXPECT_DOUBLE_EQ(curve.watts(0.15), 91.0);  // 89.4 + 0.5 * (92.6 - 89.4)
    EXPECT_DOUBLE_EQ(curve.watts(1.0), 117.0);
    EXPECT_DOUBLE_EQ(curve.watts(0.95), 115.5);  // 114 + 0.5 * 3
}

TEST(PowerCurve, ClampsLoadsThatNoHostCanHave) {
    const PowerCurve curve = test::value(find_power_curve("hp-ml110-g5"));
    EXPECT_DOUBLE_EQ(curve.watts(-0.5), 93.7);
    EXPECT_DOUBLE_EQ(curve.watts(1.7), 135.0);
}

TEST(PowerCurve, RefusesTablesThatAreNone) {
    EXPECT_FALSE(PowerCurve::make(std::vector<double>(10, 100.0)));
    EXPECT_FALSE(PowerCurve::make(std::vector<double>(11, 0.0)));
    std::vector<double> table(11, 100.0);
    table[3] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(PowerCurve::make(table));
    table[3] = -1.0;
    EXPECT_FALSE(PowerCurve::make(table));
}

TEST(PowerCurve, CatalogueIsSortedAndValid) {
    const auto catalogue = power_curve_catalogue();
    for (std::size_t i = 0; i < catalogue.size(); ++i) {
        EXPECT_TRUE(PowerCurve::make(catalogue[i].watts)) << catalogue[i].name;
        if (i > 0) {
            EXPECT_LT(catalogue[i - 1].name, catalogue[i].name);
        }
    }
    const auto unknown = find_power_curve("toaster");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("hp-ml110-g4"), std::string::npos) << unknown.error().message;
}

MigrationModel plain_model() {
    MigrationModel model;
    model.bandwidth_bytes_per_s = 100.0 * bytes_per_mib;
    model.dirty_bytes_per_s = 10.0 * bytes_per_mib;
    model.working_set_fraction = 1.0;
    model.downtime_limit_s = 0.3;
    model.fixed_overhead_s = 2.0;
    model.resume_s = 0.05;
    return model;
}

TEST(MigrationModel, FollowsTheRoundsOfTheWorkedExample) {
    const MigrationCost cost = migration_cost(plain_model(), 1000.0 * bytes_per_mib);
    // 1000 MiB in 10 s -> 100 MiB in 1 s -> 10 MiB <= 30 MiB: stop, 0.1 s.
    EXPECT_DOUBLE_EQ(cost.bytes, 1110.0 * bytes_per_mib);
    EXPECT_DOUBLE_EQ(cost.downtime_s, 0.1 + 0.05);
    EXPECT_DOUBLE_EQ(cost.duration_s, 10.0 + 1.0 + 0.15 + 2.0);
}

TEST(MigrationModel, AGuestThatOutrunsTheLinkEndsAtTheRoundLimitWithItsWorkingSetAsDowntime) {
    MigrationModel model = plain_model();
    model.dirty_bytes_per_s = 200.0 * bytes_per_mib;
    model.working_set_fraction = 0.5;
    model.rounds_max = 5;
    const MigrationCost cost = migration_cost(model, 1000.0 * bytes_per_mib);
    // 1000, then four rounds of 500, then 500 stopped: 5 s of downtime.
    EXPECT_DOUBLE_EQ(cost.bytes, (1000.0 + 4 * 500.0 + 500.0) * bytes_per_mib);
    EXPECT_DOUBLE_EQ(cost.downtime_s, 5.0 + 0.05);
}

}  // namespace
}  // namespace ballast
