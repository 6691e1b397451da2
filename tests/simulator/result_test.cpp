// SPDX-License-Identifier: Apache-2.0
#include "simulator/result.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ballast {
namespace {

SimulationResult example() {
    SimulationResult run;
    run.trace = "day";
    run.policy = "spread";
    run.options = {{"enter", "0.8"}, {"goal", "fast"}};
    run.seed = 7;
    run.hosts = 2;
    run.vms = 3;
    run.intervals = 4;
    run.energy_kwh = 12.5;
    run.migrations = 6;
    run.sla = {.slatah = 0.05, .pdm = 0.1, .slav = 0.005, .overall = 0.25, .average = 0.125};
    run.host_shutdowns = 1;
    run.host_starts = 8;
    run.migration_bytes = 1073741824.0;
    run.downtime_s = 0.5;
    run.contention_vm_hours = 1.75;
    run.worst_host = "h1";
    run.worst_host_overloaded_s = 5400.0;
    run.cpu_ready_s = 9.5;
    run.cpu_ready_vm_max_s = 4.5;
    run.migration_s = 60.0;
    run.migrations_aborted = 9;
    run.migrations_back = 2;
    run.vm_arrivals = 10;
    run.vm_departures = 11;
    run.vms_waited = 12;
    run.vm_waiting_s = 300.0;
    run.host_failures = 13;
    run.vm_restarts = 14;
    run.failure_downtime_s = 120.0;
    run.network_contention_vm_hours = 2.25;
    run.network_lost_bytes = 15.0;
    run.disk_contention_vm_hours = 3.25;
    run.disk_lost_bytes = 16.0;
    run.wall_s = 0.25;
    run.peak_rss_bytes = 4096;
    return run;
}

TEST(Result, JsonIsTheContract) {
    const std::vector<SimulationResult> runs = {example()};
    EXPECT_EQ(
        to_json(runs),
        R"({"runs":[{"trace":"day","policy":"spread","options":{"enter":0.8,"goal":"fast"},"seed":7,"hosts":2,)"
        R"("vms":3,"intervals":4,"energy_kwh":12.5,"migrations":6,"sla":{"slatah":0.05,"pdm":0.1,"slav":0.005,)"
        R"("esv":0.0625,"overall":0.25,"average":0.125},"host_shutdowns":1,"host_starts":8,)"
        R"("migration_bytes":1073741824.0,"downtime_s":0.5,"contention_vm_hours":1.75,"worst_host":"h1",)"
        R"("worst_host_overloaded_s":5400.0,"cpu_ready_s":9.5,)"
        R"("cpu_ready_vm_max_s":4.5,"migration_s":60.0,"migrations_aborted":9,"migrations_back":2,"vm_arrivals":10,"vm_departures":11,)"
        R"("vms_waited":12,"vm_waiting_s":300.0,"host_failures":13,"vm_restarts":14,"failure_downtime_s":120.0,)"
        R"("network_contention_vm_hours":2.25,"network_lost_bytes":15.0,"disk_contention_vm_hours":3.25,)"
        R"("disk_lost_bytes":16.0,)"
        R"("wall_s":0.25,"peak_rss_bytes":4096}]})");
}

TEST(Result, JsonSurvivesNamesThatAreNotText) {
    std::vector<SimulationResult> runs = {example()};
    runs[0].trace = "a\"b\n\xFF";
    EXPECT_NE(to_json(runs).find("\"a\\\"b\\n\xEF\xBF\xBD\""), std::string::npos);
}

TEST(Result, NoRunsAreAnEmptyList) { EXPECT_EQ(to_json({}), R"({"runs":[]})"); }

TEST(Result, TableIsAlignedAndHasUnits) {
    std::vector<SimulationResult> runs = {example(), example()};
    runs[0].policy = "none";
    runs[0].options.clear();
    runs[0].worst_host.clear();
    runs[1].energy_kwh = 1234.567;
    EXPECT_EQ(
        to_table(runs),
        "trace  policy   energy  migrations    back  moved  downtime  SLATAH      PDM      SLAV  unserved  contention  "
        "worst host      off     on  took  options\n"
        "                   kWh              in 1 h    GiB         s       %        %      1e-6         %        VM h  "
        "h overloaded  hosts  hosts     s\n"
        "day    none      12.50           6       2    1.0       0.5   5.000  10.0000  5000.000   25.0000        1.75  "
        "-                 1      8  0.25\n"
        "day    spread  1234.57           6       2    1.0       0.5   5.000  10.0000  5000.000   25.0000        1.75  "
        "h1 1.50           1      8  0.25  enter=0.8,goal=fast\n");
}

}  // namespace
}  // namespace ballast
