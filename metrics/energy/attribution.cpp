// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/attribution.hpp"

#include <algorithm>

namespace ballast {

WattsShares attribute_watts(const Cluster& cluster, HostId host, double watts, double idle_watts) {
    const double idle = std::min(watts, idle_watts);
    const double dynamic = watts - idle;
    double memory = 0.0;
    double cpu_mhz = cluster.state(host).overhead.cpu_mhz();
    for (const VmId vm : cluster.vms_on(host)) {
        memory += cluster.spec(vm).memory_bytes;
        cpu_mhz += cluster.cpu_mhz(vm);
    }
    WattsShares shares;
    double given = 0.0;
    for (const VmId vm : cluster.vms_on(host)) {
        double share = idle * cluster.spec(vm).memory_bytes / memory;  // configured memory is positive
        if (cpu_mhz > 0.0) share += dynamic * cluster.cpu_mhz(vm) / cpu_mhz;
        shares.vms.push_back({vm, share});
        given += share;
    }
    shares.host_watts = std::max(watts - given, 0.0);
    return shares;
}

}  // namespace ballast
