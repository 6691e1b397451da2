// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/window_reader.hpp"

#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::toml_io {

namespace {

// Minutes of "22:00".
std::optional<int> parse_clock(std::string_view text) {
    const auto digit = [&](std::size_t i) { return std::isdigit(static_cast<unsigned char>(text[i])) != 0; };
    if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
    const int hours = (text[0] - '0') * 10 + text[1] - '0';
    const int minutes = (text[3] - '0') * 10 + text[4] - '0';
    if (hours > 23 || minutes > 59) return std::nullopt;
    return hours * 60 + minutes;
}

}  // namespace

WeeklyWindow read_window(TableReader& table) {
    WeeklyWindow window;
    if (table.has("days")) {
        window.days = 0;
        for (const std::string& text : table.texts("days")) {
            const std::optional<int> day = find_weekday(text);
            if (!day) table.error("days", "\"" + text + "\" is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun");
            window.days = static_cast<std::uint8_t>(window.days | (1U << day.value_or(0)));
        }
        if (window.days == 0) table.error("days", "\"days\" must name at least one day");
    }
    if (table.has("between")) {
        const std::vector<std::string> between = table.texts("between");
        const auto opens = between.size() == 2 ? parse_clock(between[0]) : std::nullopt;
        const auto closes = between.size() == 2 ? parse_clock(between[1]) : std::nullopt;
        if (!opens || !closes) table.error("between", "\"between\" must be two times, such as [\"22:00\", \"06:00\"]");
        window.opens_min = opens.value_or(0);
        window.closes_min = closes.value_or(0);
    }
    if (table.has("utc_offset")) {
        const std::string text = table.text("utc_offset");
        const bool sign = !text.empty() && (text[0] == '+' || text[0] == '-');
        const auto offset = sign ? parse_clock(std::string_view(text).substr(1)) : std::nullopt;
        if (!offset) table.error("utc_offset", "\"utc_offset\" must be such as \"+01:00\" or \"-05:30\"");
        window.utc_offset_min = sign && text[0] == '-' ? -offset.value_or(0) : offset.value_or(0);
    }
    return window;
}

}  // namespace ballast::toml_io
