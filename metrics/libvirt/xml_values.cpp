// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/xml_values.hpp"

#include <charconv>
#include <cmath>
#include <string>

namespace ballast {

std::optional<std::uint64_t> parse_count(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> parse_memory_bytes(std::string_view number, std::string_view unit) {
    const auto count = parse_count(number);
    if (!count || *count == 0) return std::nullopt;
    const double value = static_cast<double>(*count);
    if (unit.empty()) return value * 1024.0;
    if (unit == "b" || unit == "bytes") return value;
    const std::size_t power = std::string_view("KMGTPE").find(unit.front() == 'k' ? 'K' : unit.front());
    if (power == std::string_view::npos) return std::nullopt;
    const std::string_view rest = unit.substr(1);
    const double exponent = static_cast<double>(power + 1);
    if (rest == "B") return value * std::pow(1000.0, exponent);
    if (rest.empty() || rest == "iB") return value * std::exp2(10.0 * exponent);
    return std::nullopt;
}

}  // namespace ballast
