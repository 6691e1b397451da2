// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

void check_state(const GuestOnSource& guest, Findings& findings) {
    using enum PreflightCode;
    if (!guest.not_running.empty()) {
        findings.push_back({not_running, "{vm} does not run on {from} (" + guest.not_running + ")",
                            "start or resume it; only running VMs are moved"});
        return;
    }
    if (guest.has_job) {
        findings.push_back({job_active, "{vm} has another job (a migration, a backup or a save) on {from}",
                            "wait for its end; `virsh domjobinfo {vm}` shows it"});
    }
    for (const std::string& disk : guest.block_jobs) {
        findings.push_back({block_job, "disk " + disk + " of {vm} has an active block job",
                            "wait for its end, or end it with `virsh blockjob {vm} " + disk + " --abort`"});
    }
    if (guest.snapshots > 0) {
        findings.push_back(
            {snapshots,
             "{vm} has " + std::to_string(guest.snapshots) + " snapshot(s), with which libvirt does not migrate",
             "delete them, or only what libvirt knows of them: `virsh snapshot-delete {vm} NAME "
             "--metadata`"});
    }
    if (guest.refusal) {
        const bool storage = guest.refusal->storage;
        findings.push_back(
            {storage ? storage_unsafe : migration_blocked,
             "libvirt on {from} does not migrate {vm}: " + guest.refusal->text,
             storage ? "move its disks to storage that all hosts share" : "remove what it names from the VM"});
    }
}

}  // namespace ballast::virt
