// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/power_calibration.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>

namespace ballast {

void PowerCalibration::measured(double utilisation, double watts) {
    if (!std::isfinite(utilisation) || !std::isfinite(watts) || watts < 0.0) return;
    static const double forget = std::exp2(-1.0 / half_life);
    const double x = table_.watts(utilisation);
    for (double* sum : {&n_, &x_, &y_, &xx_, &xy_, &yy_}) *sum *= forget;
    n_ += 1.0;
    x_ += x;
    y_ += watts;
    xx_ += x * x;
    xy_ += x * watts;
    yy_ += watts * watts;
    ++samples_;
}

std::optional<PowerFit> PowerCalibration::fit() const {
    if (samples_ < samples_min) return std::nullopt;
    const double idle = table_.idle_watts();
    const double peak = table_.peak_watts();
    // The normal equations with the two measurements of the prior, (idle, idle) and (peak, peak).
    const double priors = idle * idle + peak * peak;
    Eigen::Matrix2d normal;
    normal << n_ + 2.0, x_ + idle + peak, x_ + idle + peak, xx_ + priors;
    const Eigen::Vector2d right(y_ + idle + peak, xy_ + priors);
    Eigen::Vector2d solution = normal.ldlt().solve(right);
    if (!solution.allFinite() || solution[1] < 0.0) solution = {right[0] / normal(0, 0), 0.0};
    const double offset = solution[0];
    const double factor = solution[1];

    std::array<double, PowerCurve::points> watts{};
    std::transform(table_.table().begin(), table_.table().end(), watts.begin(),
                   [&](double w) { return std::max(offset + factor * w, 0.0); });
    const auto curve = PowerCurve::make(watts);
    if (!curve) return std::nullopt;  // all measured 0 W: a meter that is not connected
    const double square_sum = yy_ + n_ * offset * offset + factor * factor * xx_ + 2.0 * offset * factor * x_ -
                              2.0 * offset * y_ - 2.0 * factor * xy_;
    return PowerFit{*curve, std::sqrt(std::max(square_sum, 0.0) / n_), samples_};
}

}  // namespace ballast
