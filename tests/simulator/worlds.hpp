// SPDX-License-Identifier: Apache-2.0
// Tiny worlds for tests: hosts of 1000 MHz and 4096 MiB that draw 100 W idle and 200 W at full load (100 W + 1 W per 10
// MHz), VMs of 1000 MHz and 1000 MiB, and a migration that is easy to calculate with.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/plan.hpp"
#include "simulator/observers/counters.hpp"
#include "simulator/observers/energy.hpp"
#include "simulator/observers/population.hpp"
#include "simulator/observers/sla.hpp"
#include "simulator/trace/memory_source.hpp"
#include "simulator/workload.hpp"
#include "simulator/world.hpp"
#include "tests/clusters.hpp"

namespace ballast::test {

inline HostPower linear_power() {
    const std::array<double, 11> watts = {100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200};
    HostPower power{.curve = value(PowerCurve::make(watts))};
    power.sleep_watts = 10.0;
    power.boot_s = 20.0;
    power.boot_watts = 150.0;
    power.suspend_s = 10.0;
    power.controllable = true;
    return power;
}

// 1000 MiB at 100 MiB/s, nothing dirtied: 10 s of copying, 3 s of preparation, 2 s of downtime = 15 s, 1000 MiB sent.
inline MigrationModel simple_migration() {
    MigrationModel model;
    model.bandwidth_bytes_per_s = 100.0 * bytes_per_mib;
    model.dirty_bytes_per_s = 0.0;
    model.fixed_overhead_s = 3.0;
    model.resume_s = 2.0;
    return model;
}

inline SimulationOptions simple_options(std::size_t hosts) {
    SimulationOptions options;
    HostGroup group;
    group.count = hosts;
    group.name_prefix = "h";
    group.cores = 1;
    group.mhz_per_core = 1000.0;
    group.memory_bytes = 4096.0 * bytes_per_mib;
    group.power = linear_power();
    options.hosts = {group};
    options.vm_types = {{"vm", 1000.0, 1000.0 * bytes_per_mib}};
    options.cpu_overcommit = 4.0;  // so that first-fit fills the first host up to its memory: four VMs
    options.truth = options.belief = simple_migration();
    return options;
}

// One row per interval, one percentage per VM.
inline MemoryTraceSource trace_of(double interval_s, std::initializer_list<std::vector<float>> rows) {
    Trace trace;
    trace.name = "tiny";
    trace.interval_s = interval_s;
    for (std::size_t v = 0; v < rows.begin()->size(); ++v)
        trace.vm_names.push_back(std::string(1, static_cast<char>('a' + v)));
    for (const std::vector<float>& row : rows)
        trace.cpu_percent.insert(trace.cpu_percent.end(), row.begin(), row.end());
    return MemoryTraceSource(std::move(trace));
}

// The same for VMs that come and go: VM i lives in [lives[i].first, lives[i].second).
class VisitingTrace final : public TraceSource {
  public:
    VisitingTrace(MemoryTraceSource trace, const std::vector<std::pair<std::size_t, std::size_t>>& lives)
        : trace_(std::move(trace)), info_(trace_.info()) {
        for (std::size_t v = 0; v < lives.size(); ++v) {
            info_.vms[v].first_interval = lives[v].first;
            info_.vms[v].end_interval = lives[v].second;
        }
    }
    [[nodiscard]] const TraceInfo& info() const override { return info_; }
    [[nodiscard]] TraceInfo& change() { return info_; }
    [[nodiscard]] Status read_cpu_percent(std::size_t interval, std::span<float> percent) override {
        if (Status ok = trace_.read_cpu_percent(interval, percent); !ok) return ok;
        for (std::size_t v = 0; v < percent.size(); ++v) {
            const TraceVm& vm = info_.vms[v];
            if (interval < vm.first_interval || interval >= vm.end_interval) percent[v] = 0.0F;
        }
        return {};
    }

  private:
    MemoryTraceSource trace_;
    TraceInfo info_;
};

// The same with more columns: a row per interval, a sample per VM.
class RecordedTrace final : public TraceSource {
  public:
    explicit RecordedTrace(MemoryTraceSource trace) : trace_(std::move(trace)), info_(trace_.info()) {}
    RecordedTrace& record(TraceColumn column, std::vector<std::vector<float>> rows) {
        info_.recorded[column] = true;
        others_[column] = std::move(rows);
        return *this;
    }
    [[nodiscard]] const TraceInfo& info() const override { return info_; }
    [[nodiscard]] Status read_cpu_percent(std::size_t interval, std::span<float> percent) override {
        return trace_.read_cpu_percent(interval, percent);
    }
    [[nodiscard]] Status read_column(std::size_t interval, TraceColumn column, std::span<float> values) override {
        std::ranges::copy(others_[column].at(interval), values.begin());
        return {};
    }

  private:
    MemoryTraceSource trace_;
    TraceInfo info_;
    ByColumn<std::vector<std::vector<float>>> others_;
};

// A World with all observers of a run.
struct MeasuredWorld {
    MeasuredWorld(TraceSource& trace, const SimulationOptions& options, std::vector<Observer*> more = {})
        : start(value(make_workload(trace.info(), options))),
          energy(start.inventory, options.migration_joules_per_byte),
          sla(start.configured_mhz.size(), trace.info().interval_s),
          contention(start.configured_mhz),
          world(start, trace, options, with(std::move(more))) {}

    Result<ActuationReport> execute(const Plan& plan) {
        return world.carry_out(plan, value(world.observe()).cluster, "test");
    }
    void begin() { ASSERT_TRUE(world.begin_interval()); }
    // An interval in which nothing is decided.
    void pass() {
        begin();
        world.pass_interval();
    }

    Workload start;
    EnergyMeter energy;
    SlaMeter sla;
    MigrationCounter migrations;
    PowerCounter power;
    ContentionCounter contention;
    RateContentionCounter network{&VmStretch::network};
    RateContentionCounter disk_io{&VmStretch::disk_io};
    PopulationCounter population;
    World world;

  private:
    std::vector<Observer*> with(std::vector<Observer*> more) {
        more.insert(more.end(), {&energy, &sla, &migrations, &power, &contention, &network, &disk_io, &population});
        return more;
    }
};

inline Action migrate(std::size_t vm, std::size_t from, std::size_t to, std::vector<std::size_t> after = {}) {
    Action action;
    action.vm = VmId(vm);
    action.from = HostId(from);
    action.host = HostId(to);
    for (const std::size_t a : after) action.after.emplace_back(a);
    return action;
}

inline Action switch_power(ActionKind kind, std::size_t host, std::vector<std::size_t> after = {}) {
    Action action;
    action.kind = kind;
    action.host = HostId(host);
    for (const std::size_t a : after) action.after.emplace_back(a);
    return action;
}

inline Plan plan(std::vector<Action> actions) { return Plan{std::move(actions), {}}; }

}  // namespace ballast::test
