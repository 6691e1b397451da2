// SPDX-License-Identifier: Apache-2.0
// oVirt's scheduling policy "evenly_distributed" (engine 0111fc6, 2026-08-19): once a minute the smallest VM that fits
// elsewhere leaves the most loaded host that has been above `high` for `duration`. Algorithm: ovirt.hpp.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& ovirt_even_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_ovirt_even(std::string_view options);

}  // namespace ballast::zoo
