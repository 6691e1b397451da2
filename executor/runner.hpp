// SPDX-License-Identifier: Apache-2.0
// Carries a plan out: the checker's word first, then the actions in the order of the plan's dependencies, several at
// a time within limits. Every migration is journalled, verified on both sides and settled (migration_job.hpp), every
// host that is put to sleep or woken is journalled and watched until it is (power_job.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/plan.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"
#include "core/result.hpp"
#include "executor/migration_class.hpp"
#include "executor/power_job.hpp"
#include "executor/settle.hpp"
#include "executor/start_gate.hpp"
#include "executor/stop_signal.hpp"
#include "executor/veto.hpp"

namespace ballast {

struct RunOptions {
    int parallel_max = 2;                 // migrations in flight in the cluster; at least 1
    int parallel_per_host_max = 1;        // migrations in flight that a host takes part in, either way; at least 1
    MigrationSettings migration;          // of VMs in no class
    std::vector<MigrationClass> classes;  // the first that selects a VM counts
    SettleOptions settle;
    Veto veto;             // asked before each migration, by several threads; may be empty
    int switches_max = 4;  // hosts that are put to sleep or woken at a time; at least 1
    int spare_hosts = 0;   // so many that stay on may fail: no host is put to sleep that would be needed then
    PowerTiming power;
};

enum class ActionResult : std::uint8_t {
    done,
    rolled_back,       // tried; the VM is where it was
    rejected,          // a check said no, or the VM or host has an open record; nothing was done
    needs_operator,    // see the text; the journal keeps the migration open, the host in quarantine
    failed,            // the journal could not be written
    skipped,           // not tried: an action it depends on was not done, the run was stopped, or its gate is closed
    no_power_control,  // a power action, and its host has nothing to carry it out with
};

[[nodiscard]] std::string_view name(ActionResult result);  // "rolled-back"

struct ActionOutcome {
    ActionId action;
    ActionKind kind = ActionKind::migrate;
    ActionResult result = ActionResult::skipped;
    std::int64_t record_id = 0;                                    // in the journal; 0 = none
    std::string text;                                              // one line: what happened or why not
    double duration_s = std::numeric_limits<double>::quiet_NaN();  // of the action, as far as measured
    double downtime_s = std::numeric_limits<double>::quiet_NaN();
    double bytes_sent = std::numeric_limits<double>::quiet_NaN();
};

struct RunEvent {
    // `waiting`: nothing has happened for a second, and the run is alive.
    enum class Kind : std::uint8_t { started, progress, note, finished, skipped, waiting };
    Kind kind = Kind::started;
    ActionId action;                         // of all but `waiting`
    MigrationProgress progress;              // of `progress`
    std::string text;                        // of all but `progress` and `waiting`: one line
    const ActionOutcome* outcome = nullptr;  // of `finished` and `skipped`; valid until run() returns
};

// Called by the thread that called run(), in the order of what happened; of the progress of one migration only the
// newest is kept while it is busy. While it blocks no new migration starts; those in flight are not held up.
using RunObserver = std::function<void(const RunEvent&)>;

struct PlanOutcome {
    std::int64_t plan_id = 0;             // in the journal
    bool stopped = false;                 // somebody asked for it to stop
    std::vector<ActionOutcome> outcomes;  // one per action, in plan order

    // Success if every action is done (power actions without power control do not count). Otherwise:
    //   refused  nothing was tried: checks rejected them all, or all that the others waited for
    //   failed   none was done and nothing is left open
    //   partial  everything between
    // The message counts the outcomes.
    [[nodiscard]] Status status() const;
};

class PlanRunner {
  public:
    // All must outlive the runner, and are called from several threads. `power` may be null: then no host is switched.
    // While `gate` is closed no action is begun; those in flight are finished.
    PlanRunner(Hypervisor& hypervisor, Journal& journal, Clock& clock, RunOptions options,
               const PowerPorts* power = nullptr, StartGate gate = nullptr);

    // Blocks until every action has an outcome. `plan` must be a plan for `cluster`. Errors, with nothing done:
    //   refused     the checker found a violation (its first is in the message), or the gate is closed
    //   failed      the journal cannot be written
    // What goes wrong with single actions is in the result.
    [[nodiscard]] Result<PlanOutcome> run(const Plan& plan, const Cluster& cluster, std::string_view policy,
                                          const StopSignal& stop, const RunObserver& observer);

  private:
    Hypervisor& hypervisor_;
    Journal& journal_;
    Clock& clock_;
    RunOptions options_;
    const PowerPorts* power_;
    StartGate gate_;
};

}  // namespace ballast
