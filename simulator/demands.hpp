// SPDX-License-Identifier: Apache-2.0
// What VMs ask for in one interval, and how it is read from a recording.
#pragma once

#include <cstddef>
#include <vector>

#include "core/ids.hpp"
#include "core/resources.hpp"
#include "core/result.hpp"
#include "simulator/trace/source.hpp"
#include "simulator/workload.hpp"

namespace ballast {

// By VM. What the recording does not have is empty: then all of a VM's memory is in use, and no network or disk I/O.
struct Demands {
    std::vector<double> cpu_mhz;
    std::vector<double> memory_bytes;  // in use; at most the configured memory
    std::vector<double> network_bytes_per_s;
    std::vector<double> disk_bytes_per_s;

    // Of a VM with this configured memory.
    [[nodiscard]] ResourceVector of(VmId vm, double configured_memory_bytes) const {
        const auto at = [&](const std::vector<double>& column, double otherwise) {
            return column.empty() ? otherwise : column[vm.index()];
        };
        return {cpu_mhz[vm.index()], at(memory_bytes, configured_memory_bytes), at(network_bytes_per_s, 0.0),
                at(disk_bytes_per_s, 0.0)};
    }
};

class DemandReader {
  public:
    // `start` as made for this trace, which must outlive the reader.
    DemandReader(TraceSource& trace, const Workload& start);

    // Errors: usage, one line, if the recording turns out to be damaged. O(VMs); columns that are not recorded cost
    // nothing.
    [[nodiscard]] Status read(std::size_t interval, Demands& demands);

  private:
    [[nodiscard]] Status read_percent_of(const std::vector<double>& whole, const char* what, std::size_t interval,
                                         std::vector<double>& demands);
    [[nodiscard]] Status read_rates(TraceColumn column, std::size_t interval, std::vector<double>& demands);
    // What is wrong with the first sample that is not between 0 and `max`.
    [[nodiscard]] tl::unexpected<Error> bad(const char* what, float max, std::size_t interval) const;

    TraceSource* trace_;
    std::vector<double> configured_mhz_;  // by VM
    std::vector<double> memory_bytes_;    // by VM, configured; empty if its use is not recorded
    std::vector<float> samples_;          // of one column
};

}  // namespace ballast
