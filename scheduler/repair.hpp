// SPDX-License-Identifier: Apache-2.0
// Repair: rules that are broken already, because somebody moved a VM or wrote a rule, are mended by moves.
//
// Hard rules come first, in their order, then soft ones, the heaviest first. Per rule
//   pin, forbid    a VM on a host it must not be on leaves it
//   anti_affinity  of the VMs that are too many in a fault domain, those of the lowest priority leave it, of one
//                  priority those with the least memory
//   affinity       the VMs that are apart come to the host where most of them (by memory) are, those of the highest
//                  priority before all others
// Each goes where the resulting peak is lowest, at or below the level given, as any other move does: no move breaks a
// rule, VMs that rest stay (stability.hpp, as relief), and what cannot be mended has a stay that says why.
//
// A soft rule is mended only while no soft rule is broken by it: its weight does not buy the breaking of another.
//
// After 16 VMs of a rule for which no host was found the rest of them is not tried in this decision.
//
// O(sum of the rules' members) where nothing is broken; else per VM tried O(hosts * members of the rule) for
// anti-affinity and soft rules, O(log hosts) for others (host_index.hpp).
#pragma once

#include "scheduler/draft.hpp"
#include "scheduler/packer.hpp"

namespace ballast {

// Returns whether anything moved. With a packer, moves are made through it, so that it knows of them.
[[nodiscard]] bool repair(Draft& draft, const Level& level, Packer* packer = nullptr);

}  // namespace ballast
