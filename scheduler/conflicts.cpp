// SPDX-License-Identifier: Apache-2.0
#include "scheduler/conflicts.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "scheduler/disjoint_sets.hpp"
#include "scheduler/rule_search.hpp"

namespace ballast {

namespace {

bool places_vms(const Rule& rule) {
    const bool kind = rule.kind == RuleKind::affinity || rule.kind == RuleKind::anti_affinity ||
                      rule.kind == RuleKind::pin || rule.kind == RuleKind::forbid;
    return kind && !rule.soft();
}

// VMs that rules tie together, directly or not, with the rules about them.
struct Group {
    std::vector<VmId> vms;
    std::vector<RuleId> rules;
};

bool ties_vms(const Rule& rule) {
    return places_vms(rule) && (rule.kind == RuleKind::affinity || rule.kind == RuleKind::anti_affinity);
}

// By their first VM. Of VMs that are tied to no other, one stands for all that have the same rules.
std::vector<Group> find_groups(const Cluster& cluster) {
    const auto rules = cluster.inventory().rules();
    if (std::none_of(rules.begin(), rules.end(), places_vms)) return {};
    DisjointSets sets(cluster.vm_count());
    std::vector<bool> tied(cluster.vm_count(), false);
    for (const Rule& rule : rules) {
        if (!ties_vms(rule)) continue;
        for (const VmId vm : rule.vms) {
            sets.join(rule.vms.front().index(), vm.index());
            tied[vm.index()] = true;
        }
    }
    std::map<std::size_t, Group> by_root;
    std::set<std::vector<RuleId>> of_vms_alone;
    for (const VmId vm : cluster.inventory().vm_ids()) {
        std::vector<RuleId> own;
        for (const RuleId id : cluster.inventory().rules_of(vm)) {
            if (places_vms(cluster.rule(id))) own.push_back(id);
        }
        if (own.empty() || (!tied[vm.index()] && !of_vms_alone.insert(own).second)) continue;
        Group& group = by_root[sets.root(vm.index())];
        group.vms.push_back(vm);
        group.rules.insert(group.rules.end(), own.begin(), own.end());
    }
    std::vector<Group> groups;
    for (auto& [root, group] : by_root) {
        std::sort(group.rules.begin(), group.rules.end());
        group.rules.erase(std::unique(group.rules.begin(), group.rules.end()), group.rules.end());
        groups.push_back(std::move(group));
    }
    return groups;
}

std::vector<VmId> vms_of(const std::vector<RuleId>& rules, const Cluster& cluster) {
    std::vector<VmId> vms;
    for (const RuleId id : rules) vms.insert(vms.end(), cluster.rule(id).vms.begin(), cluster.rule(id).vms.end());
    std::sort(vms.begin(), vms.end());
    vms.erase(std::unique(vms.begin(), vms.end()), vms.end());
    return vms;
}

// Leaves out one rule after the other as long as the rest cannot be kept.
Conflict minimal(const Cluster& cluster, std::span<const VmId> vms, std::vector<RuleId> rules, std::uint64_t& steps) {
    for (std::size_t i = 0; i < rules.size();) {
        std::vector<RuleId> fewer = rules;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (can_be_kept(cluster, vms, fewer, steps) == Keepable::no) {
            rules = std::move(fewer);
        } else {
            ++i;
        }
    }
    return {std::move(rules), true};
}

template <typename Ids>
std::string names(const Ids& ids, const Cluster& cluster) {
    constexpr std::size_t most = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(ids.size(), most); ++i) {
        text += (i == 0 ? "" : ", ") + cluster.spec(ids[i]).name;
    }
    if (ids.size() > most) text += " and " + std::to_string(ids.size() - most) + " more";
    return text;
}

// "\"apart\" keeps a, b apart"
std::string what_it_says(const Rule& rule, const Cluster& cluster) {
    const std::string text = "\"" + rule.name + "\" ";
    const std::string vms = names(rule.vms, cluster);
    switch (rule.kind) {
        case RuleKind::affinity: return text + "keeps " + vms + " on one host";
        case RuleKind::pin: return text + "keeps " + vms + " on " + names(rule.hosts, cluster);
        case RuleKind::forbid: return text + "keeps " + vms + " off " + names(rule.hosts, cluster);
        case RuleKind::anti_affinity:
            return text + "allows " + std::to_string(rule.at_most) + " of " + vms + " per " +
                   std::string(name(rule.per));
        default: return text;
    }
}

}  // namespace

std::vector<Conflict> find_conflicts(const Cluster& cluster, std::uint64_t steps_max) {
    std::vector<Conflict> conflicts;
    std::set<std::vector<RuleId>> reported;
    for (Group& group : find_groups(cluster)) {
        std::uint64_t steps = steps_max;
        for (;;) {
            const Keepable keepable = can_be_kept(cluster, group.vms, group.rules, steps);
            if (keepable == Keepable::yes) break;
            Conflict conflict{group.rules, false};
            if (keepable == Keepable::no) {
                conflict = minimal(cluster, group.vms, group.rules, steps);
                // What is needed for this group may be more than is needed for another VM of these rules.
                conflict = minimal(cluster, vms_of(conflict.rules, cluster), conflict.rules, steps);
            }
            if (reported.insert(conflict.rules).second) conflicts.push_back(conflict);
            if (keepable == Keepable::not_decided) break;
            std::erase_if(group.rules, [&](RuleId id) {
                return std::binary_search(conflict.rules.begin(), conflict.rules.end(), id);
            });
        }
    }
    return conflicts;
}

std::string describe(const Conflict& conflict, const Cluster& cluster) {
    std::string rules;
    for (const RuleId id : conflict.rules) {
        rules += (rules.empty() ? "" : "; ") + what_it_says(cluster.rule(id), cluster);
    }
    const bool one = conflict.rules.size() == 1;
    const std::string verdict = conflict.decided ? (one ? "a rule cannot be kept by any placement: "
                                                        : "these rules cannot all be kept by any placement: ")
                                                 : "it was too much to find out whether these rules can all be kept: ";
    return verdict + rules;
}

}  // namespace ballast
