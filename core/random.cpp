// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <bit>

#include "core/check.hpp"

namespace ballast {

Rng::Rng(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {  // SplitMix64
        seed += 0x9E37'79B9'7F4A'7C15U;
        std::uint64_t z = seed;
        z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBU;
        word = z ^ (z >> 31U);
    }
}

std::uint64_t Rng::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5U, 7) * 9U;
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

std::uint64_t Rng::below(std::uint64_t limit) {
    BALLAST_CHECK(limit > 0, "Rng::below needs a positive limit");
    const std::uint64_t reject_below = (0U - limit) % limit;  // 2^64 mod limit
    std::uint64_t draw = next();
    while (draw < reject_below) draw = next();
    return draw % limit;
}

}  // namespace ballast
