// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/provisions.hpp"

namespace ballast {

namespace {

// A kind ends at the first colon.
bool can_be_in_kind(const std::string& text) { return !text.empty() && text.find(':') == std::string::npos; }

std::string machine_kind(const std::string& emulator) { return "machine of " + emulator; }
std::string mount_kind(const std::string& path) { return "mount " + path; }

void add(std::vector<std::string>& needs, const std::string& kind, const std::string& what) {
    if (!what.empty()) needs.push_back(kind + ":" + what);
}

}  // namespace

Provided provided_by(const virt::HostXml& host, const HostLists& lists) {
    Provided provided;
    if (lists.networks) provided["network"] = *lists.networks;
    // A host without any interface is one whose libvirt does not see them.
    if (lists.interfaces && !lists.interfaces->empty()) provided["bridge"] = *lists.interfaces;
    if (lists.pools) {
        auto& names = provided["pool"];
        for (const virt::PoolXml& pool : *lists.pools) {
            names.insert(pool.name);
            const auto exported = virt::export_of(pool);
            if (exported && can_be_in_kind(pool.target)) provided[mount_kind(pool.target)].insert(*exported);
        }
    }
    for (const std::uint64_t kib : host.hugepage_kib) provided["hugepages"].insert(std::to_string(kib));
    for (const virt::EmulatorXml& emulator : host.emulators) {
        if (can_be_in_kind(emulator.path) && !emulator.machines.empty()) {
            provided[machine_kind(emulator.path)].insert(emulator.machines.begin(), emulator.machines.end());
        }
        if (emulator.arch != host.arch) continue;
        auto& accelerators = provided["accelerator"];
        if (emulator.kvm) accelerators.insert("kvm");
    }
    return provided;
}

std::vector<std::string> needs_of(const virt::DomainXml& domain, std::span<const virt::PoolXml> pools) {
    std::vector<std::string> needs;
    for (const std::string& name : domain.networks) add(needs, "network", name);
    for (const std::string& name : domain.interfaces) add(needs, "bridge", name);
    for (const virt::DiskXml& disk : domain.disks) {
        add(needs, "pool", disk.type == "volume" ? disk.pool : "");
        const virt::PoolXml* mount = disk.type == "file" ? virt::mount_of(pools, disk.file) : nullptr;
        if (mount != nullptr && can_be_in_kind(mount->target)) {
            add(needs, mount_kind(mount->target), virt::export_of(*mount).value_or(""));
        }
    }
    for (const std::uint64_t kib : domain.hugepage_kib) add(needs, "hugepages", std::to_string(kib));
    if (can_be_in_kind(domain.emulator)) add(needs, machine_kind(domain.emulator), domain.machine);
    if (domain.type == "kvm") add(needs, "accelerator", "kvm");
    return needs;
}

std::string tie_of(const virt::DomainXml& domain, int snapshots) {
    if (!domain.host_devices.empty()) return "it uses " + domain.host_devices.front();
    for (const virt::DiskXml& disk : domain.disks) {
        const bool local = disk.type == "dir" || disk.type == "nvme" || disk.type == "vhostuser" ||
                           disk.type == "vhostvdpa" || disk.by_local_server;
        if (local) return "its disk " + disk.target + " can be reached from its host only";
    }
    if (domain.bound_to_tsc) return "it requires the CPU feature invtsc without a fixed frequency";
    if (snapshots > 0)
        return "it has " + std::to_string(snapshots) + " snapshot(s), with which libvirt does not migrate";
    return {};
}

}  // namespace ballast
