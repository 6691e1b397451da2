// SPDX-License-Identifier: Apache-2.0
#include "core/preflight.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/check.hpp"

namespace ballast {

namespace {

using enum PreflightCode;
using enum PreflightSeverity;

constexpr std::array table = {
    PreflightCodeInfo{not_running, "not-running", refuse,
                      "the VM does not run on its host; only running VMs are moved"},
    PreflightCodeInfo{job_active, "job-active", refuse, "a migration, backup, save or dump of the VM is under way"},
    PreflightCodeInfo{block_job, "block-job", refuse, "a disk of the VM is being copied, committed or pulled"},
    PreflightCodeInfo{snapshots, "snapshots", refuse,
                      "libvirt knows snapshots of the VM, with which it does not migrate"},
    PreflightCodeInfo{storage_unsafe, "storage-unsafe", refuse,
                      "libvirt on the source calls the migration unsafe: a disk is not on a shared file system"},
    PreflightCodeInfo{migration_blocked, "migration-blocked", refuse,
                      "libvirt or QEMU on the source has another reason not to migrate the VM"},
    PreflightCodeInfo{host_device, "host-device", refuse, "the VM uses a device, folder or memory of its host"},
    PreflightCodeInfo{disk_local, "disk-local", refuse, "a disk of the VM can be reached from its host only"},
    PreflightCodeInfo{disk_transient, "disk-transient", refuse, "a disk's changes are kept on the host only"},
    PreflightCodeInfo{cache_unsafe, "cache-unsafe", refuse,
                      "a disk has cache='unsafe': what the guest has flushed may not be on the storage yet"},
    PreflightCodeInfo{cpu_invtsc, "cpu-invtsc", refuse,
                      "the guest was promised a time stamp counter that never changes pace"},
    PreflightCodeInfo{uri_without_host, "uri-without-host", refuse,
                      "the destination's libvirt URI names no host, so the source cannot reach it"},
    PreflightCodeInfo{
        uri_loopback, "uri-loopback", refuse,
        "the destination's URI or migration address is a loopback address: the source would find itself there"},
    PreflightCodeInfo{same_host, "same-host", refuse, "source and destination have the same host UUID"},
    PreflightCodeInfo{same_hostname, "same-hostname", warn,
                      "source and destination have the same host name, by which logs and tools mix them up"},
    PreflightCodeInfo{name_unresolved, "name-unresolved", warn,
                      "the name under which the destination is to be reached is not known here"},
    PreflightCodeInfo{libvirt_older, "libvirt-older", refuse, "the destination's libvirt is older than the source's"},
    PreflightCodeInfo{qemu_older, "qemu-older", refuse, "the destination's QEMU is older than the source's"},
    PreflightCodeInfo{security_model, "security-model", warn, "the hosts confine guests by different security drivers"},
    PreflightCodeInfo{uuid_running, "uuid-running", refuse, "a VM with this UUID is active on the destination already"},
    PreflightCodeInfo{uuid_taken, "uuid-taken", refuse, "the destination defines this UUID under another name"},
    PreflightCodeInfo{name_taken, "name-taken", refuse,
                      "the destination has another VM of this name, running or only defined"},
    PreflightCodeInfo{arch_missing, "arch-missing", refuse, "the destination has no QEMU for the guest's architecture"},
    PreflightCodeInfo{kvm_missing, "kvm-missing", refuse,
                      "the guest needs KVM, and the destination offers emulation only"},
    PreflightCodeInfo{
        machine_missing, "machine-missing", refuse,
        "the destination's QEMU does not know the guest's machine type, or is not where the guest expects it"},
    PreflightCodeInfo{device_missing, "device-missing", refuse, "the destination's QEMU lacks a device of the guest"},
    PreflightCodeInfo{vcpu_limit, "vcpu-limit", refuse,
                      "the guest has more virtual CPUs than the machine type may have there"},
    PreflightCodeInfo{cpu_incompatible, "cpu-incompatible", refuse,
                      "the destination cannot give the guest its CPU features"},
    PreflightCodeInfo{cpu_passthrough, "cpu-passthrough", warn,
                      "the guest sees its host's very CPU; that two hosts are alike enough cannot be proven"},
    PreflightCodeInfo{cpu_passthrough_differs, "cpu-passthrough-differs", refuse,
                      "the guest sees its host's very CPU, and the destination's is another"},
    PreflightCodeInfo{cpu_vendor, "cpu-vendor", warn, "the destination's CPU is of another vendor"},
    PreflightCodeInfo{cpu_unknown, "cpu-unknown", warn, "the guest's CPU could not be compared with the destination"},
    PreflightCodeInfo{network_missing, "network-missing", refuse,
                      "the destination has no active libvirt network of that name"},
    PreflightCodeInfo{interface_missing, "interface-missing", refuse,
                      "the destination has no bridge or network device of that name"},
    PreflightCodeInfo{interface_unknown, "interface-unknown", warn,
                      "whether the destination has the bridge or network device cannot be seen"},
    PreflightCodeInfo{pool_missing, "pool-missing", refuse, "the destination has no active storage pool of that name"},
    PreflightCodeInfo{storage_differs, "storage-differs", refuse,
                      "the same path leads to different files: the guest's disk would be another one"},
    PreflightCodeInfo{storage_unproven, "storage-unproven", warn,
                      "that a path leads to the same disk on both hosts cannot be proven"},
    PreflightCodeInfo{memory_short, "memory-short", refuse, "the destination has too little memory available"},
    PreflightCodeInfo{hugepages_short, "hugepages-short", refuse, "the destination has too few free huge pages"},
    PreflightCodeInfo{numa_node_missing, "numa-node-missing", refuse,
                      "the guest's memory is bound to NUMA nodes that the destination does not have"},
    PreflightCodeInfo{cpu_pin_missing, "cpu-pin-missing", refuse,
                      "the guest is pinned to CPUs that the destination does not have"},
    PreflightCodeInfo{post_copy_unlocked, "post-copy-unlocked", refuse,
                      "the VM's class allows post-copy, and nothing locks its disks against a second running copy"},
    PreflightCodeInfo{post_copy_risk, "post-copy-risk", warn,
                      "the VM's class allows post-copy: if a host or the network fails in that phase, the VM is lost"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].code) != i) return false;
    }
    return static_cast<std::size_t>(post_copy_risk) + 1 == table.size();
}
static_assert(in_order(), "one row per code, in the order of the codes");

}  // namespace

