// SPDX-License-Identifier: Apache-2.0
// What a kilowatt-hour costs.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

struct Tariff {
    std::string currency;  // as people write it: "EUR", "€"
    double price_per_kwh = 0.0;

    [[nodiscard]] double cost(double energy_kwh) const { return energy_kwh * price_per_kwh; }
};

// "0.32 EUR": a price, 0 to 1e9 with a decimal point, and a currency of up to 16 bytes without blanks or control
// characters. Errors: usage, one line.
[[nodiscard]] Result<Tariff> parse_tariff(std::string_view text);

}  // namespace ballast
