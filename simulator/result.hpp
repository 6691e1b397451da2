// SPDX-License-Identifier: Apache-2.0
// The figures of one run, and how they are written. The JSON keys are a contract: keys are added, never renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/cloudsim/figures.hpp"
#include "simulator/observers/sla.hpp"
#include "simulator/tariff.hpp"

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
    double energy_kwh = 0.0;     // of all hosts that have a power model (observers/energy.hpp)
    std::size_t migrations = 0;  // started
    SlaFigures sla;              // fractions (observers/sla.hpp)
    std::string worst_host;      // overloaded for the longest time, the first of equals; empty: none was
    double worst_host_overloaded_s = 0.0;
    std::size_t host_shutdowns = 0;    // hosts sent to sleep
    std::size_t host_starts = 0;       // hosts woken up, or booted after a repair
    double migration_bytes = 0.0;      // sent by the migrations that ended
    double downtime_s = 0.0;           // guests paused, in the migrations that ended
    double contention_vm_hours = 0.0;  // VMs wanting CPU on a host that was asked for more than it could give
    // The same for network and disk I/O, and what VMs asked for and lost to each other (observers/counters.hpp).
    double network_contention_vm_hours = 0.0;
    double network_lost_bytes = 0.0;
    double disk_contention_vm_hours = 0.0;
    double disk_lost_bytes = 0.0;
    double cpu_ready_s = 0.0;            // CPU ready time of all VMs (observers/counters.hpp)
    double cpu_ready_vm_max_s = 0.0;     // of the VM that waited longest
    double migration_s = 0.0;            // duration of the migrations that ended, added up
    std::size_t migrations_aborted = 0;  // by a host's failure or because the VM left
    std::size_t migrations_back = 0;     // to a host the VM had left within the hour before (observers/returns.hpp)
    std::size_t vm_arrivals = 0;         // this and the following: observers/population.hpp
    std::size_t vm_departures = 0;
    std::size_t vms_waited = 0;
    double vm_waiting_s = 0.0;
    std::size_t host_failures = 0;
    std::size_t vm_restarts = 0;
    double failure_downtime_s = 0.0;            // VMs down after their host failed; not part of downtime_s
    std::optional<cloudsim::Figures> cloudsim;  // of a run in the reference world
    double wall_s = 0.0;                        // what the run took; not deterministic
    std::uint64_t peak_rss_bytes = 0;           // the process's peak so far; not deterministic

    [[nodiscard]] double esv() const { return energy_kwh * sla.slav; }  // kWh: energy weighted with violations
};

// Splits "spread:enter=0.8,exit=0.65" into the result's policy and options.
void name_policy(std::string_view specification, SimulationResult& result);

// The greatest amount of memory this process has had so far, or 0 if the system does not say.
[[nodiscard]] std::uint64_t peak_rss_bytes();

// {"runs":[…]}, one line; numbers with the shortest digits that read back as the same double. Option values that are
// numbers are written as numbers.
[[nodiscard]] std::string to_json(std::span<const SimulationResult> runs);

// One row per run, aligned columns with units, for people; with a tariff also the cost. Ends with a newline.
[[nodiscard]] std::string to_table(std::span<const SimulationResult> runs, const std::optional<Tariff>& tariff = {});

}  // namespace ballast
