// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/csv_fields.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ballast {
namespace {

// Fields joined by '|', or "! REASON".
std::string split(std::string_view line, char separator = ',') {
    CsvFields fields;
    if (const Status ok = fields.split(line, separator); !ok) return "! " + ok.error().message;
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) text += (i > 0 ? "|" : "") + std::string(fields[i]);
    return text;
}

TEST(CsvFields, Split) {
    EXPECT_EQ(split("a,b,c"), "a|b|c");
    EXPECT_EQ(split(""), "");
    EXPECT_EQ(split(",,"), "||");
    EXPECT_EQ(split(" a ,\tb c\t,"), "a|b c|");
    EXPECT_EQ(split("1;\t2;\t3", ';'), "1|2|3");
    EXPECT_EQ(split("a\t\tb", '\t'), "a||b");
}

TEST(CsvFields, Quotes) {
    EXPECT_EQ(split("\"a,b\", \"c\" ,\"\""), "a,b|c|");
    EXPECT_EQ(split("\"say \"\"yes\"\", please\",x"), "say \"\"yes\"\", please|x");
    EXPECT_EQ(split("\"a"), "! a quote is not closed");
    EXPECT_EQ(split("\"a\"b,c"), "! text after a closing quote");
    EXPECT_EQ(split("a\"b,c"), "a\"b|c");
}

TEST(CsvFields, AtMost64) {
    EXPECT_EQ(split(std::string(63, ',')).size(), 63U);
    EXPECT_EQ(split(std::string(64, ',')), "! more than 64 fields");
}

TEST(CsvFields, FindsNamesInAnyCase) {
    CsvFields fields;
    ASSERT_TRUE(fields.split("Timestamp [ms];CPU usage [%]", ';').has_value());
    EXPECT_EQ(fields.find("cpu USAGE [%]"), 1U);
    EXPECT_FALSE(fields.find("CPU usage").has_value());
}

TEST(CsvFields, Numbers) {
    EXPECT_EQ(to_number("12.5"), 12.5);
    EXPECT_EQ(to_number("-3"), -3.0);
    EXPECT_EQ(to_number("+3e2"), 300.0);
    EXPECT_EQ(to_number("1,25", true), 1.25);
    for (const char* bad : {"", "x", "1x", " 1", "1,25", "nan", "inf", "1e999", "0x10", "1.2.3"}) {
        EXPECT_FALSE(to_number(bad).has_value()) << bad;
    }
    EXPECT_FALSE(to_number("1,2,3", true).has_value());
    EXPECT_FALSE(to_number(std::string(100, ','), true).has_value());
}

TEST(CsvFields, Dates) {
    EXPECT_EQ(to_date("1970-01-02 00:00:01"), 86'401.0);
    EXPECT_EQ(to_date("02.01.1970 00:00:01"), 86'401.0);
    EXPECT_EQ(to_date("2024-02-29T23:59:59Z"), 1709251199.0);
    EXPECT_EQ(to_date("04.11.2015 20:25:28"), 1446668728.0);
    for (const char* bad :
         {"", "2023-02-29 00:00:00", "2024-01-01 24:00:00", "2024-01-01 00:60:00", "2024/01/01 00:00:00",
          "32.01.2024 00:00:00", "1.1.2024 00:00:00", "2024-01-01", "xxxx-01-01 00:00:00"}) {
        EXPECT_FALSE(to_date(bad).has_value()) << bad;
    }
}

TEST(CsvFields, QuotesForMessagesAreOneShortLine) {
    EXPECT_EQ(in_quotes("a\nb"), "\"a?b\"");
    EXPECT_EQ(in_quotes(std::string(100, 'x')), "\"" + std::string(24, 'x') + "…\"");
}

}  // namespace
}  // namespace ballast
