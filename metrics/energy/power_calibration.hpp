// SPDX-License-Identifier: Apache-2.0
// Fits a host's power table to what is measured, while it runs.
//
//   watts(u) = offset + factor * table(u)
//
// by weighted least squares: a measurement that is `half_life` measurements old counts half. A prior that counts as
// much as one measurement at 0 % and one at 100 % CPU, both as the table has them, keeps the fit sane while the load
// hardly varies; the factor is never negative (a host does not draw less when it works more). The shape of the table is
// kept: what a few measurements at one load say nothing about, it says.
//
// Worked example: table 100 W idle to 200 W peak, measured are 120 W at 0 % and 240 W at 100 %, each very often:
//   offset 0, factor 1.2.
#pragma once

#include <cstddef>
#include <optional>

#include "core/models/power_curve.hpp"

namespace ballast {

struct PowerFit {
    PowerCurve curve;
    double rms_error_watts = 0.0;  // root of the weighted mean square of what the fit leaves
    std::size_t samples = 0;       // measurements so far
};

class PowerCalibration {
  public:
    static constexpr std::size_t samples_min = 12;  // before a fit is shown
    static constexpr double half_life = 720.0;      // measurements: two hours, if one comes every 10 s

    explicit PowerCalibration(const PowerCurve& table) : table_(table) {}

    [[nodiscard]] const PowerCurve& table() const { return table_; }

    // One measurement of the host while it was on: CPU utilisation (clamped to 0 … 1) and watts. Values that are not
    // finite, and negative watts, are ignored. O(1).
    void measured(double utilisation, double watts);

    // The fit; nothing before samples_min measurements. O(1).
    [[nodiscard]] std::optional<PowerFit> fit() const;

  private:
    PowerCurve table_;
    std::size_t samples_ = 0;
    // Weighted sums over measurements, x = table watts, y = measured watts.
    double n_ = 0.0, x_ = 0.0, y_ = 0.0, xx_ = 0.0, xy_ = 0.0, yy_ = 0.0;
};

}  // namespace ballast
