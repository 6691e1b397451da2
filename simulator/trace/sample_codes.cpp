// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/sample_codes.hpp"

#include <bit>

namespace ballast::trace_format {

std::uint16_t to_rate_code(double bytes_per_s) {
    if (!(bytes_per_s >= 0.0)) return 0;
    if (bytes_per_s >= static_cast<double>(rate_max)) return 0xFFFF;
    // Of a rate with w bits, w - 12 are dropped. The half added may make it one bit wider, which is the next exponent
    // with the mantissa 0: as a number, the code that follows.
    const auto whole = static_cast<std::uint64_t>(bytes_per_s);
    const auto width = static_cast<unsigned>(std::bit_width(whole));
    const unsigned dropped = width > 12 ? width - 12 : 0;
    const double unit = static_cast<double>(std::uint64_t{1} << dropped);
    const auto kept = static_cast<std::uint64_t>(bytes_per_s / unit + 0.5);
    return static_cast<std::uint16_t>(kept + std::uint64_t{dropped} * 0x800U);
}

}  // namespace ballast::trace_format
