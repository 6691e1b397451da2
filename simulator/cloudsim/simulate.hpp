// SPDX-License-Identifier: Apache-2.0
// A run in the reference world, as the rest of Ballast wants it.
#pragma once

#include <memory>
#include <variant>

#include "core/result.hpp"
#include "scheduler/policy.hpp"
#include "simulator/cloudsim/family.hpp"
#include "simulator/cloudsim/options.hpp"
#include "simulator/simulate.hpp"

namespace ballast::cloudsim {

// One of the reference's family, or a policy of Ballast.
using AnyPolicy = std::variant<FamilyPolicy, std::shared_ptr<const Policy>>;

// Arguments and errors as of replay() (replay.hpp). The result's `cloudsim` has what CloudSim prints beyond the common
// figures. Downtime is 0: the reference world does not know any.
[[nodiscard]] Result<SimulationResult> simulate(TraceSource& trace, const Options& options, const AnyPolicy& policy,
                                                const Progress& progress = {}, Timeline* timeline = nullptr);

}  // namespace ballast::cloudsim
