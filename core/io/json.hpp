// SPDX-License-Identifier: Apache-2.0
// JSON in and out. Readers trust nothing: a wrong type, a missing key or an unknown name is a usage error with the path
// to it ("vms[3].host: …"). Numbers are written with the shortest digits that read back as the same double.
#pragma once

#include <string>
#include <string_view>

#include "core/plan.hpp"
#include "core/proposal.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"

namespace ballast {

// Format "ballast-snapshot", version 1: docs/formats/snapshot.md.
[[nodiscard]] std::string to_json(const Snapshot& snapshot);
[[nodiscard]] Result<Snapshot> snapshot_from_json(std::string_view text);

// Format "ballast-plan", version 1: docs/formats/plan.md. Names VMs by name and UUID and hosts by name, so that it can
// be applied to a later snapshot of the same cluster.
[[nodiscard]] std::string to_json(const Plan& plan, const Cluster& cluster, std::string_view policy);

struct NamedPlan {
    std::string policy;
    Plan plan;
};

// Resolves the names against `cluster`. Errors: usage for what is not a plan at all; refused for a plan that does not
// fit this cluster (unknown VM or host, another UUID, the VM is not where the plan expects it).
[[nodiscard]] Result<NamedPlan> plan_from_json(std::string_view text, const Cluster& cluster);

// Decisions for machines: moves, stays and host verdicts with codes, numbers and text.
[[nodiscard]] std::string to_json(const Proposal& proposal, const Cluster& cluster);

}  // namespace ballast
