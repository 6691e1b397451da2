// SPDX-License-Identifier: Apache-2.0
#include "simulator/tariff.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ballast {

namespace {

constexpr double price_max = 1e9;
constexpr std::size_t currency_bytes_max = 16;
constexpr std::size_t shown_bytes_max = 40;

bool is_blank_or_control(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7F'; }

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

tl::unexpected<Error> wrong(std::string_view text, const std::string& what) {
    std::string shown(text.substr(0, shown_bytes_max));
    std::replace_if(shown.begin(), shown.end(), is_blank_or_control, ' ');
    return fail(ErrorKind::usage, "tariff \"" + shown + "\": " + what +
                                      "; give the price of a kWh and its currency, for example \"0.32 EUR\"");
}

}  // namespace

Result<Tariff> parse_tariff(std::string_view text) {
    const std::string_view trimmed = trim(text);
    double price = 0.0;
    const char* end = trimmed.data() + trimmed.size();
    const auto [stop, error] = std::from_chars(trimmed.data(), end, price);
    if (error != std::errc() || !std::isfinite(price)) return wrong(text, "it does not begin with a price");
    if (price < 0.0 || price > price_max) return wrong(text, "the price is not between 0 and 1e9");
    if (stop != end && *stop == ',') return wrong(text, "the price needs a decimal point, not a comma");
    const std::string_view currency = trim(std::string_view(stop, static_cast<std::size_t>(end - stop)));
    if (currency.empty()) return wrong(text, "the currency is missing");
    if (currency.size() > currency_bytes_max || std::any_of(currency.begin(), currency.end(), is_blank_or_control)) {
        return wrong(text, "the currency is not one word of at most 16 bytes");
    }
    return Tariff{std::string(currency), price};
}

}  // namespace ballast
