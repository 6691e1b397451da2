// SPDX-License-Identifier: Apache-2.0
// A VM's usual week: its mean CPU need in each of the 168 hours, learnt as time passes.
//
// What is expected of an hour is the mean of what the same hour of the week brought (the newest week counts 0.4, the
// one before 0.24, …: exponential smoothing, Brown 1956) and, a third as much, of what the same hour of the other days
// did; where one of them is not known, the other alone. An hour counts from the second after it on: else an unusual day
// would look like a rise or a fall, from the hour that is known already to the one that is not. Between the middles of
// hours it is interpolated. So a day is enough for a first guess, and a week tells weekends from other days.
//   Worked example: 08:00 to 09:00 brought 400 MHz on Monday and 600 on Tuesday. Expected of Wednesday 08:30: the mean
//   of the other days, 500. When that hour brings 800, Wednesday's own is 800, and on the next Wednesday, if nothing
//   else is learnt, (3 * 800 + 500) / 4 = 725 are expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ballast {

class WeekOfLoad {
  public:
    static constexpr std::size_t hours = 168;

    // All that it knows, as it is kept over a restart.
    struct Memory {
        std::vector<float> mean_mhz;  // by hour of the week, NaN = not known; empty = none is
        std::int64_t hour = -1;       // since 1970, of the samples that are being summed up
        double sum_mhz = 0.0;
        double samples = 0.0;
        std::int64_t last_hour = -1;  // the one before, which does not count yet; -1 = none
        double last_mean_mhz = 0.0;
        float deviation_mhz = 0.0F;
        bool judged = false;  // an expectation has met its hour
    };

    WeekOfLoad() = default;
    // `memory` is one that another week had: `hours` means or none, quantities finite and not negative.
    explicit WeekOfLoad(Memory memory) : memory_(std::move(memory)) {}
    [[nodiscard]] const Memory& memory() const { return memory_; }

    // A sample of CPU need, taken at this Unix time. Times go forward. O(1).
    void add(double unix_time_s, double mhz);
    // Nothing, if no day before had this hour. O(1).
    [[nodiscard]] std::optional<double> expected_mhz(double unix_time_s) const;
    // Mean absolute error of what was expected of the hours so far, the newest counting most.
    [[nodiscard]] double deviation_mhz() const { return memory_.deviation_mhz; }
    [[nodiscard]] bool knows_anything() const { return !memory_.mean_mhz.empty(); }
    // Of the newest sample, to the hour.
    [[nodiscard]] double newest_unix_s() const { return static_cast<double>(memory_.hour) * 3600.0; }

  private:
    void close_hour();
    void fold_in(std::int64_t hour, double mean_mhz);
    [[nodiscard]] std::optional<double> expected_of_hour(std::int64_t hour) const;

    Memory memory_;
};

}  // namespace ballast
