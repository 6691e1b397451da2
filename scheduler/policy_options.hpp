// SPDX-License-Identifier: Apache-2.0
// Options of policies: one table per policy says what each is called, means and may be; it is what reads them, what
// writes the canonical specification, and what the catalogue shows.
#pragma once

#include <optional>
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

// The value of one option in a canonical specification, e.g. 0.8 for "enter" in "spread:enter=0.8,exit=0.65". Nothing
// if the policy has no such option.
[[nodiscard]] std::optional<double> option_in(std::string_view specification, std::string_view key);

}  // namespace ballast
