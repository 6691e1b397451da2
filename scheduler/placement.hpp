// SPDX-License-Identifier: Apache-2.0
// The working placement of a policy: who is where and what each host carries, changed one move at a time and changed
// back exactly. The Cluster it was made from stays as it is; only what differs from it is kept, a decision moves few.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/resources.hpp"
#include "scheduler/load_window.hpp"

namespace ballast {

class Placement {
  public:
    // What a move overwrote, so that undo() restores the sums to the last bit.
    struct Record {
        VmId vm;
        HostId from;
        HostId to;
        ResourceVector used_from;
        ResourceVector used_to;
    };

    // VMs take their footprints. O(hosts). Refers to `cluster` while it lives.
    explicit Placement(const Cluster& cluster);
    // VMs take their footprints with the CPU that `window` plans them with. O(hosts). Refers to both while it lives.
    // `weights`: of the utilisation of each resource where hosts are compared.
    Placement(const Cluster& cluster, const LoadWindow& window, const ResourceVector& weights = {1.0, 1.0, 1.0, 1.0});

    [[nodiscard]] std::size_t host_count() const { return used_.size(); }
    [[nodiscard]] HostId host_of(VmId vm) const {
        const auto moved = moved_.find(vm.index());
        return moved == moved_.end() ? cluster_.state(vm).host : moved->second;
    }
    // Whether it is elsewhere than in the cluster.
    [[nodiscard]] bool moved(VmId vm) const { return moved_.count(vm.index()) > 0; }
    // What a VM takes of a host in this planning.
    [[nodiscard]] ResourceVector need(VmId vm) const;
    // Overhead of the host plus the needs of the VMs on it.
    [[nodiscard]] const ResourceVector& used(HostId host) const { return used_[host.index()]; }
    // Capacity after the host's reserve.
    [[nodiscard]] const ResourceVector& usable(HostId host) const { return cluster_.usable(host); }
    [[nodiscard]] std::size_t vm_count(HostId host) const { return vm_count_[host.index()]; }
    // Sum of the virtual CPUs on the host.
    [[nodiscard]] std::uint64_t vcpus(HostId host) const { return vcpus_[host.index()]; }
    // Used over usable, a fraction; 0 for a resource that is not measured on this host.
    [[nodiscard]] double utilisation(HostId host, Resource resource) const;
    // By what hosts are compared: the highest utilisation of any measured resource, each times its weight, if `extra`
    // came on top.
    [[nodiscard]] double peak_utilisation(HostId host, const ResourceVector& extra) const {
        double peak = 0.0;
        for (const Resource r : all_resources) {
            const double capacity = usable(host)[r];
            if (capacity > 0.0) peak = std::max(peak, weights_[r] * ((used(host)[r] + extra[r]) / capacity));
        }
        return peak;
    }

    [[nodiscard]] const ResourceVector& weights() const { return weights_; }

    // O(1). `to` must differ from the VM's present host.
    Record move(VmId vm, HostId to);
    // O(1). Records are undone in the reverse order of their moves.
    void undo(const Record& record);

  private:
    void put(VmId vm, HostId host);
    void recount(VmId vm, HostId from, HostId to);  // what is counted of a VM that went

    const Cluster& cluster_;
    const LoadWindow* window_ = nullptr;  // none = footprints
    ResourceVector weights_{1.0, 1.0, 1.0, 1.0};
    std::unordered_map<std::size_t, HostId> moved_;  // by VM; looked up only, never iterated
    std::vector<ResourceVector> used_;               // by host
    std::vector<std::size_t> vm_count_;              // by host
    std::vector<std::uint64_t> vcpus_;               // by host
};

}  // namespace ballast
