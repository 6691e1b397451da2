// SPDX-License-Identifier: Apache-2.0
// What CloudSim's PlanetLab examples print at the end of a run. Fractions are fractions; NaN where there is nothing to
// take the mean of.
#pragma once

#include <cstddef>

namespace ballast::cloudsim {

struct Figures {
    double energy_kwh = 0.0;
    std::size_t migrations = 0;
    double sla = 0.0;  // pdm * slatah
    double pdm = 0.0;
    double slatah = 0.0;
    std::size_t worst_host = 0;           // violated for the longest time, the first of equals …
    double worst_host_violating_s = 0.0;  // … 0: none did
    double sla_overall = 0.0;
    double sla_average = 0.0;
    std::size_t shutdowns = 0;
    std::size_t starts = 0;
    double mean_time_before_shutdown_s = 0.0;  // NaN without any
    double stdev_time_before_shutdown_s = 0.0;
    double mean_migration_s = 0.0;
    double stdev_migration_s = 0.0;
    std::size_t vms_left = 0;
    double migration_bytes = 0.0;
    double contention_vm_hours = 0.0;  // VMs that got less than they asked, other than by moving
};

}  // namespace ballast::cloudsim
