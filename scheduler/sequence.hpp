// SPDX-License-Identifier: Apache-2.0
// Sequencing: from a Proposal (where VMs should be) to a Plan (a DAG of actions in which every state is feasible).
//
// Order. A list schedule: again and again, the moves are taken in the proposal's order and those that can be done in
// the state reached so far (room for the whole footprint at the destination, not too many VMs there or in its rack or
// zone that must be kept apart) are
// appended. If none can, the moves wait for each other in a circle; then one VM that another move waits for steps aside
// to a third host that has room and may take it (one that stays on, lowest resulting peak utilisation first), and its
// own move is done from there. Every VM steps aside at most once. If no one can, the move least preferred is left out,
// together with what must not happen without it (the rest of its affinity unit; the other moves off a host that was to
// be emptied), and the ordering starts anew without them.
//
// Dependencies. The list is one valid order; what may overlap is decided per action when it is appended
// (sequence_state.hpp), as few dependencies as the guarantee needs: for each arrival `a` at a host
//     initial use + arrivals that are not successors of a - departures that are predecessors of a <= usable capacity.
// This is sound for any overlap: take any state and the arrival at the host that started last in it. Every arrival that
// has started is not its successor, every predecessor of it is done, so the use of the host is at most that sum.
// Likewise VMs to be kept apart, at most N per domain: as soon as more than N of them have a stay in it, who comes
// waits for every move of the others to and from it, so that only those count that are there now. Soft rules hold
// nobody back: who breaks one was meant to. A host's power-off depends on everything that leaves it; a migration to a
// host that is woken on its power-on.
//
// A circle that opens only when two VMs step aside at once is left out, although a plan for it may exist.
// O(A^2 / 64 * dependencies + passes * moves) for A actions; each left-out group repeats it.
#pragma once

#include "core/cluster.hpp"
#include "core/plan.hpp"
#include "core/proposal.hpp"

namespace ballast {

// `proposal` is well formed: moves start where the VM is and lead elsewhere, at most one per VM; a verdict per host in
// id order. Whether its result keeps the rules is not judged here: the sequencer orders, the checker judges.
[[nodiscard]] Plan sequence(const Cluster& cluster, const Proposal& proposal);

}  // namespace ballast
