// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "core/result.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

struct ConvertSummary {
    std::uint64_t file_bytes = 0;
    // The largest difference between a sample and what was written of it: in percent of CPU or memory, at most 0.005 …
    float error_percent_max = 0.0F;
    // … and relative to the sample, of rates of at least 2048 bytes per second: at most 1/4096. Smaller ones become
    // whole bytes per second.
    float error_rate_max = 0.0F;
};

// Writes `source` as Ballast's own trace file; the file appears when it is complete. `progress`, if given, is called
// after every interval. Errors: those of the source and of BinaryTraceWriter.
[[nodiscard]] Result<ConvertSummary> write_trace(
    TraceSource& source, const std::string& path,
    const std::function<void(std::size_t intervals_done, std::size_t intervals)>& progress = {});

}  // namespace ballast
