// SPDX-License-Identifier: Apache-2.0
// A part of a plan that is a safe plan itself: for a budget that does not reach for all of it. Pure.
#pragma once

#include <cstddef>

#include "core/cluster.hpp"
#include "core/plan.hpp"

namespace ballast {

struct CutPlan {
    Plan plan;
    std::size_t moves_cut = 0;  // migrations that are not in it
};

// The first actions of `plan`, in its order, with at most `moves_max` migrations: fewer where the checker would not
// have that many, such as half of an affinity group. An action whose condition is cut goes with it, and so does a host
// that would be woken for cut migrations only. What was left out of `plan` stays so. O(moves_max) runs of the checker.
[[nodiscard]] CutPlan cut_plan(const Plan& plan, const Cluster& cluster, std::size_t moves_max);

}  // namespace ballast
