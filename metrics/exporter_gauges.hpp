// SPDX-License-Identifier: Apache-2.0
// The gauges of one snapshot, kept as values: a scrape sees all of one snapshot or all of the next.
#pragma once

#include <vector>

#include "core/snapshot.hpp"
#include "metrics/sample_family.hpp"

namespace ballast {

// Every gauge that a snapshot gives a value to, in host order. Pure. O(hosts + VMs).
[[nodiscard]] std::vector<SampleFamily> snapshot_gauges(const Snapshot& snapshot);

// What is shown of single VMs: as many series as there are VMs, so only where the operator asks for it. O(VMs).
[[nodiscard]] std::vector<SampleFamily> vm_gauges(const Snapshot& snapshot);

}  // namespace ballast
