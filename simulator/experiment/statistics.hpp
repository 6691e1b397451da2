// SPDX-License-Identifier: Apache-2.0
// Mean and confidence interval of a handful of runs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace ballast {

// t such that a Student-t variable with `degrees` (1 or more) degrees of freedom lies in [-t, t] with the given
// probability, in (0, 1). Exact to about 1e-12 relative: the closed form of the distribution for whole degrees of
// freedom, Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4, inverted by bisection.
// O(degrees).
[[nodiscard]] double student_t(std::size_t degrees, double probability);

struct Estimate {
    std::size_t count = 0;
    double mean = 0.0;
    // Half the width of the 95 % confidence interval of the mean, t(n - 1) s / sqrt(n) with the sample's standard
    // deviation s (n - 1 in the denominator). Nothing for a single value.
    std::optional<double> half_width;
};

// `values` must not be empty.
[[nodiscard]] Estimate estimate(std::span<const double> values);

}  // namespace ballast
