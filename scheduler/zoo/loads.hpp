// SPDX-License-Identifier: Apache-2.0
// The load that a policy of the zoo sees: what VMs and hosts use, over windows of its own, in the working placement.
// It decides what the policy wants. Whether a wish may come true is asked of Feasibility, on what VMs need now.
#pragma once

#include <cstddef>
#include <vector>

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "core/ids.hpp"

namespace ballast::zoo {

// By VM: the mean CPU in MHz over the newest samples that make up `window_s`, over those that are not missing; the
// present demand if there is none or the window is 0 s. O(VMs * samples).
[[nodiscard]] std::vector<double> mean_mhz(const Cluster& cluster, const History& history, double window_s);

// By host: CPU in MHz `age` samples back, with the VMs that are on it now and its present overhead. A missing sample
// counts as the VM's present demand. O(hosts + VMs).
[[nodiscard]] std::vector<double> past_mhz(const Cluster& cluster, const History& history, std::size_t age);

class Loads {
  public:
    // `vm_mhz`: what a VM counts, by VM. A host counts its overhead and its VMs. Refers to `cluster` while it lives.
    Loads(const Cluster& cluster, std::vector<double> vm_mhz);

    [[nodiscard]] double cpu_mhz(VmId vm) const { return vm_mhz_[vm.index()]; }
    [[nodiscard]] double cpu_mhz(HostId host) const { return hosts_[host.index()].cpu_mhz; }
    // Memory in use; the configured memory where it is not known.
    [[nodiscard]] double memory_bytes(VmId vm) const;
    [[nodiscard]] double memory_bytes(HostId host) const { return hosts_[host.index()].memory_bytes; }
    // Fractions of what is usable.
    [[nodiscard]] double cpu(HostId host) const { return cpu_mhz(host) / cluster_.usable(host).cpu_mhz(); }
    [[nodiscard]] double memory(HostId host) const { return memory_bytes(host) / cluster_.usable(host).memory_bytes(); }

    // O(1).
    void move(VmId vm, HostId from, HostId to);
    // Takes the last move back, to the last bit. O(1).
    void undo();

  private:
    struct Use {
        double cpu_mhz = 0.0;
        double memory_bytes = 0.0;
    };
    struct Record {
        HostId from;
        HostId to;
        Use used_from;
        Use used_to;
    };

    const Cluster& cluster_;
    std::vector<double> vm_mhz_;
    std::vector<Use> hosts_;
    std::vector<Record> records_;
};

}  // namespace ballast::zoo
