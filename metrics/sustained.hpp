// SPDX-License-Identifier: Apache-2.0
// What a measured quantity never fell below over the last intervals.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace ballast {

class Sustained {
  public:
    // Of so many intervals, at least one.
    explicit Sustained(std::size_t intervals) : samples_(intervals) {}

    // What the next interval brought; nothing if it was not measured.
    void add(std::optional<double> sample) {
        samples_[next_] = sample;
        next_ = (next_ + 1) % samples_.size();
    }
    // Nothing unless each of the intervals was measured. O(intervals).
    [[nodiscard]] std::optional<double> least() const;

  private:
    std::vector<std::optional<double>> samples_;  // ring
    std::size_t next_ = 0;
};

}  // namespace ballast
