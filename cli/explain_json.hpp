// SPDX-License-Identifier: Apache-2.0
// Explanations for machines: format "ballast-explanation", version 1, docs/formats/explain.md.
#pragma once

#include <string>
#include <vector>

#include "cli/explain_groups.hpp"
#include "core/cluster.hpp"
#include "scheduler/explain.hpp"

namespace ballast {

[[nodiscard]] std::string to_json(const std::vector<VmExplanation>& vms, const std::vector<HostExplanation>& hosts,
                                  const Cluster& cluster, const Decision& decision);
[[nodiscard]] std::string to_json(const std::vector<VmsAlike>& vms, const std::vector<HostsAlike>& hosts,
                                  const Cluster& cluster, const Decision& decision);

}  // namespace ballast
