// SPDX-License-Identifier: Apache-2.0
// Memory in use, network and disk I/O: what policies see of them, and who loses when a host has too little.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "control/cycle.hpp"
#include "simulator/simulate.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

constexpr float mib = 1024.0F * 1024.0F;
constexpr double mib_d = bytes_per_mib;

SimulationOptions with_rates(std::size_t hosts, double network_mib_per_s, double disk_mib_per_s) {
    SimulationOptions options = simple_options(hosts);
    options.hosts[0].network_bytes_per_s = network_mib_per_s * bytes_per_mib;
    options.hosts[0].disk_bytes_per_s = disk_mib_per_s * bytes_per_mib;
    return options;
}

// A host of 100 MiB/s of network, VMs asking 90 and 60 for 30 s: share 100/150, they lose 30 and 20 MiB/s.
TEST(MultiResource, WhoAsksForMuchLosesMuch) {
    RecordedTrace trace(trace_of(30.0, {{10, 10}}));
    trace.record(TraceColumn::network, {{90 * mib, 60 * mib}});
    MeasuredWorld run(trace, with_rates(1, 100.0, 0.0));
    run.pass();
    EXPECT_NEAR(run.network.vm_s, 60.0, 1e-9);
    EXPECT_NEAR(run.network.lost_bytes / mib_d, 30.0 * (30.0 + 20.0), 1e-9);
    EXPECT_EQ(run.contention.vm_s, 0.0);  // of CPU
    EXPECT_EQ(run.sla.figures().overall, 0.0);
}

// Of the disk nothing is known of the host: it never binds. Exactly full is not overfull.
TEST(MultiResource, WhatIsNotMeasuredNeverBinds) {
    RecordedTrace trace(trace_of(30.0, {{10, 10}}));
    trace.record(TraceColumn::network, {{90 * mib, 10 * mib}}).record(TraceColumn::disk_io, {{1e12F, 1e12F}});
    MeasuredWorld run(trace, with_rates(1, 100.0, 0.0));
    run.pass();
    EXPECT_EQ(run.network.vm_s, 0.0);
    EXPECT_EQ(run.disk_io.vm_s, 0.0);
    EXPECT_EQ(run.disk_io.lost_bytes, 0.0);
}

// b leaves h1 for h2: both run on h1 until 13 s, b is paused until 15 s (and loses nothing to a), then each is alone.
// In the next interval the disk is asked for less, and a asks for more network than h1 has.
TEST(MultiResource, MigrationsMoveTheLoad) {
    RecordedTrace trace(trace_of(100.0, {{10, 10}, {10, 10}}));
    trace.record(TraceColumn::disk_io, {{90 * mib, 60 * mib}, {10 * mib, 10 * mib}});
    trace.record(TraceColumn::network, {{1, 1}, {300 * mib, 1}});
    MeasuredWorld run(trace, with_rates(2, 200.0, 100.0));
    run.begin();
    value(run.execute(plan({migrate(1, 0, 1)})));
    run.world.pass_interval();
    EXPECT_NEAR(run.disk_io.vm_s, 26.0, 1e-9);
    EXPECT_NEAR(run.disk_io.lost_bytes / mib_d, 13.0 * 50.0, 1e-9);
    run.pass();
    EXPECT_NEAR(run.disk_io.vm_s, 26.0, 1e-9);
    EXPECT_NEAR(run.network.vm_s, 100.0, 1e-9);
    EXPECT_NEAR(run.network.lost_bytes / mib_d, 100.0 * 100.0, 1e-9);
}

TEST(MultiResource, PoliciesSeeAllOfIt) {
    RecordedTrace trace(trace_of(10.0, {{50}, {50}}));
    trace.record(TraceColumn::memory, {{25}, {50}})
        .record(TraceColumn::network, {{7}, {8}})
        .record(TraceColumn::disk_io, {{9}, {10}});
    MeasuredWorld run(trace, with_rates(2, 100.0, 200.0));
    run.begin();
    const Cluster cluster = value(run.world.observe()).cluster;
    EXPECT_EQ(cluster.state(VmId(0)).demand, ResourceVector(500.0, 250.0 * mib_d, 7.0, 9.0));
    EXPECT_EQ(cluster.footprint(VmId(0)), ResourceVector(500.0, 1000.0 * mib_d, 7.0, 9.0));  // configured memory
    EXPECT_EQ(cluster.usable(HostId(1)), ResourceVector(1000.0, 4096.0 * mib_d, 100.0 * mib_d, 200.0 * mib_d));
    value(run.execute(plan({migrate(0, 0, 1)})));
    run.world.pass_interval();
    run.begin();  // at 10 s of 15 s: in flight
    EXPECT_EQ(value(run.world.observe()).cluster.used(HostId(1)), ResourceVector(500.0, 1000.0 * mib_d, 8.0, 10.0));
}

