// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/csv_fields.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace ballast {

namespace {

tl::unexpected<Error> bad(const char* reason) { return fail(ErrorKind::usage, reason); }

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Two or four digits at `position`.
std::optional<int> digits(std::string_view text, std::size_t position, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(position, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

}  // namespace

Status CsvFields::split(std::string_view line, char separator) {
    size_ = 0;
    for (std::size_t at = 0;;) {
        if (size_ == fields_max) return bad("more than 64 fields");
        while (at < line.size() && is_blank(line[at]) && line[at] != separator) ++at;
        std::size_t stop = 0;
        if (at < line.size() && line[at] == '"') {
            std::size_t close = line.find('"', at + 1);
            while (close != std::string_view::npos && close + 1 < line.size() && line[close + 1] == '"') {
                close = line.find('"', close + 2);
            }
            if (close == std::string_view::npos) return bad("a quote is not closed");
            stop = std::min(line.find(separator, close), line.size());
            if (!trim(line.substr(close + 1, stop - close - 1)).empty()) return bad("text after a closing quote");
            fields_[size_++] = line.substr(at + 1, close - at - 1);
        } else {
            stop = std::min(line.find(separator, at), line.size());
            fields_[size_++] = trim(line.substr(at, stop - at));
        }
        if (stop == line.size()) return {};
        at = stop + 1;
    }
}

std::optional<std::size_t> CsvFields::find(std::string_view name) const {
    for (std::size_t i = 0; i < size_; ++i) {
        if (std::ranges::equal(fields_[i], name, [](char a, char b) { return lower(a) == lower(b); })) return i;
    }
    return std::nullopt;
}

std::optional<double> to_number(std::string_view field, bool decimal_comma) {
    std::array<char, 40> buffer{};
    if (decimal_comma && field.find(',') != std::string_view::npos) {
        if (field.size() > buffer.size()) return std::nullopt;
        std::ranges::replace_copy(field, buffer.begin(), ',', '.');
        field = std::string_view(buffer.data(), field.size());
    }
    if (field.starts_with('+')) field.remove_prefix(1);
    double value = 0.0;
    const char* end = field.data() + field.size();
    const auto [stop, error] = std::from_chars(field.data(), end, value);
    if (field.empty() || error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<double> to_date(std::string_view field) {
    if (field.ends_with('Z')) field.remove_suffix(1);
    if (field.size() != 19) return std::nullopt;
    const bool german = field[2] == '.';
    const auto is = [&](std::size_t at, char c) { return field[at] == c; };
    if (german ? !(is(2, '.') && is(5, '.') && is(10, ' '))
               : !(is(4, '-') && is(7, '-') && (is(10, ' ') || is(10, 'T')))) {
        return std::nullopt;
    }
    if (!is(13, ':') || !is(16, ':')) return std::nullopt;
    const auto year = digits(field, german ? 6 : 0, 4);
    const auto month = digits(field, german ? 3 : 5, 2);
    const auto day = digits(field, german ? 0 : 8, 2);
    const auto hour = digits(field, 11, 2);
    const auto minute = digits(field, 14, 2);
    const auto second = digits(field, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return static_cast<double>(days) * 86'400.0 + *hour * 3600.0 + *minute * 60.0 + *second;
}

std::string in_quotes(std::string_view field) {
    constexpr std::size_t shown_max = 24;
    std::string text(field.substr(0, shown_max));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
    return "\"" + text + (field.size() > shown_max ? "…\"" : "\"");
}

}  // namespace ballast
