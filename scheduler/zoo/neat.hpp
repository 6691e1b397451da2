// SPDX-License-Identifier: Apache-2.0
// OpenStack Neat (a5a853a, 2015): underloaded hosts are emptied as a whole and suspended, overloaded ones give a VM
// away; best fit decreasing finds the hosts. Neat's default overload detector, a Markov model, is replaced by the share
// of overloaded time that the model is there to bound.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& neat_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_neat(std::string_view options);

}  // namespace ballast::zoo
