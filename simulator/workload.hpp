// SPDX-License-Identifier: Apache-2.0
// What a replay runs on: hosts, VM sizes, models and limits, failures, and the initial placement. Plain options; the
// defaults are the hosts and VM sizes of CloudSim's PlanetLab examples (Beloglazov & Buyya 2012). What each means for
// the figures, and how it differs from CloudSim: docs/simulator-semantics.md.
//
// Unlike there, memory is real: a VM occupies its configured memory on its host all day, and on both hosts while it
// migrates. With the defaults a host holds two to four VMs, so memory, not CPU, limits how far VMs can be packed.
// A VM may use any part of its host's CPU capacity: core counts only multiply out to that capacity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/host.hpp"
#include "core/models/migration_model.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "simulator/faults.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

// Equal hosts, named PREFIX followed by a number from 1.
struct HostGroup {
    std::size_t count = 1;
    std::string name_prefix = "host-";
    std::uint32_t cores = 1;
    double mhz_per_core = 0.0;
    double memory_bytes = 0.0;
    double reserve_mhz = 0.0;  // kept for the host itself, not given to VMs
    double reserve_memory_bytes = 0.0;
    double network_bytes_per_s = 0.0;  // of the VMs, both directions added; 0 = not measured, never binds
    double disk_bytes_per_s = 0.0;     // reads and writes added; likewise
    std::optional<HostPower> power;    // absent = no energy figures, and the hosts stay on
    // What a host's link gives to all its migrations together; 0 = the bandwidth of one (SimulationOptions::truth).
    double migration_bytes_per_s = 0.0;
    FailureRate failures;
};

// A failure that is to happen, the host by name.
struct PlannedFailure {
    std::string host;
    double at_s = 0.0;  // since the begin of the trace
    double repair_s = 0.0;
};

struct VmType {
    std::string name;
    double mhz_per_vcpu = 0.0;  // a trace sample is a percentage of vcpus * mhz_per_vcpu
    double memory_bytes = 0.0;
    std::uint32_t vcpus = 1;
};

enum class HostOrder : std::uint8_t {
    grouped,      // one group after the other
    interleaved,  // one host of each group in turn, until the groups run out
};

enum class VmTypeAssignment : std::uint8_t {
    blocks,       // VM i of n has type i / ceil(n / types): equal contiguous blocks, the last may be shorter
    round_robin,  // VM i has type i mod types
};

struct SimulationOptions {
    // If given: hosts, their state, definitions and placement of VMs, and rules are those of this snapshot, and the
    // replay begins at its time (recorded_cluster.hpp). `hosts` and `host_order` mean nothing then, `vm_types` only for
    // VMs that it does not know.
    std::shared_ptr<const Snapshot> cluster;
    std::vector<HostGroup> hosts;  // empty = default_hosts()
    HostOrder host_order = HostOrder::interleaved;
    std::vector<VmType> vm_types;  // empty = default_vm_types(); what a trace says of its VMs goes before
    VmTypeAssignment vm_type_assignment = VmTypeAssignment::blocks;
    // Initial placement: the sum of the VMs' configured MHz on a host may be this many times its usable CPU. A VM that
    // starts later needs its configured MHz divided by this, beside what the host is asked for at that moment.
    double cpu_overcommit = 1.0;

    MigrationModel truth;   // what a migration costs in the simulation
    MigrationModel belief;  // what the policy is told it costs
    // Share of the VM's demand that copying costs while it migrates: on the source it is taken from what the VM gets,
    // on the destination it comes on top. 10 % is Beloglazov & Buyya's figure.
    double migration_cpu_fraction = 0.1;
    // What sending costs beyond the CPU above, half of it on either host: 0 = nothing.
    double migration_joules_per_byte = 0.0;
    std::size_t migrations_per_host_max = 2;  // at a time, arriving and leaving together
    std::size_t history_samples = 30;         // how many past samples of a VM the policy sees

    std::vector<PlannedFailure> failures;  // besides those that the groups' failure rates draw
    std::uint64_t failure_seed = 1;        // of the drawn ones
    double restart_delay_s = 120.0;        // from a host's failure until its VMs can start elsewhere
    // Every host's clock is off by a fixed time within +- this, so that what policies see is not of one instant
    // (host_clocks.hpp); at most half of the trace's interval.
    double clock_offset_s = 0.0;
    std::uint64_t clock_seed = 1;  // of these times

    std::uint64_t seed = 1;  // of the policy's random numbers
};

// 400 HP ProLiant ML110 G4 (2 x 1860 MHz) and 400 G5 (2 x 2660 MHz), 4 GiB each; sleep figures are HostPower's.
[[nodiscard]] std::vector<HostGroup> default_hosts();
// 2500, 2000, 1000 and 500 MHz with 870, 1740, 1740 and 613 MiB, one virtual CPU each.
[[nodiscard]] std::vector<VmType> default_vm_types();

// By how much the configured MHz of the VMs on a host may exceed its CPU where VMs are placed. On a real cluster what
// counts there is memory: its operator placed VMs on it in his own way.
[[nodiscard]] inline double placement_overcommit(const SimulationOptions& options) {
    return options.cluster ? 1e9 : options.cpu_overcommit;
}

// What a replay starts from.
struct Workload {
    std::shared_ptr<const Inventory> inventory;  // all hosts, and every VM of the recording whenever it lives
    std::vector<HostId> host_of;                 // by VM, at the start; none = it does not live in the first interval
    std::vector<double> configured_mhz;          // by VM: what 100 % is
    std::vector<double> link_bytes_per_s;        // by host: what it gives to all its migrations together
    std::vector<HostFailure> failures;           // in order of time
    // Of a replay on a snapshot, otherwise empty and 1970:
    std::vector<HostState> host_states;  // by host: as it was seen
    std::vector<RuleSpec> rules;         // as written
    std::set<std::string> known_vms;     // whom rules may name
    double start_unix_s = 0.0;
};

// All hosts are on; VMs that `options.cluster` shows on a host start there. The other VMs that live in the first
// interval are placed by first-fit decreasing: in order of decreasing memory, then decreasing configured MHz, then id,
// each on the first host (in id order) whose free memory and free configured MHz (see cpu_overcommit) hold it. O((hosts
// + VMs) log) for few VM sizes; see FirstFit. Errors: usage, one line, for options or a trace that make no sense, for
// VMs that fit nowhere at the start, and for later ones that would not fit on any host even if it were empty.
[[nodiscard]] Result<Workload> make_workload(const TraceInfo& trace, const SimulationOptions& options);

}  // namespace ballast
