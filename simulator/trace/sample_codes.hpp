// SPDX-License-Identifier: Apache-2.0
// Samples as the 16-bit numbers in which files and imports keep them.
//
//   percent   hundredths ("steps"): 0 to 10,000; off by at most 0.005 %
//   rate      a float of 5 bits of exponent e and 11 of mantissa m, in bytes per second:
//               e = 0   m                        whole numbers up to 2047
//               e > 0   (2048 + m) * 2^(e - 1)   up to 4095 * 2^30 = 4.4e12, off by at most 1/4096
//             Worked example: 10,000 = 2500 * 2^2 has e = 3, m = 452, code 3 * 2048 + 452 = 6596, and is exact;
//             10,001 becomes 10,000.
//
// Larger codes are larger samples, 0 is 0, and what has been decoded is encoded as it was.
#pragma once

#include <cstdint>

#include "simulator/trace/source.hpp"

namespace ballast::trace_format {

inline constexpr std::uint16_t steps_per_percent = 100;
inline constexpr std::uint16_t steps_max = 100 * steps_per_percent;

// The nearest step; the argument is finite, and clamped to 0..100.
[[nodiscard]] inline std::uint16_t to_steps(float percent) {
    const double steps = static_cast<double>(percent) * steps_per_percent + 0.5;
    if (!(steps >= 0.0)) return 0;
    return steps >= steps_max ? steps_max : static_cast<std::uint16_t>(steps);
}
// Exact for whole percents: a division is rounded correctly, a multiplication by 0.01 is not.
[[nodiscard]] inline float to_percent(std::uint16_t steps) {
    return static_cast<float>(steps) / static_cast<float>(steps_per_percent);
}

inline constexpr std::uint64_t rate_max = std::uint64_t{4095} << 30U;

// The nearest rate, the greater one of two that are as near; clamped to 0..rate_max, 0 for what is not a number.
[[nodiscard]] std::uint16_t to_rate_code(double bytes_per_s);
// Whole bytes per second; has at most 12 significant bits, so it is exact as a float.
[[nodiscard]] constexpr std::uint64_t to_rate(std::uint16_t code) {
    const unsigned exponent = code >> 11U;
    const std::uint64_t mantissa = code & 0x7FFU;
    return exponent == 0 ? mantissa : (mantissa + 0x800U) << (exponent - 1U);
}

// The sample of a column, in the column's unit, and back.
[[nodiscard]] inline std::uint16_t to_code(TraceColumn column, float sample) {
    return column == TraceColumn::memory ? to_steps(sample) : to_rate_code(static_cast<double>(sample));
}
[[nodiscard]] inline float to_sample(TraceColumn column, std::uint16_t code) {
    return column == TraceColumn::memory ? to_percent(code) : static_cast<float>(to_rate(code));
}

}  // namespace ballast::trace_format
