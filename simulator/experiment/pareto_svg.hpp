// SPDX-License-Identifier: Apache-2.0
// The picture of an experiment: energy against violations, one panel per trace, with its Pareto front.
#pragma once

#include <string>

#include "simulator/experiment/merge.hpp"

namespace ballast {

// A self-contained SVG document (no script, no network). Points of the front are filled and named; bars are the 95 %
// confidence intervals; every point says its policy and figures in its tooltip.
[[nodiscard]] std::string to_svg(const Merged& merged);

// The same picture in an HTML page.
[[nodiscard]] std::string to_html(const Merged& merged);

}  // namespace ballast
