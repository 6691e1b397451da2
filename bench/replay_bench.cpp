// SPDX-License-Identifier: Apache-2.0
// How fast a recorded load is replayed, and with how much memory. One process measures one size, so that the peak of
// its memory is that size's; it prints one line of JSON.
//
//   replay_bench HOSTS VMS INTERVALS [POLICY [columns]]
//
// Hosts of 64,000 MHz and 256 GiB, VMs of 4 x 2500 MHz and 16 GiB, so ten or more VMs share a host (the CPU may be
// booked twice). The intervals are one day whatever their number. A VM has a level of its own, mostly low (the square
// of a uniform number), and follows a daily wave between 0.7 and 1.3 times that level, with a phase of its own: some
// hosts are low at night and some hot at noon, for hours, so that policies have something to do. The recording is made
// before the clock starts: 24 rows, each shown for an hour.
// With `columns` the recording has memory, network and disk I/O, too: of the memory in percent and of 4 MB/s as much as
// of the CPU, and hosts have 20 MB/s of either.
//   setup_cpu_s       make_workload() and the World: inventory, first-fit decreasing
//   replay_cpu_s      all intervals, with all observers of `ballast simulate`
//   vm_intervals_per_s  of the replay, per second of CPU time
//   wall_s            set-up and replay, by the clock on the wall
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "control/cycle.hpp"
#include "core/random.hpp"
#include "simulator/heap.hpp"
#include "simulator/observers/counters.hpp"
#include "simulator/observers/energy.hpp"
#include "simulator/observers/population.hpp"
#include "simulator/observers/sla.hpp"
#include "simulator/world.hpp"

namespace ballast {
namespace {

constexpr std::size_t recorded_rows = 24;

class SyntheticTrace final : public TraceSource {
  public:
    SyntheticTrace(std::size_t vms, std::size_t intervals, bool columns) : vms_(vms), percent_(vms * recorded_rows) {
        info_.name = "synthetic";
        info_.interval_s = 300.0;
        info_.interval_count = intervals;
        info_.vms.resize(vms);
        for (const TraceColumn column : trace_columns) info_.recorded[column] = columns;
        for (std::size_t v = 0; v < vms; ++v) info_.vms[v].name = std::to_string(v);
        Rng rng(1);
        for (std::size_t v = 0; v < vms; ++v) {
            const double u = rng.uniform();
            const double phase = 0.2 * rng.uniform();
            for (std::size_t row = 0; row < recorded_rows; ++row)
                percent_[row * vms + v] = percent_at(u * u, phase, row);
        }
    }
    [[nodiscard]] const TraceInfo& info() const override { return info_; }
    [[nodiscard]] Status read_cpu_percent(std::size_t interval, std::span<float> percent) override {
        const std::size_t row = interval * recorded_rows / info_.interval_count;
        std::memcpy(percent.data(), percent_.data() + row * vms_, vms_ * sizeof(float));
        return {};
    }
    [[nodiscard]] Status read_column(std::size_t interval, TraceColumn column, std::span<float> values) override {
        if (Status ok = read_cpu_percent(interval, values); !ok) return ok;
        if (column == TraceColumn::memory) return {};
        for (float& value : values) value *= 40'000.0F;
        return {};
    }

  private:
    static float percent_at(double level, double phase, std::size_t row) {
        constexpr double tau = 6.283185307179586;
        const double wave = 1.0 - 0.3 * std::cos(tau * (static_cast<double>(row) / recorded_rows + phase));
        return static_cast<float>(std::min(100.0, 75.0 * level * wave));
    }

    std::size_t vms_;
    std::vector<float> percent_;
    TraceInfo info_;
};

SimulationOptions options_for(std::size_t hosts) {
    SimulationOptions options;
    HostGroup group;
    group.count = hosts;
    group.cores = 32;
    group.mhz_per_core = 2000.0;
    group.memory_bytes = 256.0 * 1024 * bytes_per_mib;
    group.network_bytes_per_s = group.disk_bytes_per_s = 20e6;  // bind only if the recording has them
    group.power = default_hosts()[1].power;
    options.hosts = {group};
    options.vm_types = {{"vm", 2500.0, 16.0 * 1024 * bytes_per_mib, 4}};
    options.cpu_overcommit = 2.0;
    return options;
}

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double peak_rss_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

int measure(std::size_t hosts, std::size_t vms, std::size_t intervals, const std::string& specification, bool columns) {
    SyntheticTrace trace(vms, intervals, columns);
    SimulationOptions options = options_for(hosts);
    if (specification == "none") options.history_samples = 1;
    std::unique_ptr<Policy> policy;
    if (specification != "none") {
        Result<std::unique_ptr<Policy>> made = make_policy(specification);
        if (!made) return std::fprintf(stderr, "%s\n", made.error().message.c_str()), 2;
        policy = std::move(*made);
    }
    const auto wall_begin = std::chrono::steady_clock::now();
    const double begin = cpu_s();
    const Result<Workload> start = make_workload(trace.info(), options);
    if (!start) return std::fprintf(stderr, "%s\n", start.error().message.c_str()), 1;
    EnergyMeter energy(start->inventory);
    SlaMeter sla(vms, trace.info().interval_s);
    MigrationCounter migrations;
    PowerCounter power;
    ContentionCounter contention(start->configured_mhz);
    RateContentionCounter network(&VmStretch::network);
    RateContentionCounter disk_io(&VmStretch::disk_io);
    PopulationCounter population;
    if (!policy) options.history_samples = 0;
    World world(*start, trace, options,
                {&energy, &sla, &migrations, &power, &contention, &network, &disk_io, &population});
    const double ready = cpu_s();
    Rng rng(1);
    const Approval always = [](const Snapshot&, const Decision&) { return true; };
    while (!world.finished()) {
        if (Status ok = world.begin_interval(); !ok) return 1;
        if (policy && !run_cycle({world, *policy, &world, options.belief, always}, rng)) return 1;
        world.pass_interval();
    }
    const double done = cpu_s();
    const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_begin).count();
    const double vm_intervals = static_cast<double>(vms) * static_cast<double>(intervals);
    std::printf(
        "{\"name\":\"replay\",\"policy\":\"%s\",\"hosts\":%zu,\"vms\":%zu,\"intervals\":%zu,\"setup_cpu_s\":%.3f,"
        "\"replay_cpu_s\":%.3f,\"vm_intervals_per_s\":%.4g,\"peak_rss_mib\":%.0f,\"energy_kwh\":%.3f,"
        "\"migrations\":%zu,\"host_shutdowns\":%zu,\"contention_vm_hours\":%.3f,"
        "\"network_contention_vm_hours\":%.3f,\"wall_s\":%.3f}\n",
        specification.c_str(), hosts, vms, intervals, ready - begin, done - ready, vm_intervals / (done - ready),
        peak_rss_mib(), energy.kwh(), migrations.started, power.shutdowns, contention.vm_s / 3600.0,
        network.vm_s / 3600.0, wall_s);
    return 0;
}

}  // namespace
}  // namespace ballast

int main(int argc, char** argv) {
    ballast::keep_freed_memory();
    if (argc < 4) return std::fprintf(stderr, "usage: replay_bench HOSTS VMS INTERVALS [POLICY [columns]]\n"), 2;
    const auto count = [&](int i) { return static_cast<std::size_t>(std::strtoull(argv[i], nullptr, 10)); };
    return ballast::measure(count(1), count(2), count(3), argc > 4 ? argv[4] : "none",
                            argc > 5 && std::strcmp(argv[5], "columns") == 0);
}
