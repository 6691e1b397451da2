// SPDX-License-Identifier: Apache-2.0
#include "simulator/workload.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "simulator/first_fit.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

std::string error_of(const TraceSource& trace, const SimulationOptions& options) {
    const Result<Workload> workload = make_workload(trace.info(), options);
    if (workload) return "no error";
    EXPECT_EQ(workload.error().kind, ErrorKind::usage);
    return workload.error().message;
}

TEST(Workload, DefaultsAreTheHostsAndVmSizesOfThePlanetLabExamples) {
    const MemoryTraceSource trace = trace_of(300.0, {{100, 100, 100, 100, 100}});
    const Workload workload = value(make_workload(trace.info(), SimulationOptions{}));
    const std::span<const HostSpec> hosts = workload.inventory->hosts();
    ASSERT_EQ(hosts.size(), 800U);
    const HostSpec& g4 = hosts[0];
    const HostSpec& g5 = hosts[799];
    EXPECT_EQ(g4.name, "g4-1");
    EXPECT_EQ(g5.name, "g5-400");
    EXPECT_EQ(g4.capacity, ResourceVector(3720.0, 4096.0 * bytes_per_mib));
    EXPECT_EQ(g5.capacity, ResourceVector(5320.0, 4096.0 * bytes_per_mib));
    EXPECT_EQ(g4.power->curve.peak_watts(), 117.0);
    EXPECT_EQ(g5.power->curve.peak_watts(), 135.0);
    EXPECT_TRUE(g4.power->controllable);
    // Five VMs in blocks of ceil(5 / 4) = 2: types 0 0 1 1 2.
    EXPECT_EQ(workload.configured_mhz, (std::vector<double>{2500, 2500, 2000, 2000, 1000}));
    EXPECT_EQ(workload.inventory->vms()[4].memory_bytes, 1740.0 * bytes_per_mib);
    EXPECT_EQ(workload.link_bytes_per_s, std::vector<double>(800, MigrationModel{}.bandwidth_bytes_per_s));
    EXPECT_TRUE(workload.failures.empty());
}

TEST(Workload, TypesCanAlternate) {
    SimulationOptions options;
    options.vm_type_assignment = VmTypeAssignment::round_robin;
    EXPECT_EQ(value(make_workload(trace_of(300.0, {{1, 1, 1, 1, 1}}).info(), options)).configured_mhz,
              (std::vector<double>{2500, 2000, 1000, 500, 2500}));
}

// The recording goes before the type, piece by piece: a says all, b only that it has two CPUs of 1000 MHz.
TEST(Workload, WhatTheTraceSaysOfAVmGoesBeforeItsType) {
    VisitingTrace trace(trace_of(300.0, {{1, 1, 1}}), {{0, 1}, {0, 1}, {0, 1}});
    trace.change().vms[0].cpu_mhz = 700.0;
    trace.change().vms[0].memory_bytes = 64.0 * bytes_per_mib;
    trace.change().vms[1].vcpus = 2;
    const Workload workload = value(make_workload(trace.info(), simple_options(2)));
    EXPECT_EQ(workload.configured_mhz, (std::vector<double>{700.0, 2000.0, 1000.0}));
    EXPECT_EQ(workload.inventory->vms()[0].memory_bytes, 64.0 * bytes_per_mib);
    EXPECT_EQ(workload.inventory->vms()[1].vcpus, 2U);
    EXPECT_EQ(workload.inventory->vms()[1].memory_bytes, 1000.0 * bytes_per_mib);
}

TEST(Workload, HostsCanBeGroupedOrInterleaved) {
    SimulationOptions options = simple_options(3);
    options.hosts.push_back(options.hosts[0]);
    options.hosts[1].name_prefix = "k";
    options.hosts[1].count = 1;
    const auto names = [&](HostOrder order) {
        options.host_order = order;
        const Workload workload = value(make_workload(trace_of(300.0, {{1}}).info(), options));
        std::string text;
        for (const HostSpec& host : workload.inventory->hosts()) text += host.name + " ";
        return text;
    };
    EXPECT_EQ(names(HostOrder::interleaved), "h1 k1 h2 h3 ");
    EXPECT_EQ(names(HostOrder::grouped), "h1 h2 h3 k1 ");
}

