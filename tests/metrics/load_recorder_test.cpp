// SPDX-License-Identifier: Apache-2.0
#include "metrics/load_recorder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/clusters.hpp"
#include "tests/simulator/files.hpp"

namespace ballast {
namespace {

using namespace test;

std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// h1 has 4 CPUs of 1000 MHz, h2 8 of 2000; "web 1" runs on h1 with 2 virtual CPUs: 100 % is 2 x 2000 MHz.
Snapshot snapshot_at(double unix_s, double web_mhz, bool sampled = true) {
    ClusterBuilder builder;
    HostSpec one = host("h1", 4000.0, 4096.0);
    one.cpus = 4;
    HostSpec two = host("h2", 16000.0, 4096.0);
    two.cpus = 8;
    builder.add_host(one);
    builder.add_host(two);
    VmSpec web = vm("web 1", 1024.0);
    web.vcpus = 2;
    VmState state = on(HostId(0), web_mhz);
    state.demand = ResourceVector(web_mhz, 512.0 * bytes_per_mib, 100.0, 200.0);
    state.sampled = sampled;
    builder.add_vm(web, state);
    Snapshot snapshot;
    snapshot.unix_time_s = unix_s;
    snapshot.cluster = value(std::move(builder).build());
    return snapshot;
}

class LoadRecorderTest : public ::testing::Test {
  protected:
    void add(LoadRecorder& recorder, const Snapshot& snapshot) { ASSERT_TRUE(recorder.add(snapshot)); }

    Folder folder_;
    std::string path_ = folder_.path() + "/samples.csv";
};

// The example of load_recorder.hpp.
TEST_F(LoadRecorderTest, WritesOneLinePerVmAndLook) {
    LoadRecorder recorder = value(LoadRecorder::open(path_, 10.0));
    add(recorder, snapshot_at(20.1, 1500.0));
    add(recorder, snapshot_at(30.3, 250.5));
    add(recorder, snapshot_at(40.6, 0.0));
    EXPECT_EQ(contents(path_), std::string(LoadRecorder::header) +
                                   "15.000,\"web 1\",h1,1500.000000,4000.000000,2,1073741824,536870912,100,200\n"
                                   "25.000,\"web 1\",h1,250.500000,4000.000000,2,1073741824,536870912,100,200\n"
                                   "35.000,\"web 1\",h1,0.000000,4000.000000,2,1073741824,536870912,100,200\n");
    EXPECT_EQ(recorder.looks(), 3U);
}

TEST_F(LoadRecorderTest, WhatIsNotSampledIsNotWritten) {
    LoadRecorder recorder = value(LoadRecorder::open(path_, 10.0));
    add(recorder, snapshot_at(20.0, 1500.0, false));
    EXPECT_EQ(contents(path_), LoadRecorder::header);
    EXPECT_EQ(recorder.looks(), 0U);
}

// The loop looks twice in a row now and then; both in the table would make an hour of it two.
TEST_F(LoadRecorderTest, NoIntervalGetsTwoLooks) {
    {
        LoadRecorder recorder = value(LoadRecorder::open(path_, 10.0));
        add(recorder, snapshot_at(20.0, 1.0));
        add(recorder, snapshot_at(20.2, 2.0));
        add(recorder, snapshot_at(30.4, 3.0));
        EXPECT_EQ(recorder.looks(), 2U);
    }
    LoadRecorder again = value(LoadRecorder::open(path_, 10.0));  // also after a restart
    add(again, snapshot_at(31.0, 4.0));
    EXPECT_EQ(again.looks(), 0U);
    add(again, snapshot_at(40.0, 5.0));
    EXPECT_EQ(again.looks(), 1U);
    const std::string text = contents(path_);
    for (const char* line : {"\n15.000,\"web 1\",h1,1.0", "\n25.000,\"web 1\",h1,3.0", "\n35.000,\"web 1\",h1,5.0"}) {
        EXPECT_NE(text.find(line), std::string::npos) << text;
    }
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
}

TEST_F(LoadRecorderTest, TwoDoNotRecordIntoOneFile) {
    const LoadRecorder one = value(LoadRecorder::open(path_, 10.0));
    const auto other = LoadRecorder::open(path_, 10.0);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, ErrorKind::refused);
}

TEST_F(LoadRecorderTest, GoesOnAfterACrash) {
    add(*std::make_unique<LoadRecorder>(value(LoadRecorder::open(path_, 10.0))), snapshot_at(20.0, 1500.0));
    const std::string whole = contents(path_);
    std::ofstream(path_, std::ios::app) << "25.000,\"web 1\",h1,15";  // killed here
    LoadRecorder recorder = value(LoadRecorder::open(path_, 10.0));
    EXPECT_EQ(contents(path_), whole);
    add(recorder, snapshot_at(40.0, 7.0));
    EXPECT_EQ(contents(path_), whole + "35.000,\"web 1\",h1,7.000000,4000.000000,2,1073741824,536870912,100,200\n");
}

TEST_F(LoadRecorderTest, AnUnfinishedHeaderIsWrittenAnew) {
    folder_.write("samples.csv", "time_s,vm");
    ASSERT_TRUE(LoadRecorder::open(path_, 10.0));
    EXPECT_EQ(contents(path_), LoadRecorder::header);
}

TEST_F(LoadRecorderTest, AnotherFileIsLeftAlone) {
    const std::string text = "Dear diary,\n" + std::string(200, 'x') + "\n";
    folder_.write("samples.csv", text);
    const auto opened = LoadRecorder::open(path_, 10.0);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::usage);
    EXPECT_EQ(contents(path_), text);
}

TEST_F(LoadRecorderTest, AFolderThatIsNotThereIsAnError) {
    const auto opened = LoadRecorder::open(folder_.path() + "/none/samples.csv", 10.0);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::failed);
}

}  // namespace
}  // namespace ballast
