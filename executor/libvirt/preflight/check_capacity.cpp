// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/resources.hpp"
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

namespace {

using enum PreflightCode;

constexpr double bytes_per_kib = 1024.0;

std::string mib(double bytes) { return std::to_string(std::llround(bytes / bytes_per_mib)) + " MiB"; }

// Nobody else checks: QEMU reserves lazily, and the guest would meet the OOM killer later.
void check_memory(const MoveFacts& move, Findings& findings) {
    const double needed = move.guest.xml.memory_bytes;
    if (!move.destination.available_bytes || *move.destination.available_bytes >= needed) return;
    findings.push_back(
        {memory_short,
         "{to} has " + mib(*move.destination.available_bytes) + " of memory available, {vm} needs " + mib(needed),
         "free some there first"});
}

// A guest that names several sizes has its NUMA nodes in different ones; how much in which is not looked at, so that
// any of them with enough pages will do.
void check_hugepages(const MoveFacts& move, Findings& findings) {
    const auto& free = move.destination.free_hugepages;
    if (free.empty()) return;
    const auto& sizes = move.guest.xml.hugepage_kib;
    const double needed = move.guest.xml.memory_bytes;
    double most = 0.0;
    for (const auto& [kib, pages] : free) {
        const bool wanted = sizes.empty() || std::find(sizes.begin(), sizes.end(), kib) != sizes.end();
        if (wanted) most = std::max(most, static_cast<double>(kib) * static_cast<double>(pages) * bytes_per_kib);
    }
    if (most >= needed) return;
    const std::string size = sizes.size() == 1 ? " of " + std::to_string(sizes.front()) + " KiB" : "";
    findings.push_back({hugepages_short,
                        "{to} has " + mib(most) + " in free huge pages" + size + ", {vm} needs " + mib(needed),
                        "reserve more there: vm.nr_hugepages, or hugepages= on the kernel's command line"});
}

}  // namespace

void check_capacity(const MoveFacts& move, Findings& findings) {
    if (move.guest.xml.uses_hugepages) {
        check_hugepages(move, findings);
    } else {
        check_memory(move, findings);
    }
}

}  // namespace ballast::virt
