// SPDX-License-Identifier: Apache-2.0
// The port through which a plan becomes true: the executor's runner on a real cluster, the world in the simulator.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/cluster.hpp"
#include "core/plan.hpp"
#include "core/result.hpp"

namespace ballast {

struct ActuationReport {
    std::size_t done = 0;     // actions carried out and verified
    std::size_t failed = 0;   // tried, and the VM is where it was, or a person must look
    std::size_t skipped = 0;  // not tried: something they waited for failed, a stop was asked for, no power control
};

class Actuator {
  public:
    virtual ~Actuator() = default;
    // Carries out `plan`, which was made for `cluster`, under the name of `policy`. Errors: refused, if a safety check
    // says no before anything was done; failed, if the record of what is done cannot be kept.
    [[nodiscard]] virtual Result<ActuationReport> carry_out(const Plan& plan, const Cluster& cluster,
                                                            std::string_view policy) = 0;
};

}  // namespace ballast
