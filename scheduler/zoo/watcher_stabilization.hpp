// SPDX-License-Identifier: Apache-2.0
// OpenStack Watcher's strategy workload_stabilization (ec06744, 2026-08-20): when the standard deviation of the hosts'
// loads is above the threshold, every VM is tried on random hosts; the moves that lower the deviation are made in the
// order of what they would give alone, as long as they still lower it, until it is below the threshold.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& watcher_stabilization_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_watcher_stabilization(std::string_view options);

}  // namespace ballast::zoo
