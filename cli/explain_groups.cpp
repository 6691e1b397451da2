// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_groups.hpp"

#include <map>
#include <utility>

namespace ballast {

std::vector<VmsAlike> group_vms(const Explainer& explainer, const Cluster& cluster) {
    std::map<std::pair<Standing, ReasonCode>, std::vector<VmId>> groups;
    for (const VmId vm : cluster.inventory().vm_ids()) {
        const VmOutcome outcome = explainer.outcome(vm);
        groups[{outcome.standing, outcome.reason.code}].push_back(vm);
    }
    std::vector<VmsAlike> result;
    for (auto& [key, vms] : groups) result.push_back({key.first, key.second, std::move(vms)});
    return result;
}

std::vector<HostsAlike> group_hosts(const Decision& decision) {
    std::map<std::pair<HostAction, ReasonCode>, std::vector<HostId>> groups;
    for (const HostVerdict& verdict : decision.proposal.hosts) {
        groups[{verdict.action, verdict.reason.code}].push_back(verdict.host);
    }
    std::vector<HostsAlike> result;
    for (const HostAction action : {HostAction::wake, HostAction::sleep, HostAction::none}) {
        for (auto& [key, hosts] : groups) {
            if (key.first == action) result.push_back({action, key.second, std::move(hosts)});
        }
    }
    return result;
}

}  // namespace ballast
