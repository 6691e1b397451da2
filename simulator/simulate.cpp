// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulate.hpp"

#include <sys/resource.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "control/cycle.hpp"
#include "simulator/observers/counters.hpp"
#include "simulator/observers/energy.hpp"
#include "simulator/world.hpp"

namespace ballast {

namespace {

// "spread:enter=0.8,exit=0.65" -> the name and its options.
void describe_policy(const Policy* policy, SimulationResult& result) {
    result.policy = "none";
    if (policy == nullptr) return;
    const std::string specification = policy->specification();
    const std::size_t colon = specification.find(':');
    result.policy = specification.substr(0, colon);
    if (colon == std::string::npos) return;
    std::string_view rest = std::string_view(specification).substr(colon + 1);
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        const std::size_t equals = std::min(item.find('='), item.size());
        const std::size_t value = std::min(equals + 1, item.size());
        result.options.emplace_back(item.substr(0, equals), item.substr(value));
    }
}

std::uint64_t peak_rss_bytes() {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
}

}  // namespace

Result<SimulationResult> simulate(const Trace& trace, const SimulationOptions& options, const Policy* policy,
                                  const Progress& progress) {
    const auto begin = std::chrono::steady_clock::now();
    const Result<Cluster> initial = make_initial_cluster(trace, options);
    if (!initial) return tl::unexpected(initial.error());

    EnergyMeter energy(initial->shared_inventory());
    SlaMeter sla(trace.vm_count());
    MigrationCounter migrations;
    PowerCounter power;
    ContentionCounter contention;
    World world(*initial, trace, options, {&energy, &sla, &migrations, &power, &contention});
    Rng rng(options.seed);
    const Approval always = [](const Snapshot&, const Decision&) { return true; };
    for (std::size_t done = 0; !world.finished(); ++done) {
        world.begin_interval();
        if (policy != nullptr) {
            const Result<Cycle> cycle = run_cycle({world, *policy, &world, options.belief, always}, rng);
            if (!cycle) {
                return fail(cycle.error().kind, "interval " + std::to_string(done) + ": " + cycle.error().message);
            }
        }
        world.pass_interval();
        if (progress) progress(done + 1, trace.interval_count());
    }

    SimulationResult result;
    result.trace = trace.name;
    describe_policy(policy, result);
    result.seed = options.seed;
    result.hosts = initial->host_count();
    result.vms = initial->vm_count();
    result.intervals = trace.interval_count();
    result.energy_kwh = energy.kwh();
    result.migrations = migrations.started;
    result.sla = sla.figures();
    result.host_shutdowns = power.shutdowns;
    result.host_starts = power.starts;
    result.migration_bytes = migrations.bytes;
    result.downtime_s = migrations.downtime_s;
    result.contention_vm_hours = contention.vm_s / 3600.0;
    result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    result.peak_rss_bytes = peak_rss_bytes();
    return result;
}

}  // namespace ballast
