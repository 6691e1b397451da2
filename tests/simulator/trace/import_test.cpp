// SPDX-License-Identifier: Apache-2.0
// The samples of tests/data/traces, and copies of them with something wrong.
#include "simulator/trace/import/import.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "../files.hpp"
#include "simulator/trace/binary_source.hpp"
#include "traces.hpp"

namespace ballast {
namespace {

using Rows = std::vector<std::vector<float>>;

const std::string data = std::string(BALLAST_SOURCE_DIR) + "/tests/data/traces/";

class ImportTest : public testing::Test {
  protected:
    // The error, "" if there is none; the trace is in rows_ and info_.
    std::string import(ImportFormat format, std::vector<std::string> inputs, std::vector<std::string> vm_tables = {}) {
        options_.format = format;
        options_.inputs = std::move(inputs);
        options_.vm_tables = std::move(vm_tables);
        const auto summary = import_trace(options_, path_);
        if (!summary) return summary.error().message;
        summary_ = *summary;
        auto source = BinaryTraceSource::open(path_);
        EXPECT_TRUE(source.has_value());
        info_ = (*source)->info();
        rows_ = test::read_all(**source);
        for (const TraceColumn column : trace_columns) {
            others_[column] = info_.recorded[column] ? test::read_all(**source, column) : Rows();
            EXPECT_EQ(summary_.trace.recorded[column], info_.recorded[column]);
        }
        return "";
    }
    // A file of the test's own; its path.
    std::string file(const std::string& name, const std::string& text) {
        folder_.write(name, text);
        return folder_.path() + "/" + name;
    }
    // The error about a file with this text, without the path in front.
    std::string error_about(ImportFormat format, const std::string& text, std::vector<std::string> vm_tables = {}) {
        const std::string path = file("input.csv", text);
        const std::string error = import(format, {path}, std::move(vm_tables));
        EXPECT_EQ(error.rfind(path + ":", 0), 0U) << error;
        return error.substr(std::min(error.size(), path.size()));
    }

