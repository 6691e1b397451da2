// SPDX-License-Identifier: Apache-2.0
// oVirt's scheduling policy "power_saving" (engine 0111fc6, 2026-08-19): once a minute one VM leaves an overloaded
// host, or else a host below `low`, for the fullest host that is not overloaded. With host power management on, one
// empty host a minute is switched off or on, so that `reserve` empty hosts are on. Algorithm: ovirt.hpp.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& ovirt_power_saving_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_ovirt_power_saving(std::string_view options);

}  // namespace ballast::zoo
