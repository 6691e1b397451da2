// SPDX-License-Identifier: Apache-2.0
// One virDomainMigrateToURI3 call, watched from a second connection.
//
// Peer to peer: the two daemons carry the migration, and it goes on if Ballast dies. Live, with the definition made
// persistent on the destination, and the source's left for Ballast to remove once both sides were looked at. Never
// post-copy, tunnelled or unsafe (libvirt 9.0 with QEMU 7.2 loses the VM in post-copy with parallel
// connections; "unsafe" switches off the check for shared storage). Parallel connections without it, compression
// and slowing the guest down are as the request's MigrationControl says; while memory is copied the downtime that is
// allowed is raised as it says.
//
// Job statistics are asked for only while the guest runs on the source. From the switch-over on such a call waits for
// the migration's own lock, and can make libvirt's clean-up time out.
#pragma once

#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"

namespace ballast::virt {

// Blocks until the call has returned. If the source does not answer, nothing is started. `clock` must outlive the
// process's libvirt events.
[[nodiscard]] MigrationReport call_migrate(const MigrationRequest& request, Clock& clock,
                                           const Hypervisor::ProgressSink& progress,
                                           const Hypervisor::StopRequested& stop);

// True if a VIR_DOMAIN_EVENT_SUSPENDED with this detail is a migration's switch-over.
[[nodiscard]] bool is_switchover_event(int detail);

}  // namespace ballast::virt
