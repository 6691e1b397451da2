// SPDX-License-Identifier: Apache-2.0
// Replays a trace under a policy and returns the figures.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/result.hpp"
#include "scheduler/policy.hpp"
#include "simulator/observers/moves.hpp"
#include "simulator/result.hpp"
#include "simulator/timeline.hpp"
#include "simulator/trace/source.hpp"
#include "simulator/workload.hpp"

namespace ballast {

using Progress = std::function<void(std::size_t intervals_done, std::size_t intervals)>;

// At the begin of every interval one turn of the loop (control/cycle.hpp) runs on the simulated world: the policy sees
// the demand that the interval brings, and its plan is carried out while the interval passes. As in the live loop,
// nothing is decided while migrations of an earlier plan are under way. Without a policy
// (nullptr) VMs and hosts stay as they are at the start: the baseline "none". Deterministic but for wall_s and
// peak_rss_bytes. `progress`, if given, is called after every interval;
// `timeline` and `moves`, if given, are filled. Errors: usage for a trace or options that make
// no sense, or a recording that turns out to be damaged; refused if the policy engine's own checks fail.
[[nodiscard]] Result<SimulationResult> simulate(TraceSource& trace, const SimulationOptions& options,
                                                const Policy* policy, const Progress& progress = {},
                                                Timeline* timeline = nullptr,
                                                std::vector<SimulatedMove>* moves = nullptr);

}  // namespace ballast
