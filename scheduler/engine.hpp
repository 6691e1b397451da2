// SPDX-License-Identifier: Apache-2.0
// The front door of the policy engine: policy -> proposal -> ordered plan -> independent check. The snapshot is valid
// by construction (ClusterBuilder, Cluster::make); a policy's or the sequencer's bug can produce no action, because
// what the checker rejects is not returned as a plan.
#pragma once

#include "core/plan.hpp"
#include "core/proposal.hpp"
#include "core/result.hpp"
#include "scheduler/policy.hpp"

namespace ballast {

struct Decision {
    Proposal proposal;
    Plan plan;  // what is to be done; empty if nothing
};

// Errors: ErrorKind::refused if the checker found a violation in what policy and sequencing made (an internal error,
// reported with the first violation; nothing may be executed).
[[nodiscard]] Result<Decision> decide(const PolicyInput& input, const Policy& policy, Rng& rng);

}  // namespace ballast
