// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/toml/config.hpp"
#include "scheduler/policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(ballast::parse_config(text, "fuzz.toml"));
    static_cast<void>(ballast::make_policy(text));
    return 0;
}
