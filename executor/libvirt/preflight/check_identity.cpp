// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

// A definition with the same name and UUID is no conflict: libvirt replaces it.
void check_identity(const MoveFacts& move, Findings& findings) {
    using enum PreflightCode;
    const VmIdentity& vm = move.guest.vm;
    for (const DefinedVm& other : move.destination.vms) {
        if (other.uuid == vm.uuid && other.active) {
            findings.push_back({uuid_running, "{to} already has a VM with the UUID of {vm} (" + other.name + ")",
                                "find out which is the right one, and destroy the other"});
        } else if (other.uuid == vm.uuid && other.name != vm.name) {
            findings.push_back({uuid_taken, "{to} defines a VM with the UUID of {vm} under the name " + other.name,
                                "undefine it there"});
        } else if (other.uuid != vm.uuid && other.name == vm.name) {
            const std::string how = other.active ? "runs" : "defines";
            findings.push_back({name_taken, "{to} " + how + " another VM named {vm} (UUID " + other.uuid + ")",
                                "rename it there (`virsh domrename`) or undefine it"});
        }
    }
}

}  // namespace ballast::virt
