// SPDX-License-Identifier: Apache-2.0
// Disjoint sets of 0 … n-1, with path halving; the root of a set is its smallest member.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace ballast {

class DisjointSets {
  public:
    explicit DisjointSets(std::size_t count) : parent_(count) {
        std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    }
    [[nodiscard]] std::size_t root(std::size_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void join(std::size_t a, std::size_t b) {
        const std::size_t root_a = root(a);
        const std::size_t root_b = root(b);
        parent_[std::max(root_a, root_b)] = std::min(root_a, root_b);
    }

  private:
    std::vector<std::size_t> parent_;
};

}  // namespace ballast
