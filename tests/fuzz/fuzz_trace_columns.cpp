// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/toml/load_queries.hpp"
#include "cli/toml/trace_columns.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto map = ballast::parse_trace_columns(text, "fuzz.toml");
    if (map && !(map->time.given() && map->cpu.given())) __builtin_trap();
    const auto queries = ballast::parse_load_queries(text, "fuzz.toml");
    if (queries && queries->queries.cpu_percent.empty()) __builtin_trap();
    return 0;
}
