// SPDX-License-Identifier: Apache-2.0
// From rules as written, with names and labels, to rules on ids.
//
//   unknown VM or host name   usage error: it is misspelt, or the rule is outdated
//   unknown host label        usage error: hosts are listed in the configuration, so it is misspelt. Passing over it
//   would
//                             widen a pin to all hosts.
//   VM label that no VM has   warning: VMs come and go. A rule that is left without the VMs it needs has no effect.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/rules.hpp"

namespace ballast {

struct ResolvedRules {
    std::vector<Rule> rules;            // those with an effect, in the order written
    std::vector<std::string> warnings;  // one line each, with the rule's name
};

// `inventory` has its hosts and VMs. O(rules * selected + labels in use * (hosts + VMs)).
[[nodiscard]] Result<ResolvedRules> resolve_rules(std::span<const RuleSpec> rules, const Inventory& inventory);

}  // namespace ballast
