// SPDX-License-Identifier: Apache-2.0
// The standard deviation (of the population) of a set of values, and what it would be if two of them changed. O(1).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ballast::zoo {

class Deviation {
  public:
    struct Change {
        double before;
        double after;
    };

    void add(double value) {
        ++count_;
        sum_ += value;
        squares_ += value * value;
    }
    void apply(const Change& change) {
        sum_ += change.after - change.before;
        squares_ += change.after * change.after - change.before * change.before;
    }

    // 0 without values.
    [[nodiscard]] double mean() const { return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_); }
    [[nodiscard]] double deviation() const {
        if (count_ == 0) return 0.0;
        return std::sqrt(std::max(0.0, squares_ / static_cast<double>(count_) - mean() * mean()));
    }
    // Deviation over mean; 0 if the mean is.
    [[nodiscard]] double coefficient_of_variation() const { return mean() > 0.0 ? deviation() / mean() : 0.0; }

    [[nodiscard]] Deviation with(const Change& a, const Change& b) const {
        Deviation result = *this;
        result.apply(a);
        result.apply(b);
        return result;
    }

  private:
    std::size_t count_ = 0;
    double sum_ = 0.0;
    double squares_ = 0.0;
};

}  // namespace ballast::zoo
