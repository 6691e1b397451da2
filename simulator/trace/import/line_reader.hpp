// SPDX-License-Identifier: Apache-2.0
// The lines of a text file, plain or gzip, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

class LineReader {
  public:
    static constexpr std::size_t line_bytes_max = 64 * 1024;

    // Errors: usage, the file cannot be opened.
    [[nodiscard]] static Result<LineReader> open(const std::string& path);
    // The lines of `text`; `name` for error messages.
    [[nodiscard]] static LineReader over(std::string text, std::string name);
    LineReader(LineReader&&) noexcept;
    LineReader& operator=(LineReader&&) noexcept;
    ~LineReader();

    // The next line without its end ("\n" or "\r\n") and without a byte order mark of UTF-8, valid until the next call;
    // false after the last one. A last line needs no end. Errors: usage, "FILE:LINE: reason": damaged or truncated gzip
    // data, a line that is too long, binary data.
    [[nodiscard]] Result<bool> next(std::string_view& line);
    // "FILE:LINE: reason" about the line that next() returned last.
    [[nodiscard]] tl::unexpected<Error> bad(std::string_view reason) const;
    // Calls `report` now and then with the bytes of the file, as it lies on disk, that have been used so far.
    void report_to(std::function<void(std::uint64_t bytes_used)> report);

  private:
    struct Impl;
    explicit LineReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
