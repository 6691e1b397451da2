// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulate.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/cycle.hpp"
#include "simulator/observers/counters.hpp"
#include "simulator/observers/energy.hpp"
#include "simulator/observers/population.hpp"
#include "simulator/observers/returns.hpp"
#include "simulator/observers/sla.hpp"
#include "simulator/observers/timeline.hpp"
#include "simulator/world.hpp"

namespace ballast {

namespace {

// All observers of a run.
struct Meters {
    Meters(const Workload& start, const SimulationOptions& options, double interval_s)
        : energy(start.inventory, options.migration_joules_per_byte),
          sla(start.configured_mhz.size(), interval_s),
          contention(start.configured_mhz),
          returns(start.configured_mhz.size()) {}

    void write(double now_s, SimulationResult& result) const {
        result.energy_kwh = energy.kwh();
        result.migrations = migrations.started;
        result.sla = sla.figures();
        result.host_shutdowns = power.shutdowns;
        result.host_starts = power.starts;
        result.migration_bytes = migrations.bytes;
        result.downtime_s = migrations.downtime_s;
        result.contention_vm_hours = contention.vm_s / 3600.0;
        result.network_contention_vm_hours = network.vm_s / 3600.0;
        result.network_lost_bytes = network.lost_bytes;
        result.disk_contention_vm_hours = disk_io.vm_s / 3600.0;
        result.disk_lost_bytes = disk_io.lost_bytes;
        result.cpu_ready_s = contention.ready_s_sum();
        result.cpu_ready_vm_max_s = contention.ready_s_max();
        result.migration_s = migrations.duration_s;
        result.migrations_aborted = migrations.aborted;
        result.migrations_back = returns.returns;
        const PopulationCounter::Figures vms = population.figures(now_s);
        result.vm_arrivals = vms.arrivals;
        result.vm_departures = vms.departures;
        result.vms_waited = vms.waited;
        result.vm_waiting_s = vms.waiting_s;
        result.host_failures = power.failures;
        result.vm_restarts = vms.restarts;
        result.failure_downtime_s = vms.failure_downtime_s;
    }

    EnergyMeter energy;
    SlaMeter sla;
    MigrationCounter migrations;
    PowerCounter power;
    ContentionCounter contention;
    RateContentionCounter network{&VmStretch::network};
    RateContentionCounter disk_io{&VmStretch::disk_io};
    PopulationCounter population;
    ReturnCounter returns;
};

Status run_interval(World& world, const SimulationOptions& options, const Policy* policy, Rng& rng) {
    if (Status ok = world.begin_interval(); !ok) return ok;
    if (policy != nullptr && world.engine().migrating_count() == 0) {
        const Approval always = [](const Snapshot&, const Decision&) { return true; };
        const Result<Cycle> cycle = run_cycle({world, *policy, &world, options.belief, always}, rng);
        if (!cycle) return tl::unexpected(cycle.error());
    }
    world.pass_interval();
    return {};
}

}  // namespace

Result<SimulationResult> simulate(TraceSource& trace, const SimulationOptions& options, const Policy* policy,
                                  const Progress& progress, Timeline* timeline, std::vector<SimulatedMove>* moves) {
    const auto begin = std::chrono::steady_clock::now();
    const TraceInfo& info = trace.info();
    const Result<Workload> start = make_workload(info, options);
    if (!start) return tl::unexpected(start.error());

    Meters meters(*start, options, info.interval_s);
    SimulationOptions own = options;
    if (policy == nullptr) own.history_samples = 0;
    std::vector<Observer*> observers{&meters.energy,     &meters.sla,     &meters.migrations,
                                     &meters.network,    &meters.power,   &meters.contention,
                                     &meters.population, &meters.disk_io, &meters.returns};
    std::optional<TimelineRecorder> recorder;
    if (timeline != nullptr) {
        recorder.emplace(start->inventory, info.interval_s, info.interval_count, options.migration_joules_per_byte);
        observers.push_back(&*recorder);
    }
    MoveLog move_log(start->inventory);
    if (moves != nullptr) observers.push_back(&move_log);
    World world(*start, trace, own, observers);
    Rng rng(options.seed);
    for (std::size_t done = 0; !world.finished(); ++done) {
        if (Status ok = run_interval(world, options, policy, rng); !ok) {
            return fail(ok.error().kind, "interval " + std::to_string(done) + ": " + ok.error().message);
        }
        if (progress) progress(done + 1, info.interval_count);
    }

    if (recorder) *timeline = recorder->finish();
    if (moves != nullptr) *moves = std::move(move_log.moves);
    SimulationResult result;
    result.trace = info.name;
    name_policy(policy == nullptr ? "none" : policy->specification(), result);
    result.seed = options.seed;
    result.hosts = start->inventory->hosts().size();
    result.vms = start->inventory->vms().size();
    result.intervals = info.interval_count;
    meters.write(world.engine().now_s(), result);
    if (const HostId worst = meters.sla.worst_host(); worst.valid()) {
        result.worst_host = start->inventory->hosts()[worst.index()].name;
        result.worst_host_overloaded_s = meters.sla.overloaded_s(worst);
    }
    result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    result.peak_rss_bytes = peak_rss_bytes();
    return result;
}

}  // namespace ballast
