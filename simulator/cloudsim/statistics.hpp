// SPDX-License-Identifier: Apache-2.0
// The estimators of the reference, in its order of operations: the figures depend on the last bit.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace ballast::cloudsim {

inline constexpr std::size_t regression_samples = 10;

// Weight of each observation, oldest first.
using RegressionWeights = std::array<double, regression_samples>;

// Value of the least-squares line through (1, y[0]) … (10, y[9]) at `x`; y is oldest first.
[[nodiscard]] double regression_forecast(std::span<const double, regression_samples> y, double x);
// The same with weights. `robust`: one more fit with the bisquare weights of the residuals (Cleveland, JASA 74, 1979).
[[nodiscard]] double weighted_forecast(std::span<const double, regression_samples> y, double x, bool robust);
// The forecast without weights is linear in y: these are the factors, good to about 1e-14.
[[nodiscard]] RegressionWeights forecast_factors(double x);

// Both reorder `values`, of which there must be at least two. O(values).
[[nodiscard]] double interquartile_range(std::span<double> values);
[[nodiscard]] double median_absolute_deviation(std::span<double> values);

// Which of the VMs' histories (all of the same length, newest first) is best explained by the others: the greatest R^2
// of a regression with intercept, by Householder QR; the first on ties. `none` if it cannot be told: fewer than two
// VMs, more VMs than samples, a singular design. O(VMs^3 * samples).
inline constexpr std::size_t none = static_cast<std::size_t>(-1);
[[nodiscard]] std::size_t most_correlated(std::span<const std::span<const double>> histories);

}  // namespace ballast::cloudsim
