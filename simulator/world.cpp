// SPDX-License-Identifier: Apache-2.0
#include "simulator/world.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "simulator/plan_run.hpp"

namespace ballast {

World::World(const Workload& start, TraceSource& trace, const SimulationOptions& options,
             std::vector<Observer*> observers)
    : trace_(&trace),
      migrations_per_host_max_(options.migrations_per_host_max),
      reader_(trace, start),
      snapshots_(start, options.history_samples, trace.info().interval_s,
                 static_cast<double>(trace.info().interval_count) * trace.info().interval_s),
      engine_(start, EngineOptions{options.truth, options.migration_cpu_fraction, options.restart_delay_s},
              with(std::move(observers), snapshots_)),
      admission_(trace.info(), start.configured_mhz, placement_overcommit(options)),
      clocks_(draw_clock_offsets(start.inventory->hosts().size(), options.clock_offset_s, options.clock_seed),
              options.clock_offset_s, trace.info().interval_s) {
    for (std::size_t h = 0; h < start.host_states.size(); ++h) {
        const PowerState was = start.host_states[h].power;
        const bool off = was == PowerState::asleep || was == PowerState::going_to_sleep;
        if (off && start.inventory->hosts()[h].power && engine_.empty(HostId(h))) engine_.start_sleeping(HostId(h));
    }
}

std::vector<Observer*> World::with(std::vector<Observer*> observers, Observer& own) {
    observers.push_back(&own);
    return observers;
}

Status World::begin_interval() {
    if (Status ok = reader_.read(next_interval_, demands_); !ok) return ok;
    engine_.set_demands(demands_);
    admission_.begin_interval(next_interval_, engine_);
    snapshots_.push(clocks_.report(demands_, engine_).cpu_mhz, engine_);
    return {};
}

Result<Snapshot> World::observe() { return snapshots_.make(engine_, clocks_.reported(demands_)); }

Result<Plan> World::translate(const Plan& plan, const Cluster& cluster) const {
    if (!snapshots_.inventory() || cluster.shared_inventory() != snapshots_.inventory()) {
        return fail(ErrorKind::refused, "the plan was made for another cluster than the simulated one");
    }
    Plan own = plan;
    for (std::size_t a = 0; a < own.actions.size(); ++a) {
        Action& action = own.actions[a];
        if (action.kind != ActionKind::migrate) continue;
        if (action.vm.index() >= snapshots_.vm_count()) {
            return fail(ErrorKind::refused, "action " + std::to_string(a) + " (migrate): no such VM");
        }
        action.vm = snapshots_.engine_id(action.vm);
    }
    if (Status ok = check(own); !ok) return tl::unexpected(ok.error());
    return own;
}

Status World::check(const Plan& plan) const {
    const Inventory& inventory = engine_.inventory();
    std::map<VmId, HostId> host_of;  // where the plan has taken a VM so far
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        const Action& action = plan.actions[a];
        const std::string who = "action " + std::to_string(a) + " (" + std::string(name(action.kind)) + "): ";
        for (const ActionId before : action.after) {
            if (before.index() >= a) return fail(ErrorKind::refused, who + "depends on one that is not before it");
        }
        if (action.host.index() >= inventory.hosts().size()) return fail(ErrorKind::refused, who + "no such host");
        const HostSpec& host = inventory.hosts()[action.host.index()];
        if (action.kind != ActionKind::migrate) {
            if (host.power && host.power->controllable) continue;
            return fail(ErrorKind::refused, who + "host \"" + host.name + "\" cannot be switched on or off");
        }
        const std::string vm = "VM \"" + inventory.vms()[action.vm.index()].name + "\" ";
        HostId& now = host_of[action.vm];
        if (!now.valid()) now = engine_.host_of(action.vm);
        if (engine_.migrating(action.vm)) return fail(ErrorKind::refused, who + vm + "is being migrated already");
        if (action.from != now) return fail(ErrorKind::refused, who + vm + "is not on the host it is to leave");
        if (action.host == now) return fail(ErrorKind::refused, who + vm + "is already on \"" + host.name + "\"");
        now = action.host;
    }
    return {};
}

Result<ActuationReport> World::carry_out(const Plan& plan, const Cluster& cluster, std::string_view /*policy*/) {
    Result<Plan> own = translate(plan, cluster);
    if (!own) return tl::unexpected(own.error());
    PlanRun run(std::move(*own));
    run.step(engine_, migrations_per_host_max_);
    while (!run.finished() && advance()) run.step(engine_, migrations_per_host_max_);
    return ActuationReport{.done = run.done_count(), .failed = run.failed_count(), .skipped = run.waiting_count()};
}

bool World::advance() {
    const bool something = engine_.advance(interval_end_s());
    if (something) admission_.restart(engine_);
    return something;
}

void World::pass_interval() {
    while (advance()) continue;
    ++next_interval_;
    engine_.end_interval();
}

}  // namespace ballast
