// SPDX-License-Identifier: Apache-2.0
// Strict reading of TOML: every key is asked for by name, and what nobody asked for is an error with file, line and
// column. The first error of a document is kept; later reads return defaults, so that readers need no error handling
// between keys.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace ballast::toml_io {

class Document;

// One table of a document. Copyable view; the Document must outlive it.
class TableReader {
  public:
    struct Range {
        double min = 0.0;
        double max = std::numeric_limits<double>::infinity();
    };

    // The value of `key`, or `fallback` if the key is absent. A value of another type or out of range is an error.
    [[nodiscard]] std::string text(const char* key, std::string fallback = "");
    [[nodiscard]] bool boolean(const char* key, bool fallback);
    [[nodiscard]] double number(const char* key, double fallback, Range range);
    [[nodiscard]] std::int64_t whole(const char* key, std::int64_t fallback, std::int64_t min, std::int64_t max);
    [[nodiscard]] std::vector<std::string> texts(const char* key);
    // A TOML date and time with its offset from UTC, as Unix time in seconds.
    [[nodiscard]] std::optional<double> time(const char* key);
    [[nodiscard]] std::vector<double> numbers(const char* key);
    // The sub-table, if present; the sub-tables of an array of tables, empty if absent.
    [[nodiscard]] std::optional<TableReader> table(const char* key);
    [[nodiscard]] std::vector<TableReader> tables(const char* key);

    [[nodiscard]] bool has(const char* key);
    // Records an error if the key is there. It is not one of those that the table could have.
    void refuse(const char* key, const std::string& problem);
    // As text(), but the key must be there.
    [[nodiscard]] std::string required_text(const char* key);
    // Records an error at `key` (or at the table, if the key is absent).
    void error(const char* key, const std::string& problem);
    // Every key that was not asked for is an error. To be called when the table has been read.
    void finish();

  private:
    friend class Document;
    struct Impl;
    explicit TableReader(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

class Document {
  public:
    // Parses the file. Errors: it cannot be read, or is not TOML (file:line:column).
    [[nodiscard]] static Result<Document> load(const std::string& path);
    [[nodiscard]] static Result<Document> parse(std::string_view text, const std::string& name);

    [[nodiscard]] TableReader root() const;
    // The first error that any reader of this document met.
    [[nodiscard]] const std::optional<Error>& error() const;

  private:
    friend class TableReader;
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace ballast::toml_io
