// SPDX-License-Identifier: Apache-2.0
#include "simulator/report/html.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace ballast {

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

std::string grouped(double value, int digits) {
    std::array<char, 400> buffer{};  // the largest double has 309 digits before the point
    std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, std::fabs(value));
    std::string text = buffer.data();
    const bool is_zero = text.find_first_not_of("0.") == std::string::npos;
    std::size_t end = std::min(text.find('.'), text.size());
    if (!std::isfinite(value)) end = 0;
    while (end > 3) {
        end -= 3;
        text.insert(end, ",");
    }
    return value < 0.0 && !is_zero ? "\u2212" + text : text;
}

}  // namespace ballast
