// SPDX-License-Identifier: Apache-2.0
// Watts from the kernel's RAPL energy counters, as the powercap tree has them (/sys/class/powercap of Linux; its files
// are described in the kernel's Documentation/power/powercap). A platform zone ("psys") covers the others and is taken
// alone; without one the packages and their memory ("dram") are added. RAPL sees processors and memory only: the rest
// of the machine is the operator's to add.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/result.hpp"

namespace ballast {

class RaplMeter {
  public:
    // `path`: the tree, such as /sys/class/powercap.
    explicit RaplMeter(std::string path) : path_(std::move(path)) {}

    // The mean watts since the call before; nothing at the first. A counter that has gone back has wrapped at its
    // max_energy_range_uj. Errors, one line: the tree is not there, has no zone that counts, or is not readable.
    [[nodiscard]] Result<std::optional<double>> watts(double monotonic_s);

  private:
    struct Counter {
        double joules = 0.0;
        double range_joules = 0.0;  // where it begins anew
    };
    using Counters = std::map<std::string, Counter, std::less<>>;  // by zone, "intel-rapl:0"

    [[nodiscard]] Result<Counters> read() const;

    std::string path_;
    Counters last_;
    double last_s_ = 0.0;
};

}  // namespace ballast
