// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cpu_compatibility.hpp"

#include <algorithm>
#include <string_view>

namespace ballast {

namespace {

bool differ(const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; }

Reason about(ReasonCode code, HostId host) {
    Reason reason;
    reason.code = code;
    reason.host = host;
    return reason;
}

}  // namespace

CpuCompatibility::CpuCompatibility(const Cluster& cluster) : cluster_(cluster) {
    for (std::size_t r = 0; r < cluster.inventory().rules().size(); ++r) {
        if (cluster.rule(RuleId(r)).kind == RuleKind::cpu_compatible) compatible_rules_.emplace_back(r);
    }
}

bool CpuCompatibility::arch_matches(std::string_view guest, std::string_view host) {
    if (guest.empty() || host.empty() || guest == host) return true;
    return (guest == "i686" && host == "x86_64") || (guest == "armv7l" && host == "aarch64");
}

bool CpuCompatibility::rule_allows(VmId vm, HostId from, HostId to) const {
    const std::string& model = cluster_.spec(vm).cpu.model;
    const auto covers = [](const Rule& rule, HostId host) {
        return rule.hosts.empty() || std::binary_search(rule.hosts.begin(), rule.hosts.end(), host);
    };
    return std::any_of(compatible_rules_.begin(), compatible_rules_.end(), [&](RuleId id) {
        const Rule& rule = cluster_.rule(id);
        return rule.cpu_model == model && covers(rule, from) && covers(rule, to);
    });
}

std::optional<Reason> CpuCompatibility::refusal_between_kinds(VmId vm, HostId from, HostId to) const {
    const GuestCpu& guest = cluster_.spec(vm).cpu;
    const HostSpec& source = cluster_.spec(from);
    const HostSpec& target = cluster_.spec(to);
    if (!arch_matches(guest.arch, target.cpu.arch)) return about(ReasonCode::cpu_arch, to);
    const bool bound = guest.mode == GuestCpuMode::host_bound;
    if (differ(source.cpu.vendor, target.cpu.vendor) && (bound || !rule_allows(vm, from, to))) {
        return about(ReasonCode::cpu_vendor, to);
    }
    if (bound && differ(source.cpu.model, target.cpu.model)) return about(ReasonCode::cpu_model, to);
    if (target.hypervisor_version != 0 && target.hypervisor_version < source.hypervisor_version) {
        Reason reason = about(ReasonCode::hypervisor_older, to);
        reason.value = static_cast<double>(target.hypervisor_version);
        reason.limit = static_cast<double>(source.hypervisor_version);
        return reason;
    }
    return std::nullopt;
}

}  // namespace ballast