    test::Folder folder_;
    std::string path_ = folder_.path() + "/out.trace";
    ImportOptions options_;
    ImportSummary summary_;
    TraceInfo info_;
    Rows rows_;
    ByColumn<Rows> others_;  // empty if not recorded
};

// tests/data/traces/bitbrains: VM 1 has three samples, VM 2 begins later and goes above 100 %, VM 10 lacks two.
TEST_F(ImportTest, Bitbrains) {
    ASSERT_EQ(import(ImportFormat::bitbrains, {data + "bitbrains"}), "");
    EXPECT_EQ(info_.name, "out");
    ASSERT_EQ(info_.vms.size(), 3U);
    EXPECT_EQ(info_.vms[0].name, "1");
    EXPECT_EQ(info_.vms[1].name, "2");
    EXPECT_EQ(info_.vms[2].name, "10");
    EXPECT_EQ(info_.vms[0].vcpus, 4U);
    EXPECT_EQ(info_.vms[0].cpu_mhz, 11703.998244);
    EXPECT_EQ(info_.vms[0].memory_bytes, 68719476736.0);  // 67108864 KB
    EXPECT_EQ(rows_, (Rows{{10.0F, 0.0F, 5.0F}, {10.5F, 50.0F, 5.0F}, {20.25F, 100.0F, 0.0F}, {0.0F, 0.0F, 7.0F}}));
    EXPECT_EQ(summary_.trace.samples_above_100, 1U);
    EXPECT_EQ(summary_.trace.held, 1U);
    EXPECT_EQ(summary_.trace.unsampled, 1U);
    // A tenth of the memory; 0.2 + 0 KB/s of network, 0 + 1.4 KB/s of disk: 204.8 and 1433.6 bytes/s.
    EXPECT_EQ(others_[TraceColumn::memory],
              (Rows{{10.0F, 0.0F, 10.0F}, {10.0F, 10.0F, 10.0F}, {10.0F, 10.0F, 0.0F}, {0.0F, 0.0F, 10.0F}}));
    EXPECT_EQ(others_[TraceColumn::network],
              (Rows{{205.0F, 0.0F, 205.0F}, {205.0F, 205.0F, 205.0F}, {205.0F, 205.0F, 0.0F}, {0.0F, 0.0F, 205.0F}}));
    EXPECT_EQ(
        others_[TraceColumn::disk_io],
        (Rows{{1434.0F, 0.0F, 1434.0F}, {1434.0F, 1434.0F, 1434.0F}, {1434.0F, 1434.0F, 0.0F}, {0.0F, 0.0F, 1434.0F}}));
}

// Should somebody's copy hold the milliseconds that the header promises.
TEST_F(ImportTest, BitbrainsInMillisecondsIsTheSame) {
    const std::string header = "Timestamp [ms];\tCPU usage [%]\n";
    ASSERT_EQ(import(ImportFormat::bitbrains, {file("1.csv", header + "1372629804000;\t1\n1372630104000;\t2\n")}), "");
    EXPECT_EQ(rows_, (Rows{{1.0F}, {2.0F}}));
    for (const TraceColumn column : trace_columns) EXPECT_FALSE(info_.recorded[column]);
}

TEST_F(ImportTest, BitbrainsDamage) {
    const std::string header = "Timestamp [ms];\tCPU cores;\tCPU usage [%]\n";
    const auto about = [&](const std::string& row) { return error_about(ImportFormat::bitbrains, header + row); };
    EXPECT_EQ(error_about(ImportFormat::bitbrains, ""), ":0: the file is empty");
    EXPECT_EQ(error_about(ImportFormat::bitbrains, "1372629804;\t1;\t2\n"),
              ":1: no header with the columns \"Timestamp [ms]\" and \"CPU usage [%]\"");
    EXPECT_EQ(about("1372629804;\t1\n"), ":2: 2 fields; the header has 3");
    EXPECT_EQ(about("1372629804;\t1;\t2\nyesterday;\t1;\t2\n"), ":3: \"yesterday\" is not a time");
    EXPECT_EQ(about("1372629804;\t1;\tnan\n"), ":2: \"nan\" is not a CPU use in percent");
    EXPECT_EQ(about("1372629804;\t1;\t-0.5\n"), ":2: a negative CPU use");
    EXPECT_EQ(about("1372629804;\t-1;\t5\n"), ":2: cores, capacity or memory is not a size");
    const std::string wide = "Timestamp [ms];CPU usage [%];Disk read throughput [KB/s];Disk write throughput [KB/s]\n";
    EXPECT_EQ(error_about(ImportFormat::bitbrains, wide + "1372629804;5;1;fast\n"),
              ":2: disk or network throughput is not one");
    EXPECT_EQ(about("1372629804;\t1;\t5\n0;\t1;\t5\n"),
              ":3: the time is more than 1048576 intervals away from others; is it in another unit?");
}

TEST_F(ImportTest, MaternaIsWrittenTheGermanWay) {
    ASSERT_EQ(import(ImportFormat::bitbrains, {data + "materna"}), "");
    EXPECT_EQ(rows_, (Rows{{0.58F}, {12.8F}}));
    EXPECT_EQ(info_.vms[0].name, "01");
    EXPECT_EQ(info_.vms[0].vcpus, 2U);
    EXPECT_EQ(info_.vms[0].cpu_mhz, 4614.0);
    EXPECT_EQ(others_[TraceColumn::memory], (Rows{{2.0F}, {2.0F}}));         // 83886 of 4194304 KB
    EXPECT_EQ(others_[TraceColumn::network], (Rows{{3072.0F}, {3072.0F}}));  // 1 + 2 KB/s
    EXPECT_EQ(others_[TraceColumn::disk_io], (Rows{{12'288.0F}, {12'288.0F}}));
}

TEST_F(ImportTest, Azure2017) {
    ASSERT_EQ(import(ImportFormat::azure2017, {data + "azure2017/vm_cpu_readings-file-1-of-1.csv"},
                     {data + "azure2017/vmtable.csv"}),
              "");
    ASSERT_EQ(info_.vms.size(), 2U);
    EXPECT_EQ(info_.vms[0].name, "xN1aZ0k+fB7q/Rw2pQ==");
    EXPECT_EQ(info_.vms[0].end_interval, 3U);    // deleted at 900 s
    EXPECT_EQ(info_.vms[1].first_interval, 2U);  // created at 600 s
    EXPECT_EQ(info_.vms[1].end_interval, 4U);    // of a trace that ends there
    EXPECT_EQ(info_.vms[0].vcpus, 1U);
    EXPECT_EQ(info_.vms[0].memory_bytes, 1879048192.0);  // 1.75 GiB
    EXPECT_EQ(info_.vms[1].vcpus, 8U);
    EXPECT_EQ(rows_, (Rows{{10.5F, 0.0F}, {12.25F, 0.0F}, {14.0F, 99.5F}, {0.0F, 33.33F}}));
    EXPECT_EQ(summary_.skips.unknown_vms, 1U);
}

TEST_F(ImportTest, Azure2019HasOpenBuckets) {
    ASSERT_EQ(import(ImportFormat::azure2019, {data + "azure2019/vm_cpu_readings-file-1-of-1.csv"},
                     {data + "azure2019/vmtable.csv"}),
              "");
    EXPECT_EQ(info_.vms[0].vcpus, 4U);
    EXPECT_EQ(info_.vms[1].vcpus, 30U);
    EXPECT_EQ(info_.vms[1].memory_bytes, 70.0 * 1024.0 * 1024.0 * 1024.0);
    EXPECT_EQ(info_.vms[1].first_interval, 1U);
    EXPECT_EQ(rows_, (Rows{{10.5F, 0.0F}, {12.25F, 99.5F}}));
}

TEST_F(ImportTest, AzureDamage) {
    const std::string readings = data + "azure2017/vm_cpu_readings-file-1-of-1.csv";
    const auto about_table = [&](const std::string& row) {
        const std::string table = file("vmtable.csv", row);
        const std::string error = import(ImportFormat::azure2017, {readings}, {table});
        return error.substr(std::min(error.size(), table.size()));
    };
    EXPECT_EQ(about_table("a,s,d,0,900\n"),
              ":1: 5 fields; expected the 11 of a VM table (vmid,subscriptionid,deploymentid,vmcreated,...)");
    EXPECT_EQ(about_table("a,s,d,900,0,1,1,1,x,1,1\n"), ":1: created \"900\", deleted \"0\": not a life in seconds");
    EXPECT_EQ(about_table("a,s,d,0,900,1,1,1,x,>24,1\n"), ":1: \">24\" is not a number of cores");  // 2019 has these
    EXPECT_EQ(about_table("a,s,d,0,900,1,1,1,x,1,-1\n"), ":1: \"-1\" is not an amount of memory in GB");
    EXPECT_EQ(about_table(",s,d,0,900,1,1,1,x,1,1\n"), ":1: a VM's name is empty, too long or has control characters");
    const auto about = [&](const std::string& row) {
        return error_about(ImportFormat::azure2017, row, {data + "azure2017/vmtable.csv"});
    };
    EXPECT_EQ(about("0,a,1,2\n"), ":1: 4 fields; expected the 5 of CPU readings (time,vmid,min,max,average)");
    EXPECT_EQ(about("x,a,1,2,3\n"), ":1: \"x\" is not a time in seconds");
    EXPECT_EQ(about("0,a,1,2,\n"), ":1: \"\" is not a CPU use in percent");
    EXPECT_EQ(import(ImportFormat::azure2017, {readings}), "azure2017 needs --vm-table: vmtable.csv");
}

// VM 0 is there from before to 600 s, VM 1 from 300 to 900 s, VM 2 from 864 s for longer than is recorded. No load.
TEST_F(ImportTest, AzurePacking2020) {
    options_.azure_packing = {40.0, 64.0, 256.0 * 1073741824.0};
    options_.until_s = 1500.0;
    ASSERT_EQ(import(ImportFormat::azure_packing2020, {data + "azure-packing2020/vms.csv"}), "");
    ASSERT_EQ(info_.vms.size(), 3U);
    EXPECT_EQ(info_.vms[0].vcpus, 16U);  // 0.25 of 64
    EXPECT_EQ(info_.vms[1].vcpus, 32U);
    EXPECT_EQ(info_.vms[2].vcpus, 2U);  // 1.28, rounded up
    EXPECT_EQ(info_.vms[0].memory_bytes, 32.0 * 1073741824.0);
    EXPECT_EQ(rows_, (Rows{{40.0F, 0.0F, 0.0F},
                           {40.0F, 40.0F, 0.0F},
                           {0.0F, 40.0F, 40.0F},
                           {0.0F, 0.0F, 40.0F},
                           {0.0F, 0.0F, 40.0F}}));
    EXPECT_EQ(summary_.trace.unsampled, 0U);
}

TEST_F(ImportTest, AzurePackingDamage) {
    const auto about = [&](const std::string& row) { return error_about(ImportFormat::azure_packing2020, row); };
    EXPECT_EQ(about("0,1,2,0.5\n"), ":1: 4 fields; expected the 5 of vmId,starttime,endtime,core,memory");
    EXPECT_EQ(about("0,2,1,0.5,0.5\n"), ":1: from \"2\" to \"1\": not a life in days");
    EXPECT_EQ(about("0,1,2,1.5,0.5\n"), ":1: \"1.5\" is not a share of a machine's cores");
    EXPECT_EQ(about("0,1,2,0.5,x\n"), ":1: \"x\" is not a share of a machine's memory");
    EXPECT_EQ(about("0,0,1e6,0.5,0.5\n"),
              ":1: the time is more than 1048576 intervals away from others; is it in another unit?");
}

// Without requests 100 % is the largest machine: rates 0.05, 0.1 and, for 3418314/1, 0.5 for 60 s and 0.1 for 240 s.
TEST_F(ImportTest, Google2011) {
    ASSERT_EQ(import(ImportFormat::google2011, {data + "google2011/task_usage"}), "");
    ASSERT_EQ(info_.vms.size(), 2U);
    EXPECT_EQ(info_.vms[0].name, "3418309/0");
    EXPECT_EQ(info_.vms[1].name, "3418314/1");
    EXPECT_EQ(rows_, (Rows{{5.0F, 18.0F}, {10.0F, 25.0F}}));
    EXPECT_EQ(others_[TraceColumn::memory], (Rows{{6.79F, 6.79F}, {6.79F, 6.79F}}));  // 0.06787 of that machine
    EXPECT_FALSE(info_.recorded[TraceColumn::disk_io]);
}

// With them it is what the task asked for: 0.125 and 0.5 of a machine, which here has 20,000 MHz and 64 GiB.
TEST_F(ImportTest, Google2011WithRequests) {
    options_.google_machine = {20'000.0, 64.0 * 1073741824.0};
    ASSERT_EQ(import(ImportFormat::google2011, {data + "google2011/task_usage"}, {data + "google2011/task_events"}),
              "");
    EXPECT_EQ(rows_, (Rows{{40.0F, 36.0F}, {80.0F, 50.0F}}));
    EXPECT_EQ(info_.vms[0].cpu_mhz, 2500.0);
    EXPECT_EQ(info_.vms[1].cpu_mhz, 10'000.0);
    EXPECT_DOUBLE_EQ(info_.vms[0].memory_bytes, 0.07446 * 64.0 * 1073741824.0);
    EXPECT_EQ(summary_.trace.vms_without_samples, 1U);
    EXPECT_EQ(others_[TraceColumn::memory], (Rows{{91.15F, 91.15F}, {91.15F, 91.15F}}));  // 0.06787 of 0.07446
}

TEST_F(ImportTest, Google2011SkipsTasksThatAskedForNothing) {
    const std::string events = file("events.csv", "0,,3418309,0,,0,u,0,0,0.125,,,\n0,,3418314,1,,0,u,0,0,,,,\n");
    ASSERT_EQ(import(ImportFormat::google2011, {data + "google2011/task_usage"}, {events}), "");
    ASSERT_EQ(info_.vms.size(), 1U);
    EXPECT_EQ(summary_.skips.invalid_samples, 3U);
    EXPECT_FALSE(info_.recorded[TraceColumn::memory]);  // not known of what the use is a share
}

TEST_F(ImportTest, GoogleDamage) {
    const std::string rest = ",1,2,3,4,5,6,7,8,9,10,11,12,13\n";  // columns 7 to 19
    const auto about = [&](const std::string& row) { return error_about(ImportFormat::google2011, row); };
    EXPECT_EQ(about("1,2,3\n"),
              ":1: 3 fields; expected the 19 or 20 of task_usage (start,end,job,task,machine,CPU rate,...)");
    EXPECT_EQ(about("900,600,1,0,5,0.5" + rest), ":1: from \"900\" to \"600\": not a period in microseconds");
    EXPECT_EQ(about("600,900,1,0,5," + rest), ":1: \"\" is not a CPU rate");
    EXPECT_EQ(about("600,900,1,0,5,-1" + rest), ":1: a negative CPU use");
    EXPECT_EQ(about("600,900,1,0,5,1,-1" + rest.substr(2)), ":1: \"-1\" is not a memory usage");
    EXPECT_EQ(about("600,900,,0,5,1" + rest), ":1: job \"\", task \"0\": not a task");
    EXPECT_EQ(about("600,9e30,1,0,5,1" + rest), ":1: the period is out of range");
    const std::string events = file("events.csv", "0,,1,0,,0,u,0,0,much,,,\n");
    EXPECT_EQ(import(ImportFormat::google2011, {data + "google2011/task_usage"}, {events}),
              events + ":1: \"much\" is not a CPU request");
}

// m_1932 at 0, 10, 20 (void) and 290 s: (40 + 41 + 42) / 3 = 41 %; then one void sample and 50 %.
TEST_F(ImportTest, Alibaba2018Machines) {
    ASSERT_EQ(import(ImportFormat::alibaba2018, {data + "alibaba2018/machine_usage.csv"},
                     {data + "alibaba2018/machine_meta.csv"}),
              "");
    ASSERT_EQ(info_.vms.size(), 2U);
    EXPECT_EQ(info_.vms[0].name, "m_1932");
    EXPECT_EQ(info_.vms[0].vcpus, 96U);
    EXPECT_EQ(rows_, (Rows{{41.0F, 0.0F}, {50.0F, 7.0F}}));
    EXPECT_EQ(summary_.skips.invalid_samples, 2U);
    EXPECT_EQ(others_[TraceColumn::memory], (Rows{{92.0F, 0.0F}, {92.0F, 92.0F}}));
    EXPECT_FALSE(info_.recorded[TraceColumn::network]);  // normalised
}

// c_1 at 386640 and 386670 s: 7 %; requests of 400 and 150 are 4 and 2 cores.
TEST_F(ImportTest, Alibaba2018Containers) {
    ASSERT_EQ(import(ImportFormat::alibaba2018, {data + "alibaba2018/container_usage.csv"},
                     {data + "alibaba2018/container_meta.csv"}),
              "");
    ASSERT_EQ(info_.vms.size(), 2U);
    EXPECT_EQ(info_.vms[0].vcpus, 4U);
    EXPECT_EQ(info_.vms[1].vcpus, 2U);
    EXPECT_EQ(rows_, (Rows{{7.0F, 0.0F}, {0.0F, 20.0F}}));
    EXPECT_EQ(others_[TraceColumn::memory], (Rows{{53.0F, 0.0F}, {0.0F, 53.0F}}));
}

TEST_F(ImportTest, AlibabaDamage) {
    const auto about = [&](const std::string& row) { return error_about(ImportFormat::alibaba2018, row); };
    EXPECT_EQ(about("m_1,0,1\n"), ":1: 3 fields; expected the 9 of machine_usage or the 11 of container_usage");
    EXPECT_EQ(about("m_1,-5,1,,,,,,\n"), ":1: \"-5\" is not a time in seconds");
    EXPECT_EQ(about("m_1,5,busy,,,,,,\n"), ":1: \"busy\" is not a CPU use in percent");
    EXPECT_EQ(about("m_1,5,-2,,,,,,\n"), ":1: a negative CPU use");
    EXPECT_EQ(about("m_1,5,2,full,,,,,\n"), ":1: \"full\" is not a memory use in percent");
    EXPECT_EQ(about("m_1,5,2,-2,,,,,\n"), ":1: a negative use of memory, network or disk");
    const std::string meta = file("meta.csv", "m_1,0,1,2,lots,100,USING\n");
    EXPECT_EQ(import(ImportFormat::alibaba2018, {data + "alibaba2018/machine_usage.csv"}, {meta}),
              meta + ":1: \"lots\" is not a number of CPUs");
}

CsvMap german_map() {
    CsvMap map;
    map.separator = ';';
    map.decimal_comma = true;
    map.vm.name = "name";
    map.time.name = "zeit";
    map.time_unit = CsvTimeUnit::date;
    map.cpu.name = "last";
    map.cpu_unit = CsvCpuUnit::fraction;
    map.vcpus.name = "kerne";
    map.cpu_mhz.name = "mhz";
    map.memory.number = 6;
    map.memory_unit_bytes = 1073741824.0;
    return map;
}

TEST_F(ImportTest, AnyTable) {
    options_.csv = german_map();
    ASSERT_EQ(import(ImportFormat::csv, {data + "csv/load.csv"}), "");
    ASSERT_EQ(info_.vms.size(), 2U);
    EXPECT_EQ(info_.vms[1].name, "db");
    EXPECT_EQ(info_.vms[1].vcpus, 8U);
    EXPECT_EQ(info_.vms[1].cpu_mhz, 19'200.0);
    EXPECT_EQ(info_.vms[1].memory_bytes, 32.0 * 1073741824.0);
    EXPECT_EQ(rows_, (Rows{{25.0F, 50.0F}, {37.5F, 100.0F}, {0.0F, 0.0F}}));
    EXPECT_EQ(info_.vms[1].end_interval, 2U);
}

// No header, columns by number, one file per VM, MHz, microseconds, another interval.
TEST_F(ImportTest, AnyTableByNumber) {
    CsvMap map;
    map.header = false;
    map.interval_s = 60.0;
    map.time.number = 1;
    map.time_unit = CsvTimeUnit::microseconds;
    map.cpu.number = 3;
    map.cpu_unit = CsvCpuUnit::mhz;
    map.cpu_mhz.number = 2;
    options_.csv = map;
    ASSERT_EQ(import(ImportFormat::csv, {file("web.csv", "0,4000,1000\n60000000,4000,3000\n")}), "");
    EXPECT_EQ(info_.vms[0].name, "web");
    EXPECT_EQ(info_.interval_s, 60.0);
    EXPECT_EQ(rows_, (Rows{{25.0F}, {75.0F}}));
    options_.interval_s = 120.0;  // stronger than the map
    ASSERT_EQ(import(ImportFormat::csv, {folder_.path() + "/web.csv"}), "");
    EXPECT_EQ(rows_, (Rows{{50.0F}}));
}

// Memory in use as a size, both directions of the network, one column for the disk; an empty field is no sample, so the
// one before holds on.
TEST_F(ImportTest, AnyTableWithMemoryNetworkAndDisk) {
    CsvMap map;
    map.time.name = "t";
    map.cpu.name = "cpu";
    map.memory.name = "ram";
    map.memory_used.name = "used";
    map.memory_used_unit = CsvMemoryUsedUnit::size;
    map.network.name = "in";
    map.network_sent.name = "out";
    map.network_unit_bytes_per_s = 1024.0;
    map.disk.name = "disk";
    options_.csv = map;
    const std::string header = "t,cpu,ram,used,in,out,disk\n";
    ASSERT_EQ(import(ImportFormat::csv, {file("a.csv", header + "0,1,800,200,1,2,50\n300,1,800,100,,2,\n")}), "");
    EXPECT_EQ(others_[TraceColumn::memory], (Rows{{25.0F}, {12.5F}}));
    EXPECT_EQ(others_[TraceColumn::network], (Rows{{3072.0F}, {3072.0F}}));
    EXPECT_EQ(others_[TraceColumn::disk_io], (Rows{{50.0F}, {50.0F}}));
    EXPECT_EQ(error_about(ImportFormat::csv, header + "0,1,800,200,1,x,50\n"), ":2: network or disk is not a rate");
    EXPECT_EQ(error_about(ImportFormat::csv, header + "0,1,800,x,1,1,50\n"), ":2: \"x\" is not a use of memory");
    EXPECT_EQ(error_about(ImportFormat::csv, header + "0,1,800,1,1e18,1,50\n"), ":2: a rate is out of range");
}

TEST_F(ImportTest, AnyTableDamage) {
    options_.csv = german_map();
    const std::string header = "name;zeit;last;kerne;mhz;ram\n";
    const auto about = [&](const std::string& text) { return error_about(ImportFormat::csv, text); };
    EXPECT_EQ(about("name;zeit;kerne;mhz;ram;x\n"), ":1: the header has no column \"last\"");
    EXPECT_EQ(about("name;zeit;last;kerne;mhz\n"), ":1: no column 6; the first line has 5");
    EXPECT_EQ(about(header + "a;2024-01-01 00:00:00;1\n"), ":2: 3 fields; the first line has 6");
    EXPECT_EQ(about(header + "a;now;1;1;1;1\n"), ":2: \"now\" is not a time");
    EXPECT_EQ(about(header + "a;2024-01-01 00:00:00;?;1;1;1\n"), ":2: \"?\" is not a CPU use");
    EXPECT_EQ(about(header + "a;2024-01-01 00:00:00;1;1;1;-1\n"), ":2: vCPUs, MHz or memory is not a size");
    options_.csv.cpu_unit = CsvCpuUnit::mhz;
    EXPECT_EQ(about(header + "a;2024-01-01 00:00:00;1;1;0;1\n"), ":2: a CPU use in MHz of a VM with 0 MHz");
}

TEST_F(ImportTest, GzipIsReadAsItIs) {
    const std::string plain = test::bytes_of(data + "alibaba2018/machine_usage.csv");
    gzFile packed = gzopen((folder_.path() + "/u.csv.gz").c_str(), "wb");
    gzwrite(packed, plain.data(), static_cast<unsigned>(plain.size()));
    gzclose(packed);
    ASSERT_EQ(import(ImportFormat::alibaba2018, {data + "alibaba2018/machine_usage.csv"}), "");
    const Rows rows = rows_;
    ASSERT_EQ(import(ImportFormat::alibaba2018, {folder_.path() + "/u.csv.gz"}), "");
    EXPECT_EQ(rows_, rows);
}

TEST_F(ImportTest, InputsThatAreNone) {
    EXPECT_EQ(import(ImportFormat::bitbrains, {}),
              "nothing to import; bitbrains wants folders or files of Bitbrains (GWA-T-12) or Materna (GWA-T-13): one "
              "per VM");
    EXPECT_EQ(import(ImportFormat::bitbrains, {folder_.path()}), folder_.path() + ": holds no .csv or .csv.gz file");
    EXPECT_EQ(import(ImportFormat::bitbrains, {"/no/such"}), "/no/such: cannot be read: No such file or directory");
    EXPECT_EQ(import(ImportFormat::bitbrains, {data + "bitbrains"}, {"x"}),
              "bitbrains has no VM table; leave out --vm-table");
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST(ImportFormats, EveryNameIsFound) {
    for (const ImportFormatInfo& info : import_formats()) EXPECT_EQ(find_import_format(info.name), info.format);
    EXPECT_FALSE(find_import_format("parquet").has_value());
}

}  // namespace
}  // namespace ballast
