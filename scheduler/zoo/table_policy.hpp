// SPDX-License-Identifier: Apache-2.0
// A policy that is a table of options and a function of their values.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/random.hpp"
#include "core/result.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/zoo/peer.hpp"

namespace ballast::zoo {

// Makes the decision, given one value per row of the option table. What it leaves unsaid is filled in.
using Decide = void (*)(const PolicyInput& input, std::span<const double> values, Rng& rng, Peer& peer);
// The CPU load that the policy sees, by VM, in MHz.
using LoadOf = std::vector<double> (*)(const PolicyInput& input, std::span<const double> values);

struct TablePolicyParts {
    const PolicyHelp& help;
    LoadOf load_of;
    Decide decide;
    std::size_t high;  // row of the option that is told as the limit of hosts with nothing to do
};

// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_table_policy(const TablePolicyParts& parts,
                                                                std::string_view options);

}  // namespace ballast::zoo
