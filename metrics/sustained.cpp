// SPDX-License-Identifier: Apache-2.0
#include "metrics/sustained.hpp"

#include <algorithm>

namespace ballast {

std::optional<double> Sustained::least() const {
    const bool all =
        std::all_of(samples_.begin(), samples_.end(), [](const auto& sample) { return sample.has_value(); });
    return all ? *std::min_element(samples_.begin(), samples_.end()) : std::nullopt;
}

}  // namespace ballast
