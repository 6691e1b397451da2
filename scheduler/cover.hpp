// SPDX-License-Identifier: Apache-2.0
// Which VMs of a hot host should move? Those that take off enough and cost the least memory to migrate: a covering
// knapsack. NP-hard in general, so this is the classic two-candidate heuristic:
//   greedy   take the items by relief per byte, best first, until covered; then drop what turned out unnecessary,
//            heaviest first;
//   single   the lightest item that covers the excess alone;
// and the lighter of the two. If one item covers the excess, the answer is at most as heavy as the best single item;
// the greedy part is within one item of the fractional optimum (Dantzig, "Discrete-variable extremum problems",
// Operations Research 5(2), 1957).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ballast {

struct CoverItem {
    double relief = 0.0;  // positive; in the unit of the excess
    double bytes = 0.0;   // positive; what moving it costs
};

// Indices of the chosen items, most relief first, ties by index. All of them if they cannot cover `excess` together.
// O(n log n).
[[nodiscard]] std::vector<std::size_t> choose_cover(std::span<const CoverItem> items, double excess);

}  // namespace ballast
