// SPDX-License-Identifier: Apache-2.0
// Units: the VMs that a policy moves together or not at all. VMs that share an affinity rule are bound; bindings are
// transitive (a-b and b-c bind a to c). A unit is the part of such a bound set that runs on one host now, so a set that
// is already torn apart makes one unit per host. A VM without affinity is a unit of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"

namespace ballast {

using UnitId = Id<struct UnitTag>;

class AffinityUnits {
  public:
    // Which affinity rules bind: soft ones do until they give way.
    enum class Bindings : std::uint8_t { all, hard };

    // O(VMs), or O(1) without affinity rules. Refers to `cluster` while it lives.
    explicit AffinityUnits(const Cluster& cluster, Bindings bindings = Bindings::all);

    // A unit has the number of its first member.
    [[nodiscard]] UnitId unit_of(VmId vm) const { return UnitId(members_with(vm).front().index()); }
    // In id order; never empty. The span lives as long as this object.
    [[nodiscard]] std::span<const VmId> members(UnitId unit) const { return members_with(VmId(unit.index())); }

  private:
    static constexpr std::uint32_t alone = 0xFFFF'FFFFU;

    [[nodiscard]] std::span<const VmId> members_with(VmId vm) const {
        if (group_of_.empty() || group_of_[vm.index()] == alone) return vm_ids_.subspan(vm.index(), 1);
        return groups_[group_of_[vm.index()]];
    }

    std::span<const VmId> vm_ids_;           // of all VMs
    std::vector<std::uint32_t> group_of_;    // by VM: an index into groups_, or `alone`; empty = all are
    std::vector<std::vector<VmId>> groups_;  // the units of bound VMs
};

// The units that run on `host` in `cluster`, by first member.
[[nodiscard]] std::vector<UnitId> units_on(const Cluster& cluster, const AffinityUnits& units, HostId host);

}  // namespace ballast
