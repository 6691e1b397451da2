// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/simulate.hpp"

#include <chrono>
#include <optional>

#include "simulator/cloudsim/replay.hpp"
#include "simulator/observers/returns.hpp"

namespace ballast::cloudsim {

namespace {

std::vector<std::string> host_names(const Options& options) {
    std::vector<std::string> names;
    for (std::size_t h = 0; h < options.hosts; ++h) {
        names.push_back(options.host_types[h % options.host_types.size()].name + "-" + std::to_string(h));
    }
    return names;
}

}  // namespace

Result<SimulationResult> simulate(TraceSource& trace, const Options& options, const AnyPolicy& policy,
                                  const Progress& progress, Timeline* timeline) {
    const auto begin = std::chrono::steady_clock::now();
    const TraceInfo& info = trace.info();
    std::optional<TimelineBuilder> builder;
    if (timeline != nullptr && info.interval_count > 0) {
        builder.emplace(host_names(options), info.interval_s, info.interval_count - 1);
    }
    ReturnCounter returns(info.vms.size());
    const auto count_return = [&](double time_s, VmIndex vm, HostIndex from, HostIndex to) {
        returns.on_migration_start({VmId(vm), HostId(from), HostId(to), time_s, {}});
    };
    const ReplayHooks hooks{progress, count_return, builder ? &*builder : nullptr};
    SimulationResult result;
    Result<Figures> figures;
    if (const auto* family = std::get_if<FamilyPolicy>(&policy)) {
        figures = replay(trace, options, *family, hooks);
        result.policy = family->name();
        result.options = family->options();
    } else {
        const Policy& own = *std::get<std::shared_ptr<const Policy>>(policy);
        figures = replay(trace, options, own, hooks);
        name_policy(own.specification(), result);
    }
    if (!figures) return tl::unexpected(figures.error());
    if (builder) *timeline = builder->finish();

    result.trace = info.name;
    result.seed = options.seed;
    result.hosts = options.hosts;
    result.vms = info.vms.size();
    result.intervals = info.interval_count;
    result.energy_kwh = figures->energy_kwh;
    result.migrations = figures->migrations;
    result.migrations_back = returns.returns;
    result.sla = {figures->slatah, figures->pdm, figures->sla, figures->sla_overall, figures->sla_average};
    if (figures->worst_host_violating_s > 0.0) {
        result.worst_host = host_names(options)[figures->worst_host];
        result.worst_host_overloaded_s = figures->worst_host_violating_s;
    }
    result.host_shutdowns = figures->shutdowns;
    result.host_starts = figures->starts;
    result.migration_bytes = figures->migration_bytes;
    result.contention_vm_hours = figures->contention_vm_hours;
    result.cloudsim = *figures;
    result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    result.peak_rss_bytes = peak_rss_bytes();
    return result;
}

}  // namespace ballast::cloudsim