TEST(MultiResource, WithoutTheColumnAllMemoryIsInUse) {
    MemoryTraceSource trace = trace_of(10.0, {{50}});
    MeasuredWorld run(trace, with_rates(1, 100.0, 100.0));
    run.begin();
    EXPECT_EQ(value(run.world.observe()).cluster.state(VmId(0)).demand, ResourceVector(500.0, 1000.0 * mib_d));
}

TEST(MultiResource, ARecordingThatIsDamagedIsAnError) {
    const auto error = [](TraceColumn column, float sample) {
        RecordedTrace trace(trace_of(10.0, {{50, 50}}));
        trace.record(column, {{1, sample}});
        MeasuredWorld run(trace, simple_options(1));
        const Status status = run.world.begin_interval();
        return status ? std::string() : status.error().message;
    };
    EXPECT_EQ(error(TraceColumn::memory, 100.5F),
              "trace \"tiny\": VM \"b\" has a memory use outside of 0 to 100 % in interval 0");
    EXPECT_EQ(error(TraceColumn::network, -1.0F),
              "trace \"tiny\": VM \"b\" has a network or disk rate that is none in interval 0");
    EXPECT_EQ(error(TraceColumn::disk_io, 1e30F), "");
}

// h1 has the VMs a to d of 240 MHz each: 96 % of its CPU, too hot for `spread`. h2 has e: 100 MHz and, in the second
// recording, 95 of the 100 MiB/s of its network; a to d use 20 MiB/s each. Any of them would make that 115.
class RefusedForNetwork : public testing::Test {
  protected:
    // The migrations, and why a stayed in the last interval.
    std::pair<std::size_t, Reason> spread(TraceSource& trace) {
        MeasuredWorld run(trace, with_rates(2, 100.0, 0.0));
        const auto policy = value(make_policy("spread:enter=0.8,exit=0.65"));
        const Approval always = [](const Snapshot&, const Decision&) { return true; };
        Rng rng(1);
        Reason reason;
        while (!run.world.finished()) {
            run.begin();
            const Cycle cycle = value(run_cycle({run.world, *policy, &run.world, MigrationModel{}, always}, rng));
            for (const Stay& stay : cycle.decision.proposal.stays) {
                if (stay.vm == VmId(0)) reason = stay.reason;
            }
            run.world.pass_interval();
        }
        return {run.migrations.started, reason};
    }

    const std::vector<float> cpu_{24, 24, 24, 24, 10};
    MemoryTraceSource cpu_alone_ = trace_of(300.0, {cpu_, cpu_, cpu_, cpu_, cpu_, cpu_, cpu_, cpu_});
};

TEST_F(RefusedForNetwork, MovesWithoutTheColumn) { EXPECT_GT(spread(cpu_alone_).first, 0U); }

TEST_F(RefusedForNetwork, StaysWithIt) {
    const std::vector<float> network{20 * mib, 20 * mib, 20 * mib, 20 * mib, 95 * mib};
    RecordedTrace trace(cpu_alone_);
    trace.record(TraceColumn::network, std::vector<std::vector<float>>(8, network));
    const auto [migrations, reason] = spread(trace);
    EXPECT_EQ(migrations, 0U);
    EXPECT_EQ(reason.code, ReasonCode::resource_fit);
    EXPECT_EQ(reason.resource, Resource::network);
    EXPECT_NEAR(reason.value / mib_d, 115.0, 1e-9);
}

TEST(MultiResource, FiguresOfARun) {
    RecordedTrace trace(trace_of(3600.0, {{10, 10}}));
    trace.record(TraceColumn::network, {{90 * mib, 60 * mib}}).record(TraceColumn::disk_io, {{30 * mib, 30 * mib}});
    const SimulationResult result = value(simulate(trace, with_rates(1, 100.0, 50.0), nullptr));
    EXPECT_NEAR(result.network_contention_vm_hours, 2.0, 1e-12);
    EXPECT_NEAR(result.network_lost_bytes / mib_d, 3600.0 * 50.0, 1e-6);
    EXPECT_NEAR(result.disk_contention_vm_hours, 2.0, 1e-12);
    EXPECT_NEAR(result.disk_lost_bytes / mib_d, 3600.0 * 10.0, 1e-6);
    EXPECT_EQ(result.contention_vm_hours, 0.0);
}

}  // namespace
}  // namespace ballast
