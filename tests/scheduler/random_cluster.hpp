// SPDX-License-Identifier: Apache-2.0
// Random clusters for property tests: every kind of rule, host state and CPU, all from one seed. Quantities are whole
// numbers, so that sums are exact whatever their order.
#pragma once

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "core/random.hpp"

namespace ballast::test {

struct RandomShape {
    std::size_t hosts_max = 8;
    std::size_t vms_max = 30;
    double scale = 1.0;     // of all demands and capacities
    bool permuted = false;  // VMs, hosts and rules in reverse order
    bool odd_hosts = true;  // some asleep, silent, in maintenance …
    bool rich = true;       // with racks, needs, limits of virtual CPUs and rules that are more than names
};

struct RandomCluster {
    Cluster cluster;
    History history;
};

// The same seed gives the same cluster up to `shape`.
RandomCluster random_cluster(std::uint64_t seed, const RandomShape& shape = {});

}  // namespace ballast::test
