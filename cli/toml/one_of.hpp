// SPDX-License-Identifier: Apache-2.0
// Words of which a key takes one.
#pragma once

#include <cstddef>
#include <string>

#include "cli/toml/table_reader.hpp"

namespace ballast::toml_io {

// The one of `values` whose name() is `text`, the value of `key`; else an error that lists them, and the first.
template <typename T, std::size_t N>
T read_one_of(TableReader& table, const char* key, const T (&values)[N], const std::string& text) {
    std::string known;
    for (const T value : values) {
        if (name(value) == text) return value;
        known += (known.empty() ? "" : ", ") + std::string(name(value));
    }
    table.error(key, "unknown " + std::string(key) + " \"" + text + "\"; known: " + known);
    return values[0];
}

}  // namespace ballast::toml_io
