// SPDX-License-Identifier: Apache-2.0
// VMs and hosts of the plain implementation.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "simulator/cloudsim/options.hpp"

namespace ballast::plain {

// What a VM or a host was at the end of an update. A record of the same time replaces the last one.
struct VmRecord {
    double time_s, allocated, requested;
    bool migrating;
};
struct HostRecord {
    double time_s;
    bool active, violating;
};

struct Vm {
    std::size_t id = 0;
    cloudsim::VmType type;
    double request = 0.0;         // MIPS, as of its last update
    std::vector<double> history;  // CPU use at the decisions, newest first
    double last_sample_s = 0.0;
    bool migrating = false;
    bool gone = false;
    std::size_t host = 0;
    std::vector<VmRecord> records;
};

struct Demand {
    const Vm* vm;
    double mips;
};

struct Host {
    std::size_t id = 0;
    cloudsim::HostType type;
    std::vector<Vm*> vms;             // in the order they came, those on their way here too
    std::set<const Vm*> out;          // flagged as moving out
    std::set<const Vm*> in;           // flagged as moving in
    std::vector<Demand> requested;    // in the order of the requests
    std::vector<double> allocated;    // as `requested`
    double available = 0.0;           // MIPS
    double used_mips = 0.0;           // as of the last update
    double previous_used_mips = 0.0;  // … and of the one before
    std::vector<HostRecord> records;

    [[nodiscard]] double total_mips() const { return type.cores * type.mips_per_core; }
    [[nodiscard]] double utilisation() const { return utilisation_of(used_mips); }
    [[nodiscard]] double previous_utilisation() const { return utilisation_of(previous_used_mips); }
    // Watts at a utilisation in [0, 1].
    [[nodiscard]] double power(double utilisation) const;
    [[nodiscard]] double allocated_to(const Vm& vm) const;
    // What its VMs are given together; a VM on its way here counts in full.
    [[nodiscard]] double sum_allocated() const;
    [[nodiscard]] double sum_requested() const;
    [[nodiscard]] double free_memory_mb() const;
    [[nodiscard]] double free_bandwidth() const;
    [[nodiscard]] bool suits(double mips) const { return type.mips_per_core >= mips && available >= mips; }

    // Lists the VM last and gives it CPU; takes it off the list and gives the others what they get without it.
    void add(Vm& vm, double mips);
    void remove(Vm& vm);

    void allocate(const Vm& vm, double mips);
    void release(const Vm& vm);
    // All requests anew, in list order, and what they come to. The VMs' own requests are set by the caller.
    void update(double time_s, const cloudsim::Quirks& quirks);

  private:
    [[nodiscard]] double utilisation_of(double mips) const;
    void give(std::size_t position);
    void redistribute();
    void record(double time_s, bool violating);
};

}  // namespace ballast::plain