// Sizes (MHz / MiB): a 300/1000, b 300/1000, c 400/2000, d 900/2000, on hosts of 1000 MHz and 4096 MiB.
// Decreasing memory, then MHz: d h1; c does not fit beside d (1300 MHz) -> h2; a not on h1 (1200) -> h2 (700);
// b not on h2 (1000 fits exactly!) -> h2.
TEST(Workload, PlacesFirstFitDecreasing) {
    SimulationOptions options = simple_options(3);
    options.cpu_overcommit = 1.0;
    options.vm_type_assignment = VmTypeAssignment::round_robin;
    options.vm_types = {{"a", 300.0, 1000.0 * bytes_per_mib},
                        {"b", 300.0, 1000.0 * bytes_per_mib},
                        {"c", 400.0, 2000.0 * bytes_per_mib},
                        {"d", 900.0, 2000.0 * bytes_per_mib}};
    const Workload workload = value(make_workload(trace_of(300.0, {{1, 1, 1, 1}}).info(), options));
    EXPECT_EQ(workload.host_of, (std::vector<HostId>{HostId(1), HostId(1), HostId(1), HostId(0)}));
}

TEST(Workload, OvercommitLetsMoreConfiguredCpuOntoAHostButNotMoreMemory) {
    SimulationOptions options = simple_options(2);  // overcommit 4: four VMs of 1000 MHz, 1000 MiB
    const MemoryTraceSource five = trace_of(300.0, {{1, 1, 1, 1, 1}});
    const Workload workload = value(make_workload(five.info(), options));
    EXPECT_EQ(workload.host_of, (std::vector<HostId>{HostId(0), HostId(0), HostId(0), HostId(0), HostId(1)}));
    options.cpu_overcommit = 1.0;
    EXPECT_EQ(error_of(five, options),
              "VM \"c\" (1000 MHz, 1000 MiB) fits on no host at the start; add hosts or raise cpu_overcommit");
}

// b comes later: it takes no room at the start, but must fit on an empty host.
TEST(Workload, VmsThatComeLaterAreNotPlacedAtTheStart) {
    SimulationOptions options = simple_options(1);
    options.cpu_overcommit = 1.0;
    VisitingTrace trace(trace_of(300.0, {{1, 1}, {1, 1}}), {{0, 2}, {1, 2}});
    EXPECT_EQ(value(make_workload(trace.info(), options)).host_of, (std::vector<HostId>{HostId(0), HostId()}));
    trace.change().vms[1].memory_bytes = 5000.0 * bytes_per_mib;
    EXPECT_EQ(error_of(trace, options),
              "VM \"b\" (1000 MHz, 5000 MiB) is larger than every host; add hosts or raise cpu_overcommit");
}

