// SPDX-License-Identifier: Apache-2.0
// Units: the VMs that a policy moves together or not at all. VMs that share an affinity rule are bound; bindings are
// transitive (a-b and b-c bind a to c). A unit is the part of such a bound set that runs on one host now, so a set that
// is already torn apart makes one unit per host. A VM without affinity is a unit of its own.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"

namespace ballast {

using UnitId = Id<struct UnitTag>;

class AffinityUnits {
  public:
    // O(VMs + members of affinity rules). Refers to nothing of `cluster` afterwards.
    explicit AffinityUnits(const Cluster& cluster);

    // Units are numbered by their first member.
    [[nodiscard]] std::size_t size() const { return first_.size() - 1; }
    [[nodiscard]] UnitId unit_of(VmId vm) const { return unit_of_[vm.index()]; }
    // In id order; never empty. The span lives as long as this object.
    [[nodiscard]] std::span<const VmId> members(UnitId unit) const {
        return std::span(members_).subspan(first_[unit.index()], first_[unit.index() + 1] - first_[unit.index()]);
    }

  private:
    std::vector<UnitId> unit_of_;
    std::vector<VmId> members_;       // grouped by unit
    std::vector<std::size_t> first_;  // size() + 1 offsets into members_
};

// The units that run on `host` in `cluster`, by first member.
[[nodiscard]] std::vector<UnitId> units_on(const Cluster& cluster, const AffinityUnits& units, HostId host);

}  // namespace ballast
