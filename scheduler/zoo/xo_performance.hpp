// SPDX-License-Identifier: Apache-2.0
// Xen Orchestra's load balancer, performance mode (3945d05), conservative: hosts above the high level of CPU or short
// of memory are relieved to the low level, VMs with much memory first; every host that is off is powered on.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& xo_performance_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_xo_performance(std::string_view options);

}  // namespace ballast::zoo
