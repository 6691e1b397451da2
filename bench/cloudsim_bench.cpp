// SPDX-License-Identifier: Apache-2.0
// The reference world (docs/cloudsim.md) at several times the size of a recorded day. One line of JSON per policy.
//
//   cloudsim_bench [--plain] DAY COPIES POLICY …
//
// The scaled day has 800 * COPIES hosts and every VM of DAY COPIES times. The copies of a VM have neighbouring numbers,
// in the day's own order of VMs, so each keeps the VM type it has there, and the blocks of equal types stay blocks.
//   cpu_s, wall_s    the replay, without reading the day
//   plain_cpu_s      with --plain: the plain implementation of tests/simulator/plain
//   same             with --plain: all its figures and all its migrations are the same, bit for bit
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "plain_cloudsim.hpp"
#include "simulator/cloudsim/replay.hpp"
#include "simulator/cloudsim/vm_order.hpp"
#include "simulator/trace/memory_source.hpp"
#include "simulator/trace/open.hpp"

namespace ballast::cloudsim {
namespace {

template <typename T>
T or_exit(Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "cloudsim_bench: %s\n", result.error().message.c_str());
    std::exit(2);
}

// Names are numbers of equal length, so that the order by name is the order of the copies.
MemoryTraceSource scaled(TraceSource& day, std::size_t copies) {
    const TraceInfo& info = day.info();
    const std::vector<std::uint32_t> order = vm_order(info, default_options());
    Trace trace;
    trace.name = info.name;
    trace.interval_s = info.interval_s;
    for (std::size_t i = 0; i < order.size() * copies; ++i) trace.vm_names.push_back(std::to_string(1'000'000 + i));
    std::vector<float> percent(order.size());
    for (std::size_t k = 0; k < info.interval_count; ++k) {
        if (const Status read = day.read_cpu_percent(k, percent); !read) std::exit(2);
        for (const std::uint32_t vm : order) trace.cpu_percent.insert(trace.cpu_percent.end(), copies, percent[vm]);
    }
    return MemoryTraceSource(std::move(trace));
}

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same(const Figures& a, const Figures& b) {
    return same(a.energy_kwh, b.energy_kwh) && a.migrations == b.migrations && same(a.sla, b.sla) &&
           same(a.pdm, b.pdm) && same(a.slatah, b.slatah) && same(a.sla_overall, b.sla_overall) &&
           same(a.sla_average, b.sla_average) && a.shutdowns == b.shutdowns && a.starts == b.starts &&
           same(a.mean_time_before_shutdown_s, b.mean_time_before_shutdown_s) &&
           same(a.stdev_time_before_shutdown_s, b.stdev_time_before_shutdown_s) &&
           same(a.mean_migration_s, b.mean_migration_s) && same(a.stdev_migration_s, b.stdev_migration_s) &&
           a.vms_left == b.vms_left && same(a.migration_bytes, b.migration_bytes) &&
           same(a.contention_vm_hours, b.contention_vm_hours);
}

void measure(TraceSource& trace, const Options& options, const std::string& specification, bool with_plain) {
    const FamilyPolicy policy = or_exit(parse_family_policy(specification));
    std::vector<plain::Migration> migrations;
    ReplayHooks hooks;
    if (with_plain) {
        hooks.migration = [&](double time_s, VmIndex vm, HostIndex from, HostIndex to) {
            migrations.push_back({time_s, vm, from, to});
        };
    }
    const double cpu_before_s = cpu_s();
    const auto begin = std::chrono::steady_clock::now();
    const Figures figures = or_exit(replay(trace, options, policy, hooks));
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    std::printf(
        "{\"bench\":\"cloudsim-scale\",\"policy\":\"%s\",\"hosts\":%zu,\"vms\":%zu,\"intervals\":%zu,"
        "\"cpu_s\":%.2f,\"wall_s\":%.2f,\"energy_kwh\":%.17g,\"migrations\":%zu,\"slatah\":%.17g,\"pdm\":%.17g",
        specification.c_str(), options.hosts, trace.info().vms.size(), trace.info().interval_count,
        cpu_s() - cpu_before_s, wall.count(), figures.energy_kwh, figures.migrations, figures.slatah, figures.pdm);
    if (with_plain) {
        const double plain_before_s = cpu_s();
        const std::optional<plain::Run> run = plain::plain_cloudsim(trace, options, policy);
        const bool equal = run && same(figures, run->figures) && migrations == run->migrations;
        std::printf(",\"plain_cpu_s\":%.2f,\"same\":%s", cpu_s() - plain_before_s, equal ? "true" : "false");
    }
    std::printf("}\n");
    std::fflush(stdout);
}

int run(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const bool with_plain = !arguments.empty() && arguments.front() == "--plain";
    if (with_plain) arguments.erase(arguments.begin());
    const std::size_t copies = arguments.size() < 3 ? 0 : std::strtoul(arguments[1].c_str(), nullptr, 10);
    if (copies == 0) {
        std::fprintf(stderr, "usage: cloudsim_bench [--plain] DAY COPIES POLICY ...\n");
        return 2;
    }
    const auto day = or_exit(open_trace(arguments[0]));
    MemoryTraceSource trace = scaled(*day, copies);
    Options options = default_options();
    options.hosts *= copies;
    for (std::size_t i = 2; i < arguments.size(); ++i) measure(trace, options, arguments[i], with_plain);
    return 0;
}

}  // namespace
}  // namespace ballast::cloudsim

int main(int argc, char** argv) { return ballast::cloudsim::run(argc, argv); }
