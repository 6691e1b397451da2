// SPDX-License-Identifier: Apache-2.0
#include "simulator/workload.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

std::string error_of(const Trace& trace, const SimulationOptions& options) {
    const Result<Cluster> cluster = make_initial_cluster(trace, options);
    if (cluster) return "no error";
    EXPECT_EQ(cluster.error().kind, ErrorKind::usage);
    return cluster.error().message;
}

TEST(Workload, DefaultsAreTheHostsAndVmSizesOfThePlanetLabExamples) {
    const Trace trace = trace_of(300.0, {{100, 100, 100, 100, 100}});
    const Cluster cluster = value(make_initial_cluster(trace, SimulationOptions{}));
    ASSERT_EQ(cluster.host_count(), 800U);
    const HostSpec& g4 = cluster.spec(HostId(0));
    const HostSpec& g5 = cluster.spec(HostId(799));
    EXPECT_EQ(g4.name, "g4-1");
    EXPECT_EQ(g5.name, "g5-400");
    EXPECT_EQ(g4.capacity, ResourceVector(3720.0, 4096.0 * bytes_per_mib));
    EXPECT_EQ(g5.capacity, ResourceVector(5320.0, 4096.0 * bytes_per_mib));
    EXPECT_EQ(g4.power->curve.peak_watts(), 117.0);
    EXPECT_EQ(g5.power->curve.peak_watts(), 135.0);
    EXPECT_TRUE(g4.power->controllable);
    // Five VMs in blocks of ceil(5 / 4) = 2: types 0 0 1 1 2.
    EXPECT_EQ(configured_mhz(trace, SimulationOptions{}), (std::vector<double>{2500, 2500, 2000, 2000, 1000}));
    EXPECT_EQ(cluster.spec(VmId(4)).memory_bytes, 1740.0 * bytes_per_mib);
    EXPECT_EQ(cluster.state(VmId(4)).demand.cpu_mhz(), 1000.0);
}

TEST(Workload, TypesCanAlternate) {
    SimulationOptions options;
    options.vm_type_assignment = VmTypeAssignment::round_robin;
    EXPECT_EQ(configured_mhz(trace_of(300.0, {{1, 1, 1, 1, 1}}), options),
              (std::vector<double>{2500, 2000, 1000, 500, 2500}));
}

TEST(Workload, HostsCanBeGroupedOrInterleaved) {
    SimulationOptions options = simple_options(3);
    options.hosts.push_back(options.hosts[0]);
    options.hosts[1].name_prefix = "k";
    options.hosts[1].count = 1;
    const auto names = [&](HostOrder order) {
        options.host_order = order;
        const Cluster cluster = value(make_initial_cluster(trace_of(300.0, {{1}}), options));
        std::string text;
        for (const HostSpec& host : cluster.inventory().hosts()) text += host.name + " ";
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
    const Cluster cluster = value(make_initial_cluster(trace_of(300.0, {{1, 1, 1, 1}}), options));
    EXPECT_EQ(cluster.state(VmId(3)).host, HostId(0));
    EXPECT_EQ(cluster.state(VmId(2)).host, HostId(1));
    EXPECT_EQ(cluster.state(VmId(0)).host, HostId(1));
    EXPECT_EQ(cluster.state(VmId(1)).host, HostId(1));
}

TEST(Workload, OvercommitLetsMoreConfiguredCpuOntoAHostButNotMoreMemory) {
    SimulationOptions options = simple_options(2);  // overcommit 4: four VMs of 1000 MHz, 1000 MiB
    const Trace five = trace_of(300.0, {{1, 1, 1, 1, 1}});
    const Cluster cluster = value(make_initial_cluster(five, options));
    EXPECT_EQ(cluster.vms_on(HostId(0)).size(), 4U);
    EXPECT_EQ(cluster.vms_on(HostId(1)).size(), 1U);
    options.cpu_overcommit = 1.0;
    EXPECT_EQ(error_of(five, options),
              "VM \"c\" (1000 MHz, 1000 MiB) fits on no host at the start; add hosts or raise cpu_overcommit");
}

TEST(Workload, BadOptionsGetOneLine) {
    const Trace trace = trace_of(300.0, {{1}});
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
    EXPECT_EQ(with([](O& o) { o.cpu_overcommit = 0.0; }), "cpu_overcommit must be positive");
    EXPECT_EQ(with([](O& o) { o.migration_cpu_fraction = 1.5; }), "migration_cpu_fraction must be between 0 and 1");
    EXPECT_EQ(with([](O& o) { o.migrations_per_host_max = 0; }), "migrations_per_host_max must be positive");
    EXPECT_EQ(with([](O& o) { o.history_samples = 0; }), "history_samples must be between 1 and 10000");
}

TEST(Workload, BadTracesGetOneLine) {
    Trace trace = trace_of(300.0, {{1, 2}, {3, 4}});
    trace.cpu_percent[3] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(error_of(trace, simple_options(1)),
              "trace \"tiny\": VM \"b\" has a sample outside of 0 to 100 % in interval 1");
    trace.cpu_percent[3] = -1.0F;
    EXPECT_EQ(error_of(trace, simple_options(1)),
              "trace \"tiny\": VM \"b\" has a sample outside of 0 to 100 % in interval 1");
    trace.cpu_percent.pop_back();
    EXPECT_EQ(error_of(trace, simple_options(1)), "trace \"tiny\": needs a positive interval and whole intervals");
    trace.cpu_percent.clear();
    EXPECT_EQ(error_of(trace, simple_options(1)), "trace \"tiny\" is empty");
}

}  // namespace
}  // namespace ballast