TEST(Workload, BadOptionsGetOneLine) {
    const MemoryTraceSource trace = trace_of(300.0, {{1}});
    const auto with = [&](auto change) {
        SimulationOptions options = simple_options(2);
        change(options);
        return error_of(trace, options);
    };
    using O = SimulationOptions;
    EXPECT_EQ(with([](O& o) { o.hosts[0].cores = 0; }),
              "host group \"h\": its CPU capacity is zero; set cores and MHz per core");
    EXPECT_EQ(with([](O& o) { o.hosts[0].memory_bytes = 0.0; }), "host group \"h\": its memory capacity is zero");
    EXPECT_EQ(with([](O& o) { o.hosts[0].count = 0; }),
              "host group \"h\": a simulation has at least one host per group and at most 1000000 in all");
    EXPECT_EQ(with([](O& o) { o.hosts[0].count = 2'000'000; }),
              "host group \"h\": a simulation has at least one host per group and at most 1000000 in all");
    EXPECT_EQ(with([](O& o) { o.hosts[0].reserve_mhz = -1.0; }),
              "host group \"h\": reserves must be finite, not negative and below the capacity");
    EXPECT_EQ(with([](O& o) { o.hosts[0].reserve_memory_bytes = o.hosts[0].memory_bytes; }),
              "host group \"h\": reserves must be finite, not negative and below the capacity");
    EXPECT_EQ(with([](O& o) { o.hosts[0].power->boot_s = std::numeric_limits<double>::quiet_NaN(); }),
              "host group \"h\": sleep and boot figures must be finite and not negative");
    EXPECT_EQ(with([](O& o) { o.hosts.push_back(o.hosts[0]); }),
              "host \"h1\": the name is used twice; host names must be distinct");
    EXPECT_EQ(with([](O& o) { o.vm_types[0].mhz_per_vcpu = 0.0; }),
              "VM type \"vm\": MHz, memory and virtual CPUs must be positive");
    EXPECT_EQ(with([](O& o) { o.truth.bandwidth_bytes_per_s = 0.0; }).substr(0, 32),
              "the simulation's migration model");
    EXPECT_EQ(with([](O& o) { o.belief.working_set_fraction = 2.0; }).substr(0, 28), "the policy's migration model");
    EXPECT_EQ(with([](O& o) { o.hosts[0].migration_bytes_per_s = -1.0; }),
              "host group \"h\": its link must be finite and not negative");
    EXPECT_EQ(with([](O& o) { o.hosts[0].failures.mttr_s = -1.0; }),
              "host group \"h\": times between failures and to repair must be finite and not negative");
    EXPECT_EQ(with([](O& o) { o.hosts[0].failures.mtbf_s = 60.0; }),
              "host group \"h\": a mean time between failures is at least an hour");
    EXPECT_EQ(with([](O& o) { o.failures = {{"h9", 1.0, 1.0}}; }), "failure of host \"h9\": there is no such host");
    EXPECT_EQ(with([](O& o) {
                  o.failures = {{"h1", -1.0, 1.0}};
              }),
              "failure of host \"h1\": its times must be finite and not negative");
    EXPECT_EQ(with([](O& o) { o.restart_delay_s = -1.0; }), "restart_delay_s must be finite and not negative");
    EXPECT_EQ(with([](O& o) { o.migration_joules_per_byte = -1.0; }),
              "the energy of migrations must be finite and not negative");
    EXPECT_EQ(with([](O& o) { o.cpu_overcommit = 0.0; }), "cpu_overcommit must be positive");
    EXPECT_EQ(with([](O& o) { o.migration_cpu_fraction = 1.5; }), "migration_cpu_fraction must be between 0 and 1");
    EXPECT_EQ(with([](O& o) { o.migrations_per_host_max = 0; }), "migrations_per_host_max must be positive");
    EXPECT_EQ(with([](O& o) { o.history_samples = 0; }), "history_samples must be between 1 and 10000");
}

TEST(Workload, BadTracesGetOneLine) {
    VisitingTrace trace(trace_of(300.0, {{1, 2}, {3, 4}}), {{0, 2}, {0, 2}});
    trace.change().vms[1].memory_bytes = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(error_of(trace, simple_options(1)),
              "trace \"tiny\": VM \"b\": its CPU and memory must be finite and not negative");
    trace.change().interval_s = 0.0;
    EXPECT_EQ(error_of(trace, simple_options(1)), "trace \"tiny\": needs a positive interval");
    trace.change().interval_count = 0;
    EXPECT_EQ(error_of(trace, simple_options(1)), "trace \"tiny\" is empty");
}

// The tree finds what a plain scan finds.
TEST(FirstFit, IsThePlainScan) {
    Rng rng(7);
    for (int round = 0; round < 50; ++round) {
        std::vector<FirstFit::Room> rooms(1 + rng.below(40));
        for (FirstFit::Room& room : rooms) {
            room.cpu_mhz_max = static_cast<double>(rng.below(10));
            room.memory_bytes_max = static_cast<double>(rng.below(10));
            room.open = rng.below(5) != 0;
        }
        FirstFit tree(rooms);
        for (int vm = 0; vm < 100; ++vm) {
            const double cpu = static_cast<double>(rng.below(5)) + 0.1;
            const double memory = static_cast<double>(rng.below(5)) + 0.1;
            const std::size_t from = rng.below(rooms.size());
            std::size_t h = from;
            const auto has_room = [&](const FirstFit::Room& room) {
                return room.open && fits(Resource::cpu, room.cpu_mhz_used + cpu, room.cpu_mhz_max) &&
                       fits(Resource::memory, room.memory_bytes_used + memory, room.memory_bytes_max);
            };
            while (h < rooms.size() && !has_room(rooms[h])) ++h;
            const HostId found = tree.find(cpu, memory, HostId(from));
            ASSERT_EQ(found, h < rooms.size() ? HostId(h) : HostId());
            if (!found.valid()) continue;
            tree.take(found, cpu, memory);
            rooms[h].cpu_mhz_used += cpu;
            rooms[h].memory_bytes_used += memory;
        }
    }
}

}  // namespace
}  // namespace ballast
