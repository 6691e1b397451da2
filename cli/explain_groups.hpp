// SPDX-License-Identifier: Apache-2.0
// A whole decision at a glance: VMs and hosts grouped by what becomes of them and why.
#pragma once

#include <vector>

#include "core/proposal.hpp"
#include "core/reason.hpp"
#include "scheduler/explain.hpp"

namespace ballast {

struct VmsAlike {
    Standing standing = Standing::stays;
    ReasonCode code = ReasonCode::host_content;
    std::vector<VmId> vms;  // in id order
};

struct HostsAlike {
    HostAction action = HostAction::none;
    ReasonCode code = ReasonCode::host_content;
    std::vector<HostId> hosts;  // in id order
};

// In the order of standings (moves, left out, stays) and then of codes.
[[nodiscard]] std::vector<VmsAlike> group_vms(const Explainer& explainer, const Cluster& cluster);
// In the order of actions (wake, sleep, none) and then of codes.
[[nodiscard]] std::vector<HostsAlike> group_hosts(const Decision& decision);

}  // namespace ballast
