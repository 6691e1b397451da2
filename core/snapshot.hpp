// SPDX-License-Identifier: Apache-2.0
// What the collectors saw: a Cluster, its recent history, and what could not be seen.
#pragma once

#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/history.hpp"

namespace ballast {

struct HostProblem {
    std::string host;     // name
    std::string message;  // one line: what failed and what to do
};

struct Snapshot {
    double unix_time_s = 0.0;
    Cluster cluster;
    History history;
    std::vector<HostProblem> problems;  // hosts that could not be read; in the cluster they are not reachable
};

}  // namespace ballast
