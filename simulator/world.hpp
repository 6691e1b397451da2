// SPDX-License-Identifier: Apache-2.0
// The simulated cluster behind the loop's ports: as Telemetry it shows what collectors would, as Actuator it carries
// plans out, and time passes in the trace's intervals.
//
//   while (!world.finished()) {
//       … world.begin_interval() …; … run_cycle() with this world …; world.pass_interval();
//   }
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "core/plan.hpp"
#include "core/ports/actuator.hpp"
#include "core/ports/telemetry.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "simulator/admission.hpp"
#include "simulator/demands.hpp"
#include "simulator/engine.hpp"
#include "simulator/host_clocks.hpp"
#include "simulator/observer.hpp"
#include "simulator/snapshot_maker.hpp"
#include "simulator/trace/source.hpp"
#include "simulator/workload.hpp"

namespace ballast {

class World final : public Telemetry, public Actuator {
  public:
    // `start` as made by make_workload() for this trace and these options. Trace and observers must outlive the World.
    // With history_samples = 0 no past is kept, which a replay without a policy does not need.
    World(const Workload& start, TraceSource& trace, const SimulationOptions& options,
          std::vector<Observer*> observers);

    [[nodiscard]] bool finished() const { return next_interval_ == trace_->info().interval_count; }
    // VMs come and go, demands become those of the next interval, and one sample is added to the history.
    // Errors: usage, one line, if the recording turns out to be damaged. O(hosts + VMs).
    [[nodiscard]] Status begin_interval();

    // The cluster as it is now; time 0 is the begin of the trace. It has the VMs that run. Demands, and the newest
    // sample of the history, are those of the interval that begins, as far as the hosts' clocks allow
    // (host_clocks.hpp). A VM in flight is shown on its source, with
    // `sampled = false`, so that nothing is decided about it; on the host it is going to, its footprint is part of the
    // overhead, so that nobody else gets its room. A host that has failed does not answer. O(hosts + VMs); see
    // SnapshotMaker for VMs that come and go.
    [[nodiscard]] Result<Snapshot> observe() override;

    // Carries out `plan` (plan_run.hpp): simulated time passes until it is done, at most to the end of the interval. By
    // then what is under way goes on, and what has not started is dropped; the former is in no count of the report, the
    // latter is `skipped`; a migration that a failure ended is `failed`. `cluster` is that of the last snapshot.
    // Errors: refused, nothing done, if the plan is of another cluster or names what does not exist, moves a VM that is
    // in flight or from where it is not or to where it is, or switches a host that cannot be switched. The world keeps
    // no record of `policy`.
    [[nodiscard]] Result<ActuationReport> carry_out(const Plan& plan, const Cluster& cluster,
                                                    std::string_view policy) override;

    // Time passes to the end of the interval.
    void pass_interval();

    [[nodiscard]] const Engine& engine() const { return engine_; }

  private:
    [[nodiscard]] double interval_end_s() const {
        return static_cast<double>(next_interval_ + 1) * trace_->info().interval_s;
    }
    // `plan` with the engine's ids, or why it cannot be carried out.
    [[nodiscard]] Result<Plan> translate(const Plan& plan, const Cluster& cluster) const;
    [[nodiscard]] Status check(const Plan& plan) const;
    bool advance();  // to the next event of this interval; starts VMs that may start again
    [[nodiscard]] static std::vector<Observer*> with(std::vector<Observer*> observers, Observer& own);

    TraceSource* trace_;
    std::size_t migrations_per_host_max_;
    std::size_t next_interval_ = 0;
    DemandReader reader_;
    Demands demands_;          // of the present interval
    SnapshotMaker snapshots_;  // observes engine_
    Engine engine_;
    Admission admission_;
    HostClocks clocks_;
};

}  // namespace ballast
