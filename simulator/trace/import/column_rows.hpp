// SPDX-License-Identifier: Apache-2.0
// One column of a trace in the making: samples of some intervals in any order become rows of codes, one per VM.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "simulator/trace/source.hpp"

namespace ballast {

inline constexpr std::int64_t bucket_intervals = 24;  // that are put in order at a time

// The rows of one column, made of the samples of one bucket at a time. `Sum` holds 65535 times the largest sample.
template <typename Sum>
class ColumnRows {
  public:
    ColumnRows(std::size_t vms, std::size_t hold_max)
        : hold_max_(hold_max),
          sums_(vms * bucket_intervals),
          weights_(vms * bucket_intervals),
          row_(vms),
          last_(vms, 0),
          held_(vms, 0),
          seen_(vms, false) {}

    void clear() {
        std::ranges::fill(sums_, Sum{0});
        std::ranges::fill(weights_, std::uint16_t{0});
    }

    // False if there are too many samples in one interval.
    bool add(std::size_t in_bucket, std::size_t v, std::uint8_t weight, Sum value) {
        const std::size_t cell = in_bucket * row_.size() + v;
        if (weights_[cell] + weight > std::numeric_limits<std::uint16_t>::max()) return false;
        weights_[cell] = static_cast<std::uint16_t>(weights_[cell] + weight);
        sums_[cell] += weight * value;
        return true;
    }

    // Interval `in_bucket` of the loaded bucket, which is interval `interval` of the trace. `encode` makes a code of
    // a mean; `fallback(v)` is what counts where there is no sample of a VM that lives, if it is above 0.
    template <typename Encode, typename Fallback>
    std::span<const std::uint16_t> make(std::size_t in_bucket, std::size_t interval, const TraceInfo& info,
                                        const Encode& encode, const Fallback& fallback) {
        const std::size_t first = in_bucket * row_.size();
        for (std::size_t v = 0; v < row_.size(); ++v) {
            const bool lives = interval >= info.vms[v].first_interval && interval < info.vms[v].end_interval;
            const std::uint16_t weight = weights_[first + v];
            row_[v] = 0;
            if (weight > 0) {
                row_[v] = last_[v] = encode((sums_[first + v] + weight / 2U) / weight);
                held_[v] = 0;
                seen_[v] = true;
            } else if (lives && fallback(v) > 0) {
                row_[v] = fallback(v);
            } else if (lives && seen_[v] && held_[v] < hold_max_) {
                ++held_[v];
                ++held_count;
                row_[v] = last_[v];
            } else if (lives) {
                ++unsampled_count;
            }
        }
        return row_;
    }

    std::uint64_t held_count = 0;
    std::uint64_t unsampled_count = 0;

  private:
    std::size_t hold_max_;
    std::vector<Sum> sums_;  // of what codes mean, times their weight
    std::vector<std::uint16_t> weights_;
    std::vector<std::uint16_t> row_;
    std::vector<std::uint16_t> last_;
    std::vector<std::size_t> held_;
    std::vector<bool> seen_;
};

}  // namespace ballast
