// SPDX-License-Identifier: Apache-2.0
// Goal `spread`: take the peak off hot hosts (relief.hpp), and off those that are expected to run short of CPU within
// the hour (improvement.hpp), and leave everything else alone. A cluster in which nobody is short is balanced, however
// uneven it is: a migration that relieves nobody only costs.
//
// The objective, in MHz: what hosts are expected to be asked for above 85 % of their usable CPU, on average over the
// hour (joint_load.hpp), and a quarter of the CPU that goes with the memory that migrates. A change has to gain a
// thousandth of a mean host's CPU. Destinations stay at or below `exit` in it, too.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast {

[[nodiscard]] const PolicyHelp& spread_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options(); exit must be below enter.
[[nodiscard]] Result<std::unique_ptr<Policy>> make_spread(std::string_view options);

}  // namespace ballast
