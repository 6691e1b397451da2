// SPDX-License-Identifier: Apache-2.0
// The gauges of one snapshot, kept as values: a scrape sees all of one snapshot or all of the next.
#pragma once

#include <string>
#include <vector>

#include "core/snapshot.hpp"

namespace ballast {

struct GaugeSample {
    std::string host;    // label; empty = no label
    std::string source;  // label; empty = no label
    double value = 0.0;
};

struct GaugeFamily {
    std::string name;
    std::string help;
    std::vector<GaugeSample> samples;  // in host order
};

// Every gauge that a snapshot gives a value to. Pure. O(hosts + VMs).
[[nodiscard]] std::vector<GaugeFamily> snapshot_gauges(const Snapshot& snapshot);

}  // namespace ballast
