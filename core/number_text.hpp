// SPDX-License-Identifier: Apache-2.0
// Numbers in sentences.
#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace ballast {

// With so many decimals.
[[nodiscard]] inline std::string number_text(double value, int decimals) {
    std::array<char, 512> buffer{};  // the largest double has 309 digits before the point
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    return std::string(buffer.data(), static_cast<std::size_t>(length));
}

// A fraction, in whole percent.
[[nodiscard]] inline std::string percent_text(double fraction) { return number_text(fraction * 100.0, 0) + " %"; }

}  // namespace ballast
