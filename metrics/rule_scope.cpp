// SPDX-License-Identifier: Apache-2.0
#include "metrics/rule_scope.hpp"

#include <algorithm>
#include <optional>

namespace ballast {

namespace {

std::string joined(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

// Why the place of `vm`, which is not in the snapshot, is not certain; nothing if it is shut off or unknown.
std::optional<std::string> why_uncertain(const std::string& vm, const VmSightings& sightings) {
    if (const auto held = sightings.held.find(vm); held != sightings.held.end()) {
        return "which is paused or arriving on " + held->second;
    }
    const std::vector<std::string>& silent = sightings.silent_hosts;
    if (silent.empty()) return std::nullopt;
    return "which cannot be seen while host " + joined(silent) + (silent.size() == 1 ? " does" : " do") + " not answer";
}

bool binds_together(RuleKind kind) { return kind == RuleKind::affinity || kind == RuleKind::anti_affinity; }

// With labels that is for the cluster builder to say.
bool may_have_effect(const RuleSpec& rule) {
    if (!rule.vm_labels.empty()) return true;
    if (rule.kind == RuleKind::freeze && !(rule.hosts.empty() && rule.host_labels.empty())) return true;
    return rule.vms.size() >= (binds_together(rule.kind) ? 2U : 1U);
}

bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::any_of(a.begin(), a.end(),
                       [&](const std::string& label) { return std::find(b.begin(), b.end(), label) != b.end(); });
}

}  // namespace

Result<ScopedRules> scope_rules(std::span<const RuleSpec> rules, std::span<const VmOptions> vms,
                                const VmSightings& sightings, double unix_time_s) {
    ScopedRules scoped;
    for (const RuleSpec& rule : rules) {
        if (!in_force(rule, unix_time_s)) {
            scoped.rules.push_back(rule);
            continue;
        }
        RuleSpec kept = rule;
        kept.vms.clear();
        std::string frozen_because;
        std::vector<std::string> companions;
        for (const std::string& vm : rule.vms) {
            if (sightings.in_cluster.contains(vm)) {
                kept.vms.push_back(vm);
                companions.push_back(vm);
            } else if (const auto why = why_uncertain(vm, sightings)) {
                frozen_because = "rule \"" + rule.name + "\" also names " + vm + ", " + *why;
            } else if (!sightings.shut_off.contains(vm)) {
                return fail(ErrorKind::usage, "rule \"" + rule.name + "\": names the VM \"" + vm +
                                                  "\", which no host knows; correct the rule or take the name out");
            }
        }
        for (const VmOptions& vm : vms) {
            if (!share_one(vm.labels, rule.vm_labels)) continue;
            if (sightings.in_cluster.contains(vm.name)) {
                companions.push_back(vm.name);
            } else if (const auto why = why_uncertain(vm.name, sightings)) {
                frozen_because = "rule \"" + rule.name + "\" is also about " + vm.name + ", " + *why;
            }
        }
        if (!frozen_because.empty() && binds_together(rule.kind)) {
            for (const std::string& vm : companions) scoped.frozen.emplace(vm, frozen_because);
        }
        // A rule that was complete as written is passed on as it is, so that the cluster builder says what is wrong
        // with it.
        if (kept.vms.size() == rule.vms.size() || may_have_effect(kept)) scoped.rules.push_back(std::move(kept));
    }
    return scoped;
}

}  // namespace ballast
