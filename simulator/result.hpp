// SPDX-License-Identifier: Apache-2.0
// The figures of one run, and how they are written. The JSON keys are a contract: keys are added, never renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "simulator/observers/sla.hpp"

namespace ballast {

// Everything but wall_s and peak_rss_bytes is the same, byte for byte, for the same trace, policy, options and seed.
struct SimulationResult {
    std::string trace;
    std::string policy;                                        // its name; "none" without a policy
    std::vector<std::pair<std::string, std::string>> options;  // the policy's, all of them, in its own order
    std::uint64_t seed = 0;
    std::size_t hosts = 0;
    std::size_t vms = 0;
    std::size_t intervals = 0;
    double energy_kwh = 0.0;           // of all hosts that have a power model (observers/energy.hpp)
    std::size_t migrations = 0;        // started
    SlaFigures sla;                    // fractions (observers/sla.hpp)
    std::size_t host_shutdowns = 0;    // hosts sent to sleep
    std::size_t host_starts = 0;       // hosts woken up
    double migration_bytes = 0.0;      // sent by the migrations that ended
    double downtime_s = 0.0;           // guests paused, in the migrations that ended
    double contention_vm_hours = 0.0;  // VMs wanting CPU on a host that was asked for more than it could give
    double wall_s = 0.0;               // what the run took; not deterministic
    std::uint64_t peak_rss_bytes = 0;  // the process's peak so far; not deterministic

    [[nodiscard]] double esv() const { return energy_kwh * sla.slav; }  // kWh: energy weighted with violations
};

// {"runs":[…]}, one line; numbers with the shortest digits that read back as the same double. Option values that are
// numbers are written as numbers.
[[nodiscard]] std::string to_json(std::span<const SimulationResult> runs);

// One row per run, aligned columns with units, for people. Ends with a newline.
[[nodiscard]] std::string to_table(std::span<const SimulationResult> runs);

}  // namespace ballast
