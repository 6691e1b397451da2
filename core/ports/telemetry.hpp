// SPDX-License-Identifier: Apache-2.0
// The port through which load and energy samples come. Collectors implement it; so does the simulator.
#pragma once

#include "core/result.hpp"
#include "core/snapshot.hpp"

namespace ballast {

class Telemetry {
  public:
    virtual ~Telemetry() = default;
    // Reads every host once and returns the cluster as it is now, with the history so far. A host that does not answer
    // is in the snapshot as not reachable, with a HostProblem; an error is returned only if nothing can be said at all.
    [[nodiscard]] virtual Result<Snapshot> observe() = 0;
};

}  // namespace ballast
