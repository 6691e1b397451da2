// SPDX-License-Identifier: Apache-2.0
// Host power as a function of CPU utilisation: the eleven points of a SPECpower_ssj2008 result, linear in between.
//
// Worked example, HP ProLiant ML110 G4 (86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117 W):
//   0 % -> 86 W;  15 % -> 89.4 + 0.5 * (92.6 - 89.4) = 91 W;  100 % -> 117 W.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

class PowerCurve {
  public:
    static constexpr std::size_t points = 11;  // 0 %, 10 %, … 100 %

    // `watts`: consumption at 0 %, 10 %, … 100 % CPU utilisation; finite, not negative, not all zero.
    [[nodiscard]] static Result<PowerCurve> make(std::span<const double> watts);

    // Watts at `utilisation`, a fraction; values outside [0, 1] are clamped (a contended host draws full power).
    [[nodiscard]] double watts(double utilisation) const;
    [[nodiscard]] double idle_watts() const { return watts_.front(); }
    [[nodiscard]] double peak_watts() const { return watts_.back(); }
    [[nodiscard]] std::span<const double, points> table() const { return watts_; }

    friend bool operator==(const PowerCurve&, const PowerCurve&) = default;

  private:
    std::array<double, points> watts_{};
};

struct NamedPowerCurve {
    std::string_view name;    // key in configuration, e.g. "hp-ml110-g4"
    std::string_view server;  // the machine that was measured
    std::string_view source;  // SPECpower_ssj2008 result id
    std::array<double, PowerCurve::points> watts;
};

// The built-in tables, sorted by name. Each was published as a SPECpower_ssj2008 result; `source` names it.
[[nodiscard]] std::span<const NamedPowerCurve> power_curve_catalogue();

// The built-in table called `name`, or a usage error that lists the known names.
[[nodiscard]] Result<PowerCurve> find_power_curve(std::string_view name);

}  // namespace ballast
