// SPDX-License-Identifier: Apache-2.0
// Xen Orchestra's load balancer, density mode (3945d05): every host but the master that has memory to spare is emptied,
// if all its VMs fit elsewhere, and shut down. It never powers a host on.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast::zoo {

[[nodiscard]] const PolicyHelp& xo_density_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_xo_density(std::string_view options);

}  // namespace ballast::zoo
