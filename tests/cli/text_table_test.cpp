// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace ballast {
namespace {

TEST(TextTable, AlignsByCharactersNotBytes) {
    TextTable table({{"NAME"}, {"N", Align::right}, {"NOTE"}});
    table.add_row({"bär", "7", ""});
    table.add_row({"x", "1234", "end"});
    EXPECT_EQ(table.render(),
              "NAME     N  NOTE\n"
              "bär      7\n"
              "x     1234  end\n");
}

TEST(TextTable, NumbersInWords) {
    EXPECT_EQ(fixed(1.25, 1), "1.2");
    EXPECT_EQ(fixed(std::numeric_limits<double>::quiet_NaN(), 1), "-");
    EXPECT_EQ(percent(0.923), "92 %");
    EXPECT_EQ(bytes_in_words(1536.0 * 1024 * 1024), "1.5 GiB");
    EXPECT_EQ(bytes_in_words(96.0 * 1024 * 1024), "96.0 MiB");
    EXPECT_EQ(bytes_in_words(12), "12 B");
}

}  // namespace
}  // namespace ballast
