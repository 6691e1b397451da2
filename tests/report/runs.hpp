// SPDX-License-Identifier: Apache-2.0
// Runs for reports, small enough to read.
#pragma once

#include <string>

#include "simulator/report/report.hpp"

namespace ballast::test {

// Two hosts over three intervals of an hour; the second host is off in the last.
inline ReportRun report_run(std::string policy, double energy_kwh) {
    ReportRun run;
    run.result.trace = "day";
    run.result.policy = std::move(policy);
    run.result.seed = 1;
    run.result.hosts = 2;
    run.result.vms = 3;
    run.result.intervals = 3;
    run.result.energy_kwh = energy_kwh;
    run.result.migrations = 1234;
    run.result.sla.slatah = 0.05;
    run.timeline.point_s = 3600.0;
    run.timeline.power_w = {200.04, 210.0, 105.0};
    run.timeline.hosts_on = {2, 2, 1};
    run.timeline.migrations = {0, 3, 0};
    run.timeline.sla_violation = {0.0, 0.25, 1.0 / 3.0};
    run.timeline.contention_vm_hours = {0.0, 1.5, 0.0};
    run.timeline.host_percent = {10, 20, 30, 40, 50, Timeline::off};
    run.timeline.rows = 2;
    run.timeline.row_names = {"h0", "h1"};
    run.timeline.worst_host = {"h1", 5400.0, 7200.0};
    return run;
}

// Every text that comes from outside tries to become markup.
inline ReportRun hostile_run() {
    const std::string attack = "</script><b>\"'>&amp;{{data}}<img src=x onerror=alert(1)><!--\xFF";
    ReportRun run = report_run(attack, 5.0);
    run.result.trace = attack;
    run.result.options = {{attack, attack}};
    run.timeline.row_names = {attack, attack};
    run.timeline.worst_host.name = attack;
    return run;
}

}  // namespace ballast::test
