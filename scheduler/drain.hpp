// SPDX-License-Identifier: Apache-2.0
// Goal `drain`: empty the hosts in maintenance, and nothing else. Honours every rule; of what protects from moving to
// and fro only the quarantine after failures holds it up, because a person asked. Every other host stays as it is, but
// for VMs that make room and sleeping hosts that are woken when nothing that is on has room (relief.hpp).
//
// Whether a host can be emptied is its verdict: `drained`, `drain_waits` (for hosts to wake) or `drain_blocked`, and
// the stay of each VM says what is in its way. Deciding moves nothing, so that can be asked beforehand.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast {

[[nodiscard]] const PolicyHelp& drain_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options().
[[nodiscard]] Result<std::unique_ptr<Policy>> make_drain(std::string_view options);

}  // namespace ballast
