// SPDX-License-Identifier: Apache-2.0
// The project's only source of randomness: fixed algorithms, so that a seed means the same bytes everywhere (the
// standard library's distributions are implementation-defined).
// xoshiro256** with SplitMix64 seeding: Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS
// 47(4), 2021.
#pragma once

#include <array>
#include <cstdint>

namespace ballast {

class Rng {
  public:
    explicit Rng(std::uint64_t seed);

    [[nodiscard]] std::uint64_t next();
    [[nodiscard]] double uniform();                          // in [0, 1), 53 random bits
    [[nodiscard]] std::uint64_t below(std::uint64_t limit);  // in [0, limit), unbiased; limit > 0

  private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace ballast