std::span<const PreflightCodeInfo> preflight_codes() { return table; }

const PreflightCodeInfo& info(PreflightCode code) {
    const auto index = static_cast<std::size_t>(code);
    BALLAST_CHECK(index < table.size(), "a pre-flight code is in the table");
    return table[index];
}

std::string_view name(PreflightSeverity severity) { return severity == refuse ? "refuse" : "warn"; }

std::string with_names(std::string_view text, const MoveNames& names) {
    const std::array<std::pair<std::string_view, std::string_view>, 3> words = {
        {{"{vm}", names.vm}, {"{from}", names.from}, {"{to}", names.to}}};
    std::string made;
    while (!text.empty()) {
        const auto* const word =
            std::find_if(words.begin(), words.end(), [&](const auto& w) { return text.starts_with(w.first); });
        made += word == words.end() ? text.substr(0, 1) : word->second;
        text.remove_prefix(word == words.end() ? 1 : word->first.size());
    }
    return made;
}

std::string describe(const PreflightFinding& finding, const MoveNames& names) {
    return with_names(finding.text + "; " + finding.remedy, names) + " [" + std::string(info(finding.code).name) + "]";
}

bool any_refuses(std::span<const PreflightFinding> findings) {
    return std::any_of(findings.begin(), findings.end(), [](const PreflightFinding& f) { return f.refuses(); });
}

}  // namespace ballast
