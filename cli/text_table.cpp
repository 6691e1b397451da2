// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "core/check.hpp"

namespace ballast {

namespace {

std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

void TextTable::add_row(std::vector<std::string> cells) {
    BALLAST_CHECK(cells.size() == columns_.size(), "a table row has one cell per column");
    rows_.push_back(std::move(cells));
}

std::string TextTable::render() const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t width = width_of(columns_[c].title);
        for (const auto& row : rows_) width = std::max(width, width_of(row[c]));
        widths.push_back(width);
    }
    const auto line = [&](const auto& cell_of) {
        std::string text;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const std::string& cell = cell_of(c);
            const std::string padding(widths[c] - width_of(cell), ' ');
            text += columns_[c].align == Align::right ? padding + cell : cell + padding;
            text += "  ";
        }
        text.erase(text.find_last_not_of(' ') + 1);
        return text + "\n";
    };
    std::string text = line([&](std::size_t c) -> const std::string& { return columns_[c].title; });
    for (const auto& row : rows_) text += line([&](std::size_t c) -> const std::string& { return row[c]; });
    return text;
}

std::string fixed(double value, int decimals) {
    return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : std::string("-");
}

std::string percent(double fraction) { return fixed(fraction * 100.0, 0) + " %"; }

std::string bytes_in_words(double bytes) {
    if (!std::isfinite(bytes)) return "-";
    constexpr std::array<const char*, 6> units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    while (bytes >= 1024.0 && unit + 1 < units.size()) {
        bytes /= 1024.0;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 100.0 ? 0 : 1, units[unit]);
}

std::string local_time(double unix_time_s) {
    const auto seconds = static_cast<std::time_t>(unix_time_s);
    std::tm parts{};
    localtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%F %T", &parts);
    return text.data();
}

}  // namespace ballast
