// SPDX-License-Identifier: Apache-2.0
// Relief: what every policy does before anything else. Moves VMs off hosts in maintenance and off hot hosts, and wakes
// sleeping hosts when nothing that is on has room.
//
// A host is hot when
//   cpu      its load now is above `enter`, and was in each of the last `sustain` samples (load_window.hpp), or
//   memory   the configured memory of its VMs is above `memory`; configured memory does not vary, so no samples are
//            asked for and one level serves as trigger and as goal,
// or, whatever its load is, if it does not give its VMs what they ask for (pressure_signs.hpp). How much would have to
// leave then is not known: a tenth of what it carries does, or more if `exit` asks for more, and it is looked at anew.
// Network and disk I/O trigger nothing (there is no history to tell a burst from a load), but destinations are checked
// in them. Relief goes on until the host is at or below `exit` (memory: `memory`), or nothing more can leave.
//
// A host in maintenance is emptied, VMs of high priority first, of one priority the VM that takes the largest part of
// any resource. For one that no host has room for, room is made: a VM of no higher priority, on a host that lacks
// little, moves on to a third host (at most 256 such moves are tried per VM that needs one).
//
// Which VMs of a hot host: those of low priority, if they are enough; else those of normal priority, too; else all. Of
// these choose_cover() on relief per migrated byte, on planned needs; one that finds no destination is set aside and
// the choice made anew. Where to: the host with the lowest resulting peak utilisation over all measured resources,
// weighted (placement.hpp), ties by id, that stays at or below `exit` and `memory` and shows no sign of want. A VM that
// leaves a host in maintenance may take its destination up to `enter`, and goes to any: that is below hot, and the
// operator asked.
//
// Hosts in maintenance come first, then hot ones; each by the highest priority of the VMs on them, then by CPU load,
// highest first, ties by id. The round is repeated
// until it moves nothing, because a relieved host can be a destination. So the result is a fixed point: deciding again
// on the placement it proposes moves nothing more.
//
// Waking: what still has to leave is placed, on trial, on hosts that are waking already and then on controllable
// sleeping ones, those with the least watts per MHz first. A sleeping host that takes something is woken. The trial
// moves are undone: the real ones are decided when the host is on, on the load of that time.
//
// Soft rules count as hard in all this. What is still on a hot host or one in maintenance then, and would be if the
// sleeping hosts were on, may break them: it goes where the sum of the weights that are newly broken is smallest, ties
// as above. VMs that only a soft affinity rule binds may then part.
//
// O(V_hot * (V_hot log V_hot + log H)) for V_hot VMs on hot hosts and H hosts; see host_index.hpp for the worst case.
#pragma once

#include "scheduler/draft.hpp"
#include "scheduler/packer.hpp"

namespace ballast {

struct ReliefOptions {
    double enter = 0.80;    // fraction of usable CPU: above it a host is hot
    double exit = 0.65;     // fraction: relieved until at or below; destinations stay at or below
    double memory = 1.0;    // fraction of usable memory: hot above, relieved until at or below, destinations likewise
    bool hot_hosts = true;  // false: only hosts in maintenance are emptied
};

// Adds moves, stays and verdicts to `draft`, whose `sustain` and limits apply.
// With a packer, VMs go where it says (packer.hpp); only what it cannot place goes to the least loaded host.
void relieve(Draft& draft, const ReliefOptions& options, Packer* packer = nullptr);

}  // namespace ballast
