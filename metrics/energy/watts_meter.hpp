// SPDX-License-Identifier: Apache-2.0
// Measures the watts of one host in the ways that the operator named for it, the best first: a command, a hwmon file,
// the RAPL tree. A way that does not work now is passed over.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "metrics/energy/host_watts.hpp"
#include "metrics/energy/rapl.hpp"

namespace ballast {

struct WattsOptions {
    std::vector<std::string> command;  // prints the watts (parse_watts); empty = not used
    std::string hwmon;                 // file with microwatts: …/hwmon3/power1_input; empty = not used
    std::string powercap;              // RAPL tree as seen from here; empty = not used
    double rest_watts = 0.0;           // added to RAPL: what it does not see (supply, fans, disks)
    double timeout_s = 10.0;           // of the command

    [[nodiscard]] bool any() const { return !command.empty() || !hwmon.empty() || !powercap.empty(); }
};

// Runs a program for at most so many seconds; its output. Error: it failed, one line.
using RunForOutput = std::function<Result<std::string>(const std::vector<std::string>& argv, double timeout_s)>;

class WattsMeter {
  public:
    WattsMeter(WattsOptions options, RunForOutput run);

    // What the host draws now. Nothing if that cannot be known yet (RAPL needs two readings). Error: no way works; one
    // line, of the best way. May take the command's timeout.
    [[nodiscard]] Result<std::optional<HostWatts>> read(double monotonic_s);

  private:
    WattsOptions options_;
    RunForOutput run_;
    RaplMeter rapl_;
};

// The first number on the line "Instantaneous power reading" (`ipmitool dcmi power reading`), or else the only thing in
// the text, a number. Watts, 0 to 1e6. Error: it has none.
[[nodiscard]] Result<double> parse_watts(std::string_view text);

}  // namespace ballast
