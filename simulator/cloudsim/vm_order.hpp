// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/cloudsim/options.hpp"
#include "simulator/trace/source.hpp"

namespace ballast::cloudsim {

// Which VM of the trace each VM of the reference world is: its number decides its type, its first host and every tie.
// Two of CloudSim's users get the same figures only if their file systems list a folder in the same order.
[[nodiscard]] std::vector<std::uint32_t> vm_order(const TraceInfo& trace, const Options& options);

}  // namespace ballast::cloudsim
