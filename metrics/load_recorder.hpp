// SPDX-License-Identifier: Apache-2.0
// Writes down what the collectors see, one line per VM and look, so that it can be replayed: a table of text that only
// grows. A crash loses at most the look that was being written.
//
// A sample is the mean over the time since the look before; it is dated to the middle of that time, on a grid of
// intervals that begin at multiples of their length (in Unix time). Looks that drift against the grid may leave an
// interval out; a look that comes in an interval that has one already is left out.
//   Worked example, intervals of 10 s: looks at 20.1, 30.3, 40.6 s are of the intervals that end at 20, 30 and 40 s,
//   and are dated 15, 25 and 35.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "core/snapshot.hpp"

namespace ballast {

class LoadRecorder {
  public:
    // The first line. cpu_mhz_max is what 100 % is: all virtual CPUs busy on the fastest host of the cluster, so that
    // it does not change when the VM moves.
    static constexpr const char* header =
        "time_s,vm,host,cpu_mhz,cpu_mhz_max,vcpus,memory_bytes,memory_used_bytes,network_bytes_per_s,"
        "disk_bytes_per_s\n";

    // Makes `path`, or goes on with it; an unfinished last line is cut off. `interval_s` is positive. Errors: failed,
    // if it cannot be written; usage, if it is another kind of file; refused,
    // if another process records into it.
    [[nodiscard]] static Result<LoadRecorder> open(const std::string& path, double interval_s);
    LoadRecorder(LoadRecorder&& other) noexcept;
    LoadRecorder& operator=(LoadRecorder&&) = delete;
    ~LoadRecorder();

    // Adds every VM that has a fresh sample, unless the interval has a look already; on disk when it returns. Errors:
    // failed.
    [[nodiscard]] Status add(const Snapshot& snapshot);

    [[nodiscard]] std::uint64_t looks() const { return looks_; }  // that had a sample, since open()

  private:
    LoadRecorder(int file, std::string path, double interval_s)
        : file_(file), path_(std::move(path)), interval_s_(interval_s) {}

    int file_;
    std::string path_;
    double interval_s_;
    std::int64_t last_interval_ = INT64_MIN;  // number of the last one
    std::uint64_t looks_ = 0;
};

}  // namespace ballast
