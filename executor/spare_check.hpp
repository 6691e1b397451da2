// SPDX-License-Identifier: Apache-2.0
// N+k, simulated before a host is put to sleep: if hosts fail afterwards, have the others room for their VMs?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"

namespace ballast {

// What is true now, by id: where the VMs are (or are on their way to), and which hosts are on and stay so.
struct Occupancy {
    std::vector<HostId> host_of;
    std::vector<bool> on;
};

// As the snapshot says: hosts that answer, are on, and are not in maintenance.
[[nodiscard]] Occupancy occupancy_of(const Cluster& cluster);

// Why `host` must stay on, in one line; nothing if it may sleep. Every host that stays on fails in turn, together with
// the `spare` - 1 of the others that have most memory; all their VMs must find room, by memory and CPU, on those that
// are left. They are placed largest memory first, each where most memory is free: what is not found so counts as not
// there. Rules are not looked at: whoever starts VMs again after a failure has his own. `spare` 0: no objection.
// O(hosts * (VMs of the failed * hosts)).
[[nodiscard]] std::optional<std::string> objection_to_sleep(const Cluster& cluster, const Occupancy& occupancy,
                                                            HostId host, int spare);

}  // namespace ballast
