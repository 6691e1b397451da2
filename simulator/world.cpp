// SPDX-License-Identifier: Apache-2.0
#include "simulator/world.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/check.hpp"
#include "simulator/plan_run.hpp"

namespace ballast {

World::World(const Workload& start, TraceSource& trace, const SimulationOptions& options,
             std::vector<Observer*> observers)
    : trace_(&trace),
      configured_mhz_(start.configured_mhz),
      migrations_per_host_max_(options.migrations_per_host_max),
      percent_(configured_mhz_.size()),
      mhz_(configured_mhz_.size()),
      snapshots_(configured_mhz_.size(), options.history_samples, trace.info().interval_s),
      engine_(start, EngineOptions{options.truth, options.migration_cpu_fraction, options.restart_delay_s},
              with(std::move(observers), snapshots_)),
      admission_(trace.info(), configured_mhz_, options.cpu_overcommit) {
    BALLAST_CHECK(configured_mhz_.size() == trace.info().vms.size(), "the workload was made for this trace");
}

std::vector<Observer*> World::with(std::vector<Observer*> observers, Observer& own) {
    observers.push_back(&own);
    return observers;
}

Status World::read_demands() {
    if (Status ok = trace_->read_cpu_percent(next_interval_, percent_); !ok) return ok;
    bool valid = true;
    for (std::size_t v = 0; v < mhz_.size(); ++v) {
        const float percent = percent_[v];
        valid &= percent >= 0.0F && percent <= 100.0F;
        mhz_[v] = static_cast<double>(percent) / 100.0 * configured_mhz_[v];
    }
    if (valid) return {};
    const TraceInfo& info = trace_->info();
    const auto bad = [](float percent) { return !(percent >= 0.0F && percent <= 100.0F); };
    const auto vm = std::find_if(percent_.begin(), percent_.end(), bad) - percent_.begin();
    return fail(ErrorKind::usage, "trace \"" + info.name + "\": VM \"" + info.vms[static_cast<std::size_t>(vm)].name +
                                      "\" has a sample outside of 0 to 100 % in interval " +
                                      std::to_string(next_interval_));
}

Status World::begin_interval() {
    if (Status ok = read_demands(); !ok) return ok;
    engine_.set_demands(mhz_);
    admission_.begin_interval(next_interval_, engine_);
    snapshots_.push(mhz_, engine_);
    return {};
}

Result<Snapshot> World::observe() { return snapshots_.make(engine_); }

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
