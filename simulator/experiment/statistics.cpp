// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/statistics.hpp"

#include <cmath>
#include <numbers>

#include "core/check.hpp"

namespace ballast {

namespace {

// P(|T| <= t) with t = sqrt(degrees) tan(angle).
double probability_within(double angle, std::size_t degrees) {
    const double sine = std::sin(angle);
    const double cosine = std::cos(angle);
    const bool odd = degrees % 2 == 1;
    // The terms' powers of the cosine grow by two up to degrees - 2; each factor follows from the one before.
    double term = odd ? cosine : 1.0;
    double sum = 0.0;
    for (std::size_t power = odd ? 1 : 0; power + 2 <= degrees; power += 2) {
        sum += term;
        const auto p = static_cast<double>(power);
        term *= cosine * cosine * (p + 1.0) / (p + 2.0);
    }
    return odd ? 2.0 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

double student_t(std::size_t degrees, double probability) {
    BALLAST_CHECK(degrees > 0 && probability > 0.0 && probability < 1.0, "a t quantile needs degrees of freedom");
    double low = 0.0;
    double high = std::numbers::pi / 2.0;
    for (int step = 0; step < 100; ++step) {
        const double middle = (low + high) / 2.0;
        (probability_within(middle, degrees) < probability ? low : high) = middle;
    }
    return std::sqrt(static_cast<double>(degrees)) * std::tan((low + high) / 2.0);
}

Estimate estimate(std::span<const double> values) {
    BALLAST_CHECK(!values.empty(), "a mean needs a value");
    Estimate result;
    result.count = values.size();
    const auto n = static_cast<double>(values.size());
    // From the first value on: equal values have exactly their own mean, and a spread of exactly 0.
    double sum = 0.0;
    for (const double value : values) sum += value - values.front();
    result.mean = values.front() + sum / n;
    if (values.size() == 1) return result;
    double squares = 0.0;
    for (const double value : values) squares += (value - result.mean) * (value - result.mean);
    result.half_width = student_t(values.size() - 1, 0.95) * std::sqrt(squares / (n - 1.0) / n);
    return result;
}

}  // namespace ballast
