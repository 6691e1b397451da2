// SPDX-License-Identifier: Apache-2.0
// A run in the reference world, as the rest of Ballast wants it.
#pragma once

#include "core/result.hpp"
#include "simulator/cloudsim/family.hpp"
#include "simulator/cloudsim/options.hpp"
#include "simulator/simulate.hpp"

namespace ballast::cloudsim {

// Arguments and errors as of replay() (replay.hpp). The result's `cloudsim` has what CloudSim prints beyond the common
// figures. Downtime is 0: the reference world does not know any.
[[nodiscard]] Result<SimulationResult> simulate(TraceSource& trace, const Options& options, const FamilyPolicy& policy,
                                                const Progress& progress = {}, Timeline* timeline = nullptr);

}  // namespace ballast::cloudsim
