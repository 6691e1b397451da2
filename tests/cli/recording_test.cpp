// SPDX-License-Identifier: Apache-2.0
// A recording is replayed: what the recorder wrote is what the simulator reads.
#include "cli/recording.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "simulator/trace/open.hpp"
#include "tests/clusters.hpp"
#include "tests/simulator/files.hpp"

namespace ballast {
namespace {

using namespace test;

// One host of 2 CPUs of 1000 MHz; a has one virtual CPU, b two.
Snapshot look_at(double unix_s, double a_mhz, double b_mhz, bool reachable = true) {
    ClusterBuilder builder;
    HostSpec spec = host("h1", 2000.0, 4096.0);
    spec.cpus = 2;
    HostState state;
    state.reachable = reachable;
    builder.add_host(spec, state);
    VmSpec b = vm("b", 2048.0);
    b.vcpus = 2;
    if (reachable) {
        builder.add_vm(vm("a", 1024.0), on(HostId(0), a_mhz));
        builder.add_vm(b, on(HostId(0), b_mhz));
    }
    Snapshot snapshot;
    snapshot.unix_time_s = unix_s;
    snapshot.cluster = value(std::move(builder).build());
    snapshot.history = History(snapshot.cluster.vm_count(), 1, 10.0);
    return snapshot;
}

TEST(RecordingTest, MakesATraceOfWhatWasSeen) {
    const Folder folder;
    Recording recording = value(Recording::open(folder.path() + "/r", 10.0));
    ASSERT_TRUE(recording.look(look_at(1000.0, 500.0, 500.0)));
    ASSERT_TRUE(recording.look(look_at(1010.0, 250.0, 2000.0)));
    const FinishedRecording done = value(finish_recording(folder.path() + "/r", 10.0));
    EXPECT_EQ(done.vms, 2U);
    EXPECT_EQ(done.intervals, 2U);
    const auto trace = value(open_trace(done.trace));
    EXPECT_EQ(trace->info().interval_s, 10.0);
    EXPECT_EQ(trace->info().vms[0].name, "a");
    EXPECT_EQ(trace->info().vms[0].cpu_mhz, 1000.0);
    EXPECT_EQ(trace->info().vms[1].vcpus, 2U);
    EXPECT_EQ(trace->info().vms[1].memory_bytes, 2048.0 * bytes_per_mib);
    std::vector<float> percent(2);
    ASSERT_TRUE(trace->read_cpu_percent(0, percent));
    EXPECT_EQ(percent, (std::vector<float>{50.0F, 25.0F}));
    ASSERT_TRUE(trace->read_cpu_percent(1, percent));
    EXPECT_EQ(percent, (std::vector<float>{25.0F, 100.0F}));
}

TEST(RecordingTest, TheClusterIsTheFirstOneSeenWhole) {
    const Folder folder;
    const std::string cluster = folder.path() + "/cluster.json";
    Recording recording = value(Recording::open(folder.path(), 10.0));
    ASSERT_TRUE(recording.look(look_at(1000.0, 0.0, 0.0, false)));
    EXPECT_FALSE(std::filesystem::exists(cluster));
    ASSERT_TRUE(recording.look(look_at(1010.0, 500.0, 500.0)));
    const auto size = std::filesystem::file_size(cluster);
    ASSERT_TRUE(recording.look(look_at(1020.0, 123.456, 500.0)));
    EXPECT_EQ(std::filesystem::file_size(cluster), size);
}

TEST(RecordingTest, NothingRecordedIsAnError) {
    const Folder folder;
    ASSERT_TRUE(Recording::open(folder.path(), 10.0));
    const auto done = finish_recording(folder.path(), 10.0);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::failed);
    ASSERT_TRUE(value(Recording::open(folder.path(), 10.0)).look(look_at(1000.0, 1.0, 1.0, false)));
    EXPECT_FALSE(finish_recording(folder.path(), 10.0));
}

}  // namespace
}  // namespace ballast
