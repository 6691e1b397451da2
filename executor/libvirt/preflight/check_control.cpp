// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/image_locks.hpp"
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

void check_control(const MoveFacts& move, Findings& findings) {
    using enum PreflightCode;
    if (move.control.on_timeout != TimeoutAction::post_copy) return;
    const bool locked = image_locks_hold(move.guest.xml, move.source.locking_mounts) &&
                        image_locks_hold(move.guest.xml, move.destination.locking_mounts);
    if (!locked) {
        findings.push_back(
            {post_copy_unlocked,
             "the class of {vm} allows post-copy, which cannot hand over a paused copy, and its disks are "
             "not known to be locked against a second running copy on {from} and {to}",
             "keep its disks in a storage pool of NFS version 4 on both hosts, or take post_copy out of "
             "its migration class"});
        return;
    }
    findings.push_back(
        {post_copy_risk,
         "the class of {vm} allows post-copy: while its memory is on {from} and {to}, a failure of either "
         "or of the network between them loses its memory",
         "take post_copy out of its migration class if that is not worth it"});
}

}  // namespace ballast::virt
