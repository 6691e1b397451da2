// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/power_calibration.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;

// 100 W idle, 200 W at full load, straight.
PowerCurve table() {
    std::array<double, PowerCurve::points> watts{};
    for (std::size_t i = 0; i < watts.size(); ++i) watts[i] = 100.0 + 10.0 * static_cast<double>(i);
    return value(PowerCurve::make(watts));
}

PowerFit fit_of(const PowerCalibration& calibration) {
    const auto fit = calibration.fit();
    EXPECT_TRUE(fit);
    return *fit;
}

TEST(PowerCalibration, SaysNothingBeforeItHasSeenEnough) {
    PowerCalibration calibration(table());
    for (std::size_t i = 1; i < PowerCalibration::samples_min; ++i) calibration.measured(0.5, 150);
    EXPECT_FALSE(calibration.fit());
    calibration.measured(0.5, 150);
    EXPECT_TRUE(calibration.fit());
}

TEST(PowerCalibration, FindsTheHostsOwnIdleAndPeak) {
    PowerCalibration calibration(table());
    // The host draws 60 + 0.9 * table: 150 W idle, 240 W at full load.
    for (int i = 0; i < 2000; ++i) {
        const double u = static_cast<double>(i % 11) / 10.0;
        calibration.measured(u, 60.0 + 0.9 * (100.0 + 100.0 * u));
    }
    const PowerFit fit = fit_of(calibration);
    EXPECT_NEAR(fit.curve.idle_watts(), 150.0, 0.5);
    EXPECT_NEAR(fit.curve.peak_watts(), 240.0, 0.5);
    EXPECT_LT(fit.rms_error_watts, 0.5);
    EXPECT_EQ(fit.samples, 2000U);
}

TEST(PowerCalibration, ReportsTheErrorThatNoFitRemoves) {
    PowerCalibration calibration(table());
    for (int i = 0; i < 2000; ++i) {  // 6 W above and below the table, in turn, at each of two loads
        const double u = i % 4 < 2 ? 0.0 : 1.0;
        calibration.measured(u, 100.0 + 100.0 * u + (i % 2 == 0 ? 6.0 : -6.0));
    }
    EXPECT_NEAR(fit_of(calibration).rms_error_watts, 6.0, 0.1);
}

TEST(PowerCalibration, KeepsTheTablesShapeWhileTheLoadIsSteady) {
    PowerCalibration calibration(table());
    for (int i = 0; i < 2000; ++i) calibration.measured(0.5, 180);  // the table says 150 W
    const PowerFit fit = fit_of(calibration);
    EXPECT_NEAR(fit.curve.watts(0.5), 180.0, 0.5);
    EXPECT_GT(fit.curve.peak_watts(), fit.curve.idle_watts() + 80.0);
}

TEST(PowerCalibration, ForgetsWhatIsLongAgo) {
    PowerCalibration calibration(table());
    for (int i = 0; i < 3000; ++i) calibration.measured(i % 2, 100.0 + 100.0 * (i % 2));
    for (int i = 0; i < 8 * 720; ++i) calibration.measured(i % 2, 200.0 + 100.0 * (i % 2));
    EXPECT_NEAR(fit_of(calibration).curve.idle_watts(), 200.0, 1.5);
}

TEST(PowerCalibration, NeverFallsWithTheLoadAndIsNeverNegative) {
    PowerCalibration falls(table());
    for (int i = 0; i < 500; ++i) falls.measured(i % 2, i % 2 == 0 ? 200.0 : 100.0);
    EXPECT_NEAR(fit_of(falls).curve.idle_watts(), fit_of(falls).curve.peak_watts(), 1e-9);
    PowerCalibration steep(table());
    for (int i = 0; i < 5000; ++i) steep.measured(i % 2, i % 2 == 0 ? 0.0 : 1000.0);
    EXPECT_GE(fit_of(steep).curve.idle_watts(), 0.0);
}

TEST(PowerCalibration, ATableWithoutDynamicPartIsMovedUpAndDown) {
    std::array<double, PowerCurve::points> flat{};
    flat.fill(100.0);
    PowerCalibration calibration(value(PowerCurve::make(flat)));
    for (int i = 0; i < 5000; ++i) calibration.measured(0.3, 120.0);
    EXPECT_NEAR(fit_of(calibration).curve.idle_watts(), 120.0, 0.5);
}

TEST(PowerCalibration, IgnoresWhatIsNoMeasurement) {
    PowerCalibration calibration(table());
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (int i = 0; i < 100; ++i) {
        calibration.measured(nan, 150);
        calibration.measured(0.5, nan);
        calibration.measured(0.5, -1);
    }
    EXPECT_FALSE(calibration.fit());
}

}  // namespace
}  // namespace ballast
