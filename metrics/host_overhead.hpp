// SPDX-License-Identifier: Apache-2.0
// What a host's own processes use of its CPUs: everything that ran, minus the guests.
//
// Worked example, 2000 MHz per CPU: the node was busy 3.0 s in 10 s (0.3 CPUs), its guests' samples add up to 400 MHz
// (0.2 CPUs): overhead (0.3 - 0.2) * 2000 = 200 MHz.
#pragma once

#include <cstdint>
#include <optional>

#include "metrics/host_reading.hpp"
#include "metrics/windows.hpp"

namespace ballast {

// One per host; keeps what the next interval needs.
class HostOverhead {
  public:
    // The overhead in MHz after this reading, whose guests' samples are already in `windows`. It stays what it was
    // (zero at first) for an interval in which it cannot be known: the node's counter is missing or went back, a guest
    // has no sample, or a guest left, whose use could not be told from the host's own.
    double update(const HostReading& reading, double mhz_per_cpu, const DemandWindows& windows);

  private:
    struct Base {
        double at_s = 0.0;
        std::uint64_t busy_ns = 0;
        std::size_t running_guests = 0;
    };
    std::optional<Base> last_;
    double mhz_ = 0.0;
};

}  // namespace ballast
