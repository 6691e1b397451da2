// SPDX-License-Identifier: Apache-2.0
// The estimators of the plain implementation.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace ballast::plain {

[[nodiscard]] double interquartile_range(std::vector<double> values);
[[nodiscard]] double median_absolute_deviation(std::vector<double> values);
// Of the least-squares line through (1, y[0]), (2, y[1]) … at `x`.
[[nodiscard]] double line_at(const std::vector<double>& y, double x);
// The same with tricube weights; `robust`: fitted once more with the bisquare weights of the residuals.
[[nodiscard]] double weighted_line_at(const std::vector<double>& y, double x, bool robust);
// 1 - RSS / TSS of `y` on `others` and a constant; nothing if the design is singular.
[[nodiscard]] std::optional<double> r_squared(const std::vector<double>& y,
                                              const std::vector<std::vector<double>>& others);

[[nodiscard]] double mean(const std::vector<double>& values);
[[nodiscard]] double stdev(const std::vector<double>& values);  // of a sample

}  // namespace ballast::plain
