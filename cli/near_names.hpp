// SPDX-License-Identifier: Apache-2.0
// Whom a misspelt name may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ballast {

// Up to `count_max` of `names`, nearest first, ties in their order: those that contain `wanted` or are at most a third
// of its length (at least two letters) of insertions, deletions and replacements away from it (Levenshtein, 1966).
// O(letters of all names * letters of `wanted`).
[[nodiscard]] std::vector<std::string> near_names(std::string_view wanted, const std::vector<std::string>& names,
                                                  std::size_t count_max = 3);

}  // namespace ballast
