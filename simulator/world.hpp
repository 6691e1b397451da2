// SPDX-License-Identifier: Apache-2.0
// The simulated cluster behind the loop's ports: as Telemetry it shows what collectors would, as Actuator it carries
// plans out, and time passes in the trace's intervals.
//
//   while (!world.finished()) { world.begin_interval(); … run_cycle() with this world …; world.pass_interval(); }
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "core/history.hpp"
#include "core/plan.hpp"
#include "core/ports/actuator.hpp"
#include "core/ports/telemetry.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "simulator/engine.hpp"
#include "simulator/observer.hpp"
#include "simulator/trace/trace.hpp"
#include "simulator/workload.hpp"

namespace ballast {

class World final : public Telemetry, public Actuator {
  public:
    // `initial` as made by make_initial_cluster() for this trace and these options. Trace and observers must outlive
    // the World.
    World(const Cluster& initial, const Trace& trace, const SimulationOptions& options,
          std::vector<Observer*> observers);

    [[nodiscard]] bool finished() const { return next_interval_ == trace_->interval_count(); }
    // Demands become those of the next interval, and one sample is added to the history.
    void begin_interval();

    // The cluster as it is now; time 0 is the begin of the trace. The newest sample of the history is the demand of the
    // interval that begins. A VM in flight is shown on its source, with `sampled = false`, so that nothing is decided
    // about it; on the host it is going to, its footprint is part of the overhead, so that nobody else gets its room.
    // O(hosts + VMs * history).
    [[nodiscard]] Result<Snapshot> observe() override;

    // Carries out `plan` (plan_run.hpp): simulated time passes until it is done, at most to the end of the interval. By
    // then what is under way goes on, and what has not started is dropped; the former is in no count of the report, the
    // latter is `skipped`. Errors: refused, nothing done, if the plan is of another cluster or names what does not
    // exist, moves a VM that is in flight or from where it is not or to where it is, or switches a host that cannot be
    // switched. The world keeps no record of `policy`.
    [[nodiscard]] Result<ActuationReport> carry_out(const Plan& plan, const Cluster& cluster,
                                                    std::string_view policy) override;

    // Time passes to the end of the interval.
    void pass_interval();

    [[nodiscard]] const Engine& engine() const { return engine_; }

  private:
    // When each VM's last migration ended.
    class MoveTimes : public Observer {
      public:
        explicit MoveTimes(std::size_t vm_count) : ended_s(vm_count, -History::never) {}
        void on_migration_end(const Migration& m) override { ended_s[m.vm.index()] = m.started_s + m.cost.duration_s; }
        std::vector<double> ended_s;
    };

    [[nodiscard]] double interval_end_s() const { return static_cast<double>(next_interval_ + 1) * trace_->interval_s; }
    [[nodiscard]] Status check(const Plan& plan, const Cluster& cluster) const;
    [[nodiscard]] static std::vector<Observer*> with(std::vector<Observer*> observers, Observer& own);

    const Trace* trace_;
    std::vector<double> configured_mhz_;
    std::size_t migrations_per_host_max_;
    std::size_t next_interval_ = 0;
    History history_;
    MoveTimes moves_;
    Engine engine_;
};

}  // namespace ballast
