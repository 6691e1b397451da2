// SPDX-License-Identifier: Apache-2.0
// A replay on a real cluster: hosts, VM sizes, placement and rules from a snapshot of it (`ballast record` and
// `ballast snapshot` write them), load from a recording of the same VMs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

// Errors: usage, if the snapshot cannot be replayed: a host did not answer when it was taken, so that nobody knows what
// runs there.
[[nodiscard]] Status check_replayable(const Snapshot& snapshot);

// What the snapshot knows of the VM of the recording that has this name: its definition and where it runs; where not,
// these are left as they are. Snapshot VMs that are not in the recording take no part. O(VMs log VMs).
void take_from_snapshot(const Snapshot& snapshot, const TraceInfo& trace, std::vector<VmSpec>& vms,
                        std::vector<HostId>& host_of);

// All VMs that its rules may name: those of the snapshot and those of the recording.
[[nodiscard]] std::set<std::string> known_vms(const Snapshot& snapshot, const TraceInfo& trace);

}  // namespace ballast
