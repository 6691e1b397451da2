// SPDX-License-Identifier: Apache-2.0
// Options of policies: one table per policy says what each is called, means and may be; it is what reads them, what
// writes the canonical specification, and what the catalogue shows.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "scheduler/policy.hpp"

namespace ballast {

// Reads "key=value,key=value" into one value per row of `table`, defaults where a key is absent. Errors are usage
// errors that name the policy, the key and what is possible: unknown or repeated keys, what is no number, what is out
// of range, fractions of whole things (unit "count", "samples").
[[nodiscard]] Result<std::vector<double>> parse_policy_options(const PolicyHelp& policy, std::string_view text);

// "name:key=value,…" with every option in table order and the shortest digits that read back as the same number.
[[nodiscard]] std::string policy_specification(const PolicyHelp& policy, std::span<const double> values);

}  // namespace ballast
