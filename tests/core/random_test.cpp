// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ballast {
namespace {

TEST(Rng, IsTheSameEverywhere) {
    // SplitMix64 seeds from 0: E220A8397B1DCDAF 6E789E6AA1B965F4 06C45D188009454F F88BB8A8724C81EC;
    // first output rotl(s1 * 5, 7) * 9 of xoshiro256**.
    Rng rng(0);
    EXPECT_EQ(rng.next(), 0x99EC'5F36'CB75'F2B4U);
    EXPECT_EQ(rng.next(), 0xBF6E'1F78'4956'452AU);
}

TEST(Rng, BelowIsInRangeAndRoughlyEven) {
    Rng rng(42);
    std::array<int, 7> count{};
    for (int i = 0; i < 70'000; ++i) ++count.at(rng.below(7));
    for (const int c : count) EXPECT_NEAR(c, 10'000, 400);  // 4 standard deviations of sqrt(70000 * 6/49) = 93
}

TEST(Rng, UniformIsBelowOne) {
    Rng rng(1);
    double sum = 0.0;
    for (int i = 0; i < 10'000; ++i) {
        const double u = rng.uniform();
        ASSERT_GE(u, 0.0);
        ASSERT_LT(u, 1.0);
        sum += u;
    }
    EXPECT_NEAR(sum / 10'000, 0.5, 0.012);
}

}  // namespace
}  // namespace ballast
