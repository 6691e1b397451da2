// SPDX-License-Identifier: Apache-2.0
#include "simulator/world.hpp"

#include <string>
#include <utility>

#include "core/check.hpp"
#include "simulator/plan_run.hpp"

namespace ballast {

World::World(const Cluster& initial, const Trace& trace, const SimulationOptions& options,
             std::vector<Observer*> observers)
    : trace_(&trace),
      configured_mhz_(configured_mhz(trace, options)),
      migrations_per_host_max_(options.migrations_per_host_max),
      history_(trace.vm_count(), options.history_samples, trace.interval_s),
      moves_(trace.vm_count()),
      engine_(initial, EngineOptions{options.truth, options.migration_cpu_fraction},
              with(std::move(observers), moves_)) {
    BALLAST_CHECK(initial.vm_count() == trace.vm_count(), "the cluster was made for this trace");
}

std::vector<Observer*> World::with(std::vector<Observer*> observers, Observer& own) {
    observers.push_back(&own);
    return observers;
}

void World::begin_interval() {
    const std::span<const float> percent = trace_->interval(next_interval_);
    std::vector<double> mhz(percent.size());
    for (std::size_t v = 0; v < mhz.size(); ++v) mhz[v] = static_cast<double>(percent[v]) / 100.0 * configured_mhz_[v];
    engine_.set_demands(mhz);
    history_.push(mhz);
}

Result<Snapshot> World::observe() {
    const Inventory& inventory = engine_.inventory();
    ClusterState state;
    state.hosts.resize(inventory.hosts().size());
    state.vms.resize(inventory.vms().size());
    for (std::size_t h = 0; h < state.hosts.size(); ++h) state.hosts[h].power = engine_.power(HostId(h));

    Snapshot snapshot;
    snapshot.unix_time_s = engine_.now_s();
    snapshot.history = history_;
    for (std::size_t v = 0; v < state.vms.size(); ++v) {
        const VmId id(v);
        const ResourceVector footprint(engine_.demand_mhz(id), inventory.vms()[v].memory_bytes);
        state.vms[v] = VmState{engine_.host_of(id), footprint, !engine_.migrating(id)};
        if (engine_.migrating(id)) state.hosts[engine_.destination_of(id).index()].overhead += footprint;
        snapshot.history.set_last_move_age(id, engine_.now_s() - moves_.ended_s[v]);
    }
    Result<Cluster> cluster = Cluster::make(engine_.shared_inventory(), std::move(state));
    if (!cluster) return tl::unexpected(cluster.error());
    snapshot.cluster = std::move(*cluster);
    return snapshot;
}

Status World::check(const Plan& plan, const Cluster& cluster) const {
    if (cluster.shared_inventory() != engine_.shared_inventory()) {
        return fail(ErrorKind::refused, "the plan was made for another cluster than the simulated one");
    }
    const Inventory& inventory = engine_.inventory();
    std::vector<HostId> host_of(inventory.vms().size());  // where the plan has taken a VM so far; none = nowhere yet
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
        if (action.vm.index() >= host_of.size()) return fail(ErrorKind::refused, who + "no such VM");
        const std::string vm = "VM \"" + inventory.vms()[action.vm.index()].name + "\" ";
        HostId& now = host_of[action.vm.index()];
        if (!now.valid()) now = engine_.host_of(action.vm);
        if (engine_.migrating(action.vm)) return fail(ErrorKind::refused, who + vm + "is being migrated already");
        if (action.from != now) return fail(ErrorKind::refused, who + vm + "is not on the host it is to leave");
        if (action.host == now) return fail(ErrorKind::refused, who + vm + "is already on \"" + host.name + "\"");
        now = action.host;
    }
    return {};
}

Result<ActuationReport> World::carry_out(const Plan& plan, const Cluster& cluster, std::string_view /*policy*/) {
    if (Status ok = check(plan, cluster); !ok) return tl::unexpected(ok.error());
    PlanRun run(plan);
    run.step(engine_, migrations_per_host_max_);
    while (!run.finished() && engine_.advance(interval_end_s())) run.step(engine_, migrations_per_host_max_);
    return ActuationReport{.done = run.done_count(), .skipped = run.waiting_count()};
}

void World::pass_interval() {
    while (engine_.advance(interval_end_s())) continue;
    ++next_interval_;
    engine_.end_interval();
}

}  // namespace ballast
