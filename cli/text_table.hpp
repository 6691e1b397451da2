// SPDX-License-Identifier: Apache-2.0
// Aligned columns for people: a header, rows, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace ballast {

enum class Align { left, right };

class TextTable {
  public:
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
    // As many cells as columns.
    void add_row(std::vector<std::string> cells);
    // Lines with two spaces between columns, each ended by a newline. Width counts UTF-8 characters, not bytes.
    [[nodiscard]] std::string render() const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// `value` with `decimals` digits after the point; "-" if it is not a number.
[[nodiscard]] std::string fixed(double value, int decimals);
// 0.923 -> "92 %"
[[nodiscard]] std::string percent(double fraction);
// 1536 MiB -> "1.5 GiB": binary prefixes, three significant digits.
[[nodiscard]] std::string bytes_in_words(double bytes);
// "2026-11-27 14:05:00", in the time zone of this machine.
[[nodiscard]] std::string local_time(double unix_time_s);

}  // namespace ballast
