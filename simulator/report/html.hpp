// SPDX-License-Identifier: Apache-2.0
// Text and numbers for HTML.
#pragma once

#include <string>
#include <string_view>

namespace ballast {

// For element content and quoted attributes.
[[nodiscard]] std::string escape_html(std::string_view text);

// 1234.5678, 2 -> "1,234.57". A minus is U+2212.
[[nodiscard]] std::string grouped(double value, int digits);

}  // namespace ballast
