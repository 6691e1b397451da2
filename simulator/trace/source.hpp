// SPDX-License-Identifier: Apache-2.0
// Recorded load as the replay reads it: one interval after the other, so that memory does not grow with the length of
// the recording. A sample holds for the whole interval that it begins.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace ballast {

// What a recording may carry beside CPU, one sample per VM and interval:
//   memory   in use, in percent of the VM's configured memory, 0 to 100
//   network  bytes per second, both directions added
//   disk_io  bytes per second, reads and writes added
// 0 where the VM does not live or was not sampled.
enum class TraceColumn : std::uint8_t { memory, network, disk_io };

inline constexpr std::array<TraceColumn, 3> trace_columns = {TraceColumn::memory, TraceColumn::network,
                                                             TraceColumn::disk_io};

// One value per column.
template <typename T>
class ByColumn {
  public:
    [[nodiscard]] T& operator[](TraceColumn c) { return values_[static_cast<std::size_t>(c)]; }
    [[nodiscard]] const T& operator[](TraceColumn c) const { return values_[static_cast<std::size_t>(c)]; }

  private:
    std::array<T, trace_columns.size()> values_{};
};

// What a recording says about one VM. 0 = not recorded: the VM type of the hosts file decides.
struct TraceVm {
    std::string name;
    std::size_t first_interval = 0;  // it lives in [first, end)
    std::size_t end_interval = std::numeric_limits<std::size_t>::max();
    std::uint32_t vcpus = 0;
    double cpu_mhz = 0.0;  // what 100 % is
    double memory_bytes = 0.0;
};

struct TraceInfo {
    std::string name;  // of the recording, for tables and results
    double interval_s = 0.0;
    std::size_t interval_count = 0;
    std::vector<TraceVm> vms;
    ByColumn<bool> recorded;  // CPU always is
};

class TraceSource {
  public:
    virtual ~TraceSource() = default;
    [[nodiscard]] virtual const TraceInfo& info() const = 0;
    // CPU use of every VM in percent of what it was given, 0 to 100, in VM order; 0 where it does not live or was not
    // sampled. `percent` has one element per VM. Reading intervals in ascending order is fast; any order works.
    // Errors: usage, one line, where the recording turns out to be damaged. Not thread-safe.
    [[nodiscard]] virtual Status read_cpu_percent(std::size_t interval, std::span<float> percent) = 0;
    // The same for a column that is recorded (checked); what is not asked for is not read.
    [[nodiscard]] virtual Status read_column(std::size_t interval, TraceColumn column, std::span<float> values);
};

}  // namespace ballast
