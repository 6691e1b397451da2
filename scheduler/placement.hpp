// SPDX-License-Identifier: Apache-2.0
// The working placement of a policy: a copy of who is where and of what each host carries, that can be changed one move
// at a time and changed back exactly. The Cluster it was made from stays as it is.
#pragma once

#include <cstddef>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/resources.hpp"

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

    // `need` by VM: what each takes of a host in this planning (see LoadWindow::need). O(hosts + VMs). Refers to
    // nothing of `cluster` afterwards.
    Placement(const Cluster& cluster, std::vector<ResourceVector> need);

    [[nodiscard]] std::size_t host_count() const { return used_.size(); }
    [[nodiscard]] HostId host_of(VmId vm) const { return host_of_[vm.index()]; }
    [[nodiscard]] const ResourceVector& need(VmId vm) const { return need_[vm.index()]; }
    // Overhead of the host plus the needs of the VMs on it.
    [[nodiscard]] const ResourceVector& used(HostId host) const { return used_[host.index()]; }
    // Capacity after the host's reserve.
    [[nodiscard]] const ResourceVector& usable(HostId host) const { return usable_[host.index()]; }
    [[nodiscard]] std::size_t vm_count(HostId host) const { return vm_count_[host.index()]; }
    // Used over usable, a fraction; 0 for a resource that is not measured on this host.
    [[nodiscard]] double utilisation(HostId host, Resource resource) const;
    // The highest utilisation of any measured resource if `extra` came on top.
    [[nodiscard]] double peak_utilisation(HostId host, const ResourceVector& extra) const;

    // O(1). `to` must differ from the VM's present host.
    Record move(VmId vm, HostId to);
    // O(1). Records are undone in the reverse order of their moves.
    void undo(const Record& record);

  private:
    std::vector<HostId> host_of_;
    std::vector<ResourceVector> need_;
    std::vector<ResourceVector> used_;
    std::vector<ResourceVector> usable_;
    std::vector<std::size_t> vm_count_;
};

}  // namespace ballast
