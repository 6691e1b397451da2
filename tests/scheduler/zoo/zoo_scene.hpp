// SPDX-License-Identifier: Apache-2.0
// What the tests of the zoo add to a scene: a past with another period, and power actions as text.
#pragma once

#include "tests/scheduler/scene.hpp"

namespace ballast::test {

// Every VM always needed what it needs now, sampled every `period_s`.
inline History steady_history_of(const Cluster& cluster, double period_s, std::size_t samples = 12) {
    History history(cluster.vm_count(), samples, period_s);
    std::vector<double> row;
    for (const VmState& vm : cluster.state().vms) row.push_back(vm.demand.cpu_mhz());
    for (std::size_t i = 0; i < samples; ++i) history.push(row);
    return history;
}

// "host:sleep host:wake …" in id order; "" = none is switched.
inline std::string power_text(const Proposal& proposal, const Cluster& cluster) {
    std::string text;
    for (const HostVerdict& verdict : proposal.hosts) {
        if (verdict.action == HostAction::none) continue;
        text += (text.empty() ? "" : " ") + cluster.spec(verdict.host).name +
                (verdict.action == HostAction::sleep ? ":sleep" : ":wake");
    }
    return text;
}

}  // namespace ballast::test
