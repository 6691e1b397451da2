// SPDX-License-Identifier: Apache-2.0
// The figures of a run as the reference counts them: from the state at every update to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "simulator/cloudsim/datacenter.hpp"
#include "simulator/cloudsim/figures.hpp"

namespace ballast::cloudsim {

class Accounting {
  public:
    explicit Accounting(const Datacenter& datacenter);

    // The state of all hosts and VMs at `time_s` is final: nothing more happens before the next update.
    void close_moment(double time_s);
    void add_energy(double joules) { joules_ += joules; }
    // `vm` went after the last moment was closed: what it had until now still counts.
    void count_removal(VmIndex vm) { gone_.push_back(vm); }
    void count_migration() { ++migrations_; }
    [[nodiscard]] std::size_t migrations() const { return migrations_; }
    [[nodiscard]] double joules() const { return joules_; }

    // After the last moment was closed. O(moments * hosts).
    [[nodiscard]] Figures figures() const;

  private:
    struct VmSums {
        double requested = 0.0;
        double allocated = 0.0;
        double lost_in_migration = 0.0;
        double contended_s = 0.0;
        double migrating_since_s = 0.0;
        double last_requested = 0.0;
        double last_given = 0.0;
        bool last_migrating = false;
        bool seen = false;
    };
    struct OfVm {
        VmIndex vm;
        double value;
    };

    void close_vm(VmIndex vm, double time_s);
    static std::vector<double> in_vm_order(const std::vector<OfVm>& values, std::size_t vms);
    void count_hosts(Figures& figures) const;
    void count_vms(Figures& figures) const;

    const Datacenter& dc_;
    double joules_ = 0.0;
    std::size_t migrations_ = 0;
    std::vector<double> moments_s_;
    std::vector<std::uint8_t> host_states_;  // moment * hosts: bit 0 active, bit 1 violating
    std::vector<VmSums> vms_;
    std::vector<VmIndex> gone_;
    std::vector<OfVm> shortfalls_;
    std::vector<OfVm> migration_times_s_;
};

}  // namespace ballast::cloudsim
