// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cpu_compatibility.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace ballast {

namespace {

class Interner {
  public:
    std::uint32_t operator()(std::string_view text) {
        if (text.empty()) return 0;
        return names_.try_emplace(text, static_cast<std::uint32_t>(names_.size() + 1)).first->second;
    }

  private:
    std::unordered_map<std::string_view, std::uint32_t> names_;  // looked up only, never iterated
};

bool differ(std::uint32_t a, std::uint32_t b) { return a != 0 && b != 0 && a != b; }

Reason about(ReasonCode code, HostId host) {
    Reason reason;
    reason.code = code;
    reason.host = host;
    return reason;
}

}  // namespace

CpuCompatibility::CpuCompatibility(const Cluster& cluster) : cluster_(cluster) {
    Interner intern;
    hosts_.reserve(cluster.host_count());
    kinds_.reserve(cluster.host_count());
    std::map<std::tuple<Name, Name, Name, std::uint64_t>, std::uint32_t> kinds;
    for (const HostSpec& host : cluster.inventory().hosts()) {
        const Name arch = intern(host.cpu.arch);
        const Name vendor = intern(host.cpu.vendor);
        const Name model = intern(host.cpu.model);
        const auto next_kind = static_cast<std::uint32_t>(kinds.size());
        kinds_.push_back(kinds.try_emplace({arch, vendor, model, host.hypervisor_version}, next_kind).first->second);
        hosts_.push_back({arch, vendor, model, host.hypervisor_version});
    }
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
    const HostNames& source = hosts_[from.index()];
    const HostNames& target = hosts_[to.index()];
    if (!arch_matches(guest.arch, cluster_.spec(to).cpu.arch)) return about(ReasonCode::cpu_arch, to);
    const bool bound = guest.mode == GuestCpuMode::host_bound;
    if (differ(source.vendor, target.vendor) && (bound || !rule_allows(vm, from, to))) {
        return about(ReasonCode::cpu_vendor, to);
    }
    if (bound && differ(source.model, target.model)) return about(ReasonCode::cpu_model, to);
    if (target.hypervisor_version != 0 && target.hypervisor_version < source.hypervisor_version) {
        Reason reason = about(ReasonCode::hypervisor_older, to);
        reason.value = static_cast<double>(target.hypervisor_version);
        reason.limit = static_cast<double>(source.hypervisor_version);
        return reason;
    }
    return std::nullopt;
}

}  // namespace ballast
