// SPDX-License-Identifier: Apache-2.0
// Can a guest's processor be had on another host? Decided from what libvirt tells of host and guest, without asking the
// hypervisors; the executor's pre-flight asks them before anything moves. In this order:
//   architecture   equal, or a 32-bit guest on its 64-bit host (i686 on x86_64, armv7l on aarch64), never the reverse
//   host_bound     (host-passthrough, host-model) the vendor and model of the host it runs on now
//   explicit model the vendor of the host it runs on now, unless a cpu-compatible rule names the guest's model and
//                  covers both hosts (a rule without hosts covers all)
//   hypervisor     not older than the one it runs on now: QEMU reads the state of older versions, not of newer ones
// An empty string and a version of 0 are "not known" and match anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/reason.hpp"

namespace ballast {

class CpuCompatibility {
  public:
    // O(rules). Refers to `cluster` while it lives.
    explicit CpuCompatibility(const Cluster& cluster);

    // Why `vm`, when running on `from`, cannot go to `to`; nothing if it can. O(1), or O(cpu-compatible rules) across
    // vendors. Reason codes cpu_arch, cpu_vendor, cpu_model, hypervisor_older (value, limit = versions as libvirt's).
    [[nodiscard]] std::optional<Reason> refusal(VmId vm, HostId from, HostId to) const {
        // Between hosts of one kind, and most are, only the architecture could be in the way.
        const std::string& arch = cluster_.spec(vm).cpu.arch;
        const bool arch_is_fine = arch.empty() || arch == cluster_.spec(from).cpu.arch;
        const Inventory& inventory = cluster_.inventory();
        if (arch_is_fine && inventory.kind(from) == inventory.kind(to)) return std::nullopt;
        return refusal_between_kinds(vm, from, to);
    }

  private:
    [[nodiscard]] std::optional<Reason> refusal_between_kinds(VmId vm, HostId from, HostId to) const;
    [[nodiscard]] static bool arch_matches(std::string_view guest, std::string_view host);
    [[nodiscard]] bool rule_allows(VmId vm, HostId from, HostId to) const;

    const Cluster& cluster_;
    std::vector<RuleId> compatible_rules_;
};

}  // namespace ballast
