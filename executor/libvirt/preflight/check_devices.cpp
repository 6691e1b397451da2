// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

namespace {

bool is_of_the_host(const DiskXml& disk) {
    return disk.type == "dir" || disk.type == "nvme" || disk.type == "vhostuser" || disk.type == "vhostvdpa" ||
           disk.by_local_server;
}

void check_disk(const DiskXml& disk, Findings& findings) {
    using enum PreflightCode;
    if (is_of_the_host(disk)) {
        const std::string how = disk.by_local_server ? "its server is on {from} itself" : "type " + disk.type;
        findings.push_back({disk_local,
                            "disk " + disk.target + " of {vm} can be reached from {from} only (" + how + ")",
                            "move it to storage that all hosts share"});
    }
    if (disk.transient) {
        findings.push_back({disk_transient, "disk " + disk.target + " of {vm} is transient: its changes stay on {from}",
                            "start the VM without <transient/>"});
    }
    // QEMU then leaves out the flush by which the destination would see the last writes.
    if (disk.cache == "unsafe" && !disk.read_only) {
        findings.push_back({cache_unsafe, "disk " + disk.target + " of {vm} has cache='unsafe'",
                            "start the VM with cache='none' for this disk"});
    }
}

}  // namespace

void check_devices(const GuestOnSource& guest, Findings& findings) {
    using enum PreflightCode;
    for (const DiskXml& disk : guest.xml.disks) check_disk(disk, findings);
    for (const std::string& device : guest.xml.host_devices) {
        findings.push_back({host_device, "{vm} uses " + device + ", which ties it to {from}", "detach it first"});
    }
    if (guest.xml.bound_to_tsc) {
        findings.push_back({cpu_invtsc, "{vm} requires the CPU feature invtsc without a fixed frequency",
                            "drop the feature, or give <timer name='tsc' frequency='…'/>"});
    }
}

}  // namespace ballast::virt
