// SPDX-License-Identifier: Apache-2.0
// From rules as written, with names and labels, to rules on ids.
//
//   unknown VM or host name   usage error: it is misspelt, or the rule is outdated
//   unknown host label        usage error: hosts are listed in the configuration, so it is misspelt. Passing over it
//   would
//                             widen a pin to all hosts.
//   VM label that no VM has   warning: VMs come and go. A rule that is left without the VMs it needs has no effect.
//   rule not in force yet     nothing; nor for a freeze whose window is closed
//   rule past its `until`     warning, and nothing else: who it names may be gone
//   exception past its time   warning; the rule selects the VM again
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

// The rules in force at this time. `inventory` has its hosts and VMs. O(rules * selected + labels in use * (hosts +
// VMs)).
[[nodiscard]] Result<ResolvedRules> resolve_rules(std::span<const RuleSpec> rules, const Inventory& inventory,
                                                  double unix_time_s);

}  // namespace ballast
