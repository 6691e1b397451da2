// SPDX-License-Identifier: Apache-2.0
// Brute force against the sequencer and the checker: walks every state a small plan can be in, starting and finishing
// actions in every order their dependencies allow, and looks at each state itself.
#pragma once

#include <string>

#include "core/cluster.hpp"
#include "core/plan.hpp"

namespace ballast::test {

inline constexpr std::size_t interleaving_actions_max = 6;  // 3^6 = 729 states

// What is wrong with the first bad state found; empty if there is none.
std::string first_bad_state(const Cluster& cluster, const Plan& plan);

}  // namespace ballast::test
