// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

Findings judge_guest(const GuestOnSource& guest) {
    Findings findings;
    check_state(guest, findings);
    if (guest.not_running.empty()) check_devices(guest, findings);
    return findings;
}

Findings judge_move(const MoveFacts& move) {
    Findings findings;
    if (!move.guest.not_running.empty()) return findings;
    check_hosts(move.source, move.destination, findings);
    check_identity(move, findings);
    check_machine(move, findings);
    check_cpu(move, findings);
    check_network(move, findings);
    check_storage(move, findings);
    check_capacity(move, findings);
    check_pinning(move, findings);
    check_control(move, findings);
    return findings;
}

}  // namespace ballast::virt
