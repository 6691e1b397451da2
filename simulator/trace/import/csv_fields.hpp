// SPDX-License-Identifier: Apache-2.0
// Fields of a CSV line, and the numbers and times in them. Pure; nothing in a line is trusted.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

class CsvFields {
  public:
    static constexpr std::size_t fields_max = 64;

    // Splits `line`, which must outlive the fields. Blanks and tabs around a field are dropped, and the quotes of a
    // field in quotes, in which the separator is an ordinary character; a doubled quote stays doubled. Errors: usage,
    // the reason alone: more than 64 fields, text before or after quotes, a quote that is not closed.
    [[nodiscard]] Status split(std::string_view line, char separator);
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::string_view operator[](std::size_t field) const { return fields_[field]; }
    // The first field that reads `name`, in any case; nothing if there is none.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  private:
    std::array<std::string_view, fields_max> fields_;
    std::size_t size_ = 0;
};

// A finite number that takes all of `field`; "3,5" counts as 3.5 where `decimal_comma`.
[[nodiscard]] std::optional<double> to_number(std::string_view field, bool decimal_comma = false);
// Seconds since 1970 of "DD.MM.YYYY HH:MM:SS" or "YYYY-MM-DD HH:MM:SS" (or with a T between, or a Z at the end), read
// as UTC.
[[nodiscard]] std::optional<double> to_date(std::string_view field);
// For error messages: at most 24 bytes of `field` in quotes, without control characters.
[[nodiscard]] std::string in_quotes(std::string_view field);

}  // namespace ballast
