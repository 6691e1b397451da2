// SPDX-License-Identifier: Apache-2.0
// Whoever makes a placement better: from a problem in its working state to the changes that are worth making. It asks
// the problem what is allowed and what it is worth, and knows neither constraints nor goals, so that another optimiser
// can take this one's place (docs/problem.md).
#pragma once

#include <cstddef>
#include <vector>

#include "scheduler/problem/problem.hpp"

namespace ballast {

// Shifts that are worth making together.
struct Change {
    std::vector<Shift> shifts;  // of different units; the first is what the others make possible or better
    Cost gain = 0;              // what the objective falls by, where the changes before have been made
};

struct OptimiserLimits {
    std::size_t evaluations = 0;        // asks Problem::allows() and Problem::delta() so often at most
    std::size_t vms = 0;                // shifts so many VMs at most
    Level level;                        // how full destinations may become
    Urgency urgency = Urgency::saving;  // of what rests
    Cost gain_min = 1;                  // what gains less is no change; at least 1
    const std::vector<char>& closed;    // by host: 1 = nothing comes to it or leaves it
};

class Optimiser {
  public:
    virtual ~Optimiser() = default;
    // Changes in the order in which to make them; each is allowed and gains what it says once those before are made. No
    // unit is in two of them, and none that has moved already. The problem is left as it was. Deterministic.
    [[nodiscard]] virtual std::vector<Change> improve(Problem& problem, const OptimiserLimits& limits) const = 0;
};

}  // namespace ballast
