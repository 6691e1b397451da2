// SPDX-License-Identifier: Apache-2.0
// Which part of a host's watts is whose.
//
//   idle part      up to what the host draws idle: shared by configured memory, because that is what keeps others out
//   dynamic part   what is above idle: shared by CPU in use, of the VMs and of the host itself (its overhead)
// A host without VMs keeps its idle part to itself. The parts add up to the host's watts.
//
// Worked example: 100 W idle, 160 W now; VM a 1 GiB and 600 MHz, VM b 3 GiB and 200 MHz, the host itself 200 MHz:
//   a: 100 * 1/4 + 60 * 600/1000 = 61 W;  b: 100 * 3/4 + 60 * 200/1000 = 87 W;  host: 60 * 200/1000 = 12 W.
#pragma once

#include <vector>

#include "core/cluster.hpp"

namespace ballast {

struct VmWatts {
    VmId vm;
    double watts = 0.0;
};

struct WattsShares {
    std::vector<VmWatts> vms;  // of the host, in id order
    double host_watts = 0.0;   // nobody's but the host's own
};

// `watts` and `idle_watts` finite, not negative. O(VMs on the host).
[[nodiscard]] WattsShares attribute_watts(const Cluster& cluster, HostId host, double watts, double idle_watts);

}  // namespace ballast
