// SPDX-License-Identifier: Apache-2.0
// OpenStack Watcher's strategy workload_balance (ec06744, 2026-08-20): one migration per audit, off the most loaded
// host at or above the threshold. The VM is the one that brings its host closest to the mean from above; it goes to the
// least loaded host that stays below the threshold.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& watcher_balance_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_watcher_balance(std::string_view options);

}  // namespace ballast::zoo
