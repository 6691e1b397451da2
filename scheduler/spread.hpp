// SPDX-License-Identifier: Apache-2.0
// Goal `spread`: take the peak off hot hosts (relief.hpp), and leave everything else alone. A cluster without a hot
// host is balanced, however uneven it is: a migration that relieves nobody only costs.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast {

[[nodiscard]] const PolicyHelp& spread_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options(); exit must be below enter.
[[nodiscard]] Result<std::unique_ptr<Policy>> make_spread(std::string_view options);

}  // namespace ballast
