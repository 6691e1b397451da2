// SPDX-License-Identifier: Apache-2.0
// Proxmox VE's CRS with automatic rebalancing (pve-ha-manager 5.2.0, 2026-04-25), dynamic mode, method bruteforce: when
// the coefficient of variation of the nodes' loads has been above the threshold for some rounds, the one move that
// lowers it most is made, if it lowers it by the margin.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& proxmox_crs_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_proxmox_crs(std::string_view options);

}  // namespace ballast::zoo
