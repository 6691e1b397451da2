// SPDX-License-Identifier: Apache-2.0
// Can these VMs be placed so that these rules are kept? By exact search, capacities aside; see conflicts.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "core/cluster.hpp"
#include "core/ids.hpp"

namespace ballast {

enum class Keepable : std::uint8_t { yes, no, not_decided };

// Only affinity, anti-affinity, pin and forbid count, and of them only what they say about `vms`. Takes the steps it
// needs from `steps`; not_decided when there are none left.
[[nodiscard]] Keepable can_be_kept(const Cluster& cluster, std::span<const VmId> vms, std::span<const RuleId> rules,
                                   std::uint64_t& steps);

}  // namespace ballast
