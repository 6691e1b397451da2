// SPDX-License-Identifier: Apache-2.0
// Pre-copy live migration: how long, how many bytes, how much downtime.
//
// The recurrence of Clark et al., "Live migration of virtual machines", NSDI 2005, in the form of Liu et al.,
// HPDC 2011, with QEMU's stop rule: round i sends V_i bytes in T_i = V_i / R; meanwhile the guest dirties
// V_{i+1} = min(W, D * T_i). Copying stops when the rest can be sent within the downtime limit L: V_i <= R * L; if the
// dirty rate is at or above the bandwidth the rounds end at the limit of `rounds_max` and the rest is the downtime.
//
// Worked example: V = 1000 MiB, R = 100 MiB/s, D = 10 MiB/s, W = 1000 MiB, L = 0.3 s (stop at 30 MiB):
//   round 0: 1000 MiB in 10 s -> 100 MiB dirty; round 1: 100 MiB in 1 s -> 10 MiB dirty; 10 <= 30: stop.
//   downtime 10 / 100 = 0.1 s; bytes 1110 MiB; duration 10 + 1 + 0.1 = 11.1 s + fixed overhead.
#pragma once

#include "core/result.hpp"

namespace ballast {

struct MigrationModel {
    double bandwidth_bytes_per_s = 1.0e9 / 8.0 * 0.8;  // 80 % of a 1 Gbit/s link
    double dirty_bytes_per_s = 10.0 * 1024 * 1024;     // pages the guest writes, while all of it is writable
    double working_set_fraction = 0.1;                 // of memory: what is written again and again (W)
    double downtime_limit_s = 0.3;                     // QEMU's default
    double fixed_overhead_s = 2.5;                     // prepare and teardown of libvirt and QEMU
    double resume_s = 0.05;                            // added to every downtime
    int rounds_max = 30;
};

struct MigrationCost {
    double duration_s = 0.0;  // from the call to the source's end
    double bytes = 0.0;       // sent over the network
    double downtime_s = 0.0;  // guest paused

    friend bool operator==(const MigrationCost&, const MigrationCost&) = default;
};

// Cost of migrating a VM with `memory_bytes` of memory. All inputs positive. O(rounds_max).
[[nodiscard]] MigrationCost migration_cost(const MigrationModel& model, double memory_bytes);

// What a migration takes on both hosts together, in joules: 0.512 J per MB sent and 20.165 J, measured by Liu et al.,
// "Performance and energy modeling for live migration of virtual machines", HPDC 2011, section 4.
[[nodiscard]] constexpr double migration_joules(const MigrationCost& cost) { return 0.512e-6 * cost.bytes + 20.165; }

}  // namespace ballast
