// SPDX-License-Identifier: Apache-2.0
// The reference world: CloudSim 3.0.3's power-aware PlanetLab examples (Beloglazov & Buyya, CCPE 24(13), 2012), with
// every quirk of the released code as a switch. With the defaults the figures are CloudSim's, bit for bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/models/power_curve.hpp"

namespace ballast::cloudsim {

struct HostType {
    std::string name;
    std::uint32_t cores = 2;
    double mips_per_core = 0.0;
    double memory_mb = 0.0;
    double bandwidth = 0.0;  // kbit/s; half of it, as MB/s, carries a migration
    std::array<double, PowerCurve::points> watts{};
};

struct VmType {
    double mips = 0.0;  // one core
    double memory_mb = 0.0;
    double bandwidth = 0.0;
};

enum class VmOrder : std::uint8_t {
    upper_cased_name,  // as NTFS lists a folder: behind the figures usually quoted
    name,              // by bytes
    shuffled,          // by the seed: what a file system's hash order amounts to
};

// true = as CloudSim does it. docs/cloudsim.md has the effect of each on the figures.
struct Quirks {
    // A VM that asks for nothing at two samples in a row is destroyed for good.
    bool idle_vms_vanish = true;
    // Memory and bandwidth bind at the first placement only.
    bool memory_ignored_after_start = true;
    // A host that wakes costs nothing until the next update; nor does the first interval.
    bool wake_up_interval_free = true;
    // Switching a host on takes no energy; otherwise `boot_s` at the idle power per start.
    bool switching_is_free = true;
    // The search for hosts to empty includes those that were just filled.
    bool empties_hosts_just_filled = true;
    // Sleeping hosts are targets like any other; otherwise only where no active host takes the VM.
    bool sleeping_hosts_are_targets = true;
    // Nothing after the last decision is accounted.
    bool last_interval_unaccounted = true;
    // A host violates while a VM is on its way to it, and by rounding errors of one unit in the last place.
    bool arrivals_count_as_violation = true;
    // lr: the tricube weights are computed, not applied; lrr: so are the bisquare weights, which makes it lr.
    bool regression_unweighted = true;
};

struct Options {
    std::size_t hosts = 800;
    std::vector<HostType> host_types;  // host i has type i mod types
    std::vector<VmType> vm_types;      // VM i of n has type i / ceil(n / types)
    VmOrder vm_order = VmOrder::upper_cased_name;
    std::size_t history_samples = 30;  // of a VM's CPU use that the detectors see
    double fallback_threshold = 0.7;   // of iqr, mad, lr and lrr while the history is short
    double first_event_s = 0.1;        // decisions happen this long after a sample begins
    double boot_s = 180.0;
    Quirks quirks;
    std::uint64_t seed = 1;  // of the selection rs and of VmOrder::shuffled
};

// The PlanetLab examples: 400 HP ML110 G4 and 400 G5, four VM types.
[[nodiscard]] Options default_options();

}  // namespace ballast::cloudsim
