// SPDX-License-Identifier: Apache-2.0
// Goal `auto`: consolidates while the cluster has little to do, spreads while it has much, with hysteresis.
//
// Its load is what all VMs need over what all hosts can give that are on or can be woken (not in maintenance, ignored
// or silent). The newest stretch of samples, at least `sustain` long, on which the load was above `high` throughout
// makes it spread; one below `low`, consolidate. Between the two it goes on with what it did: that is seen from the
// samples that are kept, and, where none of them says it, from whether a host that can be put to sleep is asleep.
//
// The proposal names the policy that decided, with its options.
//
// The options of both policies are taken with their name before them: "auto:high=0.8,consolidate.target=0.85".
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast {

[[nodiscard]] const PolicyHelp& automatic_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options() and as of the two policies;
// low < high.
[[nodiscard]] Result<std::unique_ptr<Policy>> make_automatic(std::string_view options);

}  // namespace ballast
