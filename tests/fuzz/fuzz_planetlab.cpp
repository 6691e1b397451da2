// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simulator/trace/planetlab.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto samples = ballast::parse_planetlab_file(text, "fuzz");
    if (samples && samples->size() != ballast::planetlab_samples) __builtin_trap();
    return 0;
}
