// SPDX-License-Identifier: Apache-2.0
// OpenNebula OneDRS (f847cf2, 2026-08-20), goal BALANCE with its default weight on CPU usage: minimises the load of the
// worst host plus a tiny penalty for migrations. OneDRS hands that to a MILP solver for up to 60 s; here a steepest
// descent on the worst host stands in for it.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& onedrs_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_onedrs(std::string_view options);

}  // namespace ballast::zoo
