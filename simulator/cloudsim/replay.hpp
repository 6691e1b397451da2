// SPDX-License-Identifier: Apache-2.0
// Replays a recording in the reference world.
#pragma once

#include <cstddef>
#include <functional>

#include "core/result.hpp"
#include "scheduler/policy.hpp"
#include "simulator/cloudsim/accounting.hpp"
#include "simulator/cloudsim/family.hpp"
#include "simulator/cloudsim/options.hpp"
#include "simulator/timeline.hpp"
#include "simulator/trace/source.hpp"

namespace ballast::cloudsim {

// Deterministic: same trace, options, policy and seed, same bits. `migrations`, if given, is told of every migration
// that starts: time, VM and destination by their numbers. `timeline`, if given, is filled. Errors: usage, one line, for
// a trace or options that make no sense and for VMs that fit nowhere at the start.
// O(intervals * (hosts + VMs + VMs placed * active hosts)); memory: one decision's view of the hosts, the host states
// at every update (one byte), the shortfalls (16 bytes each), two intervals of the trace.
struct ReplayHooks {
    std::function<void(std::size_t done, std::size_t all)> progress;
    std::function<void(double time_s, VmIndex vm, HostIndex from, HostIndex to)> migration;
    TimelineBuilder* timeline = nullptr;
};
[[nodiscard]] Result<Figures> replay(TraceSource& trace, const Options& options, const FamilyPolicy& policy,
                                     const ReplayHooks& hooks = {});
// The same world under a policy of Ballast (policy_decider.hpp). The first placement is that of the reference's
// migrating policies. Errors also as of decide() (scheduler/engine.hpp).
[[nodiscard]] Result<Figures> replay(TraceSource& trace, const Options& options, const Policy& policy,
                                     const ReplayHooks& hooks = {});

}  // namespace ballast::cloudsim
