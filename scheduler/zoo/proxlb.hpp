// SPDX-License-Identifier: Apache-2.0
// ProxLB 2.2.0 (credativ d645ace, 2026-06-10), the greedy engine: when the fullest and the emptiest node are further
// apart than `balanciness`, guests leave the node that is the fullest at the time for the emptiest, small ones first.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& proxlb_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_proxlb(std::string_view options);

}  // namespace ballast::zoo
