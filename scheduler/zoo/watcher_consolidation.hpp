// SPDX-License-Identifier: Apache-2.0
// OpenStack Watcher's strategies vm_workload_consolidation and saving_energy (ec06744, 2026-08-20), as deployments
// combine them: VMs are packed onto the most used hosts up to 100 %; of the empty hosts a share is kept on, the others
// are switched off by lot.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& watcher_consolidation_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_watcher_consolidation(std::string_view options);

}  // namespace ballast::zoo
