// SPDX-License-Identifier: Apache-2.0
// What the objective is counted in: whole millionths of its unit (watts, MHz …), so that sums are exact in any order,
// a difference of two values is what was added in between, and what is undone is as it was.
#pragma once

#include <cstdint>

namespace ballast {

using Cost = std::int64_t;  // less is better

// The nearest whole number of millionths; at most 9e12 units either way (checked).
[[nodiscard]] Cost to_cost(double units);
[[nodiscard]] constexpr double in_units(Cost cost) { return static_cast<double>(cost) / 1e6; }

}  // namespace ballast
