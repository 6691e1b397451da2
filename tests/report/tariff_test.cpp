// SPDX-License-Identifier: Apache-2.0
#include "simulator/tariff.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

TEST(Tariff, IsAPriceAndACurrency) {
    for (const char* text : {"0.32 EUR", "  0.32EUR ", "0.32   EUR", "3.2e-1 EUR"}) {
        const Tariff tariff = test::value(parse_tariff(text));
        EXPECT_DOUBLE_EQ(tariff.price_per_kwh, 0.32) << text;
        EXPECT_EQ(tariff.currency, "EUR") << text;
    }
    EXPECT_EQ(test::value(parse_tariff("25 ¢")).currency, "¢");
    EXPECT_DOUBLE_EQ(test::value(parse_tariff("0 EUR")).price_per_kwh, 0.0);
    EXPECT_DOUBLE_EQ(test::value(parse_tariff("0.25 EUR")).cost(120.0), 30.0);
}

TEST(Tariff, SaysInOneLineWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "does not begin with a price"},
        {"EUR 0.32", "does not begin with a price"},
        {"nan EUR", "begin with a price"},
        {"inf EUR", "begin with a price"},
        {"1e999 EUR", "begin with a price"},
        {"-0.1 EUR", "not between 0 and 1e9"},
        {"2e9 EUR", "not between 0 and 1e9"},
        {"0,32 EUR", "decimal point"},
        {"0.32", "currency is missing"},
        {"0.32 EUR per kWh", "one word"},
        {"0.32 E\nR", "one word"},
        {"0.32 ABCDEFGHIJKLMNOPQ", "at most 16 bytes"},
        {"0.32 \t", "one word"},
    };
    for (const auto& [text, message] : cases) {
        const Result<Tariff> tariff = parse_tariff(text);
        ASSERT_FALSE(tariff) << text;
        EXPECT_EQ(tariff.error().kind, ErrorKind::usage);
        EXPECT_NE(tariff.error().message.find(message), std::string::npos) << tariff.error().message;
        EXPECT_EQ(tariff.error().message.find_first_of("\n\t"), std::string::npos) << tariff.error().message;
    }
}

}  // namespace
}  // namespace ballast
