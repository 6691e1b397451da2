// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cover.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.hpp"

namespace ballast::test {
namespace {

using Chosen = std::vector<std::size_t>;

TEST(Cover, TakesTheBestReliefPerByte) {
    // 30/10 = 3 per byte, 30/30 = 1, 30/20 = 1.5; 50 needed: items 0 and 2
    const std::vector<CoverItem> items = {{30, 10}, {30, 30}, {30, 20}};
    EXPECT_EQ(choose_cover(items, 50.0), (Chosen{0, 2}));
}

TEST(Cover, PrefersOneItemThatIsLighter) {
    // by ratio: 1 (10/1), then 0 (100/20) -> 1 is dropped again; 2 alone (100/30) is heavier
    const std::vector<CoverItem> items = {{100, 20}, {10, 1}, {100, 30}};
    EXPECT_EQ(choose_cover(items, 95.0), (Chosen{0}));
    // by ratio: 40/10, 40/10, 40/10 = 30 bytes; item 3 alone covers 100 for 29 bytes
    const std::vector<CoverItem> small = {{40, 10}, {40, 10}, {40, 10}, {100, 29}};
    EXPECT_EQ(choose_cover(small, 100.0), (Chosen{3}));
}

TEST(Cover, DropsWhatTurnsOutUnnecessary) {
    // by ratio 5/1, 20/5 = 4, 60/20 = 3: all three are taken for 60, then 60 alone is enough
    const std::vector<CoverItem> items = {{5, 1}, {20, 5}, {60, 20}};
    EXPECT_EQ(choose_cover(items, 60.0), (Chosen{2}));
}

TEST(Cover, TakesEverythingIfNothingCovers) {
    const std::vector<CoverItem> items = {{5, 1}, {20, 5}};
    EXPECT_EQ(choose_cover(items, 1000.0), (Chosen{1, 0}));
    EXPECT_TRUE(choose_cover({}, 1.0).empty());
}

// Against the optimum by enumeration: never worse than the lightest single item, and within one item of the optimum.
TEST(Cover, IsCloseToTheOptimum) {
    Rng rng(7);
    double total = 0.0;
    double total_best = 0.0;
    for (int round = 0; round < 300; ++round) {
        std::vector<CoverItem> items(8);
        for (CoverItem& item : items) {
            const auto relief = static_cast<double>(1 + rng.below(50));
            const auto bytes = static_cast<double>(1 + rng.below(50));
            item = {relief, bytes};
        }
        const double excess = 60.0;
        double best = std::numeric_limits<double>::infinity();
        for (unsigned set = 0; set < 256; ++set) {
            double relief = 0.0;
            double bytes = 0.0;
            for (std::size_t i = 0; i < 8; ++i) {
                if ((set >> i & 1U) == 0) continue;
                relief += items[i].relief;
                bytes += items[i].bytes;
            }
            if (relief >= excess) best = std::min(best, bytes);
        }
        if (best == std::numeric_limits<double>::infinity()) continue;
        double relief = 0.0;
        double bytes = 0.0;
        for (const std::size_t i : choose_cover(items, excess)) {
            relief += items[i].relief;
            bytes += items[i].bytes;
        }
        EXPECT_GE(relief, excess);
        EXPECT_LE(bytes, best + 50.0);
        total += bytes;
        total_best += best;
    }
    EXPECT_LT(total, 1.15 * total_best);
}

}  // namespace
}  // namespace ballast::test
