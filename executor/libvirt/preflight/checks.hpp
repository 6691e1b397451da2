// SPDX-License-Identifier: Apache-2.0
// The pre-flight checks: pure functions from what was read to findings, one file per concept. A check that lacks a fact
// either says so (a warning) or says nothing, never no. docs/preflight.md lists the codes.
#pragma once

#include <vector>

#include "core/preflight.hpp"
#include "executor/libvirt/preflight/facts.hpp"

namespace ballast::virt {

using Findings = std::vector<PreflightFinding>;

// One move.
struct MoveFacts {
    const GuestOnSource& guest;
    const HostFacts& source;
    const HostFacts& destination;
    const MoveAnswers& answers;
    MigrationControl control = {};  // how it is to be migrated
};

// The VM, wherever it would go.
void check_state(const GuestOnSource& guest, Findings& findings);    // running, jobs, snapshots, what libvirt says
void check_devices(const GuestOnSource& guest, Findings& findings);  // what ties it to its host
// The two hosts, whatever moves.
void check_hosts(const HostFacts& source, const HostFacts& destination, Findings& findings);
// The VM on that host.
void check_identity(const MoveFacts& move, Findings& findings);  // name and UUID
void check_machine(const MoveFacts& move, Findings& findings);   // architecture, machine type, TPM, graphics
void check_cpu(const MoveFacts& move, Findings& findings);
void check_network(const MoveFacts& move, Findings& findings);
void check_storage(const MoveFacts& move, Findings& findings);
void check_capacity(const MoveFacts& move, Findings& findings);  // memory, huge pages
void check_pinning(const MoveFacts& move, Findings& findings);   // NUMA nodes, physical CPUs
void check_control(const MoveFacts& move, Findings& findings);   // what its class allows: post-copy

// Everything that can be said without a destination.
[[nodiscard]] Findings judge_guest(const GuestOnSource& guest);
// Everything that depends on the destination. Nothing about a VM that does not run.
[[nodiscard]] Findings judge_move(const MoveFacts& move);

// Paths whose sameness mounts do not prove: of these the volumes should be looked up on both sides.
[[nodiscard]] std::vector<std::string> paths_to_compare(const GuestOnSource& guest, const HostFacts& source,
                                                        const HostFacts& destination);

}  // namespace ballast::virt
