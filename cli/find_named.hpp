// SPDX-License-Identifier: Apache-2.0
// VMs and hosts by the names that a person gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"

namespace ballast {

struct Named {
    std::vector<VmId> vms;
    std::vector<HostId> hosts;
};

// A name may be both a VM's and a host's: then it is both. Errors: usage, for a name that nobody has; it tells near
// names or, if there are none, `who_names_all` ("`ballast explain --all`").
[[nodiscard]] Result<Named> find_named(const std::vector<std::string>& names, const Inventory& inventory,
                                       std::string_view who_names_all);

}  // namespace ballast
