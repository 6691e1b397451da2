// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/convert.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "simulator/trace/binary_format.hpp"
#include "simulator/trace/binary_writer.hpp"

namespace ballast {

Result<ConvertSummary> write_trace(
    TraceSource& source, const std::string& path,
    const std::function<void(std::size_t intervals_done, std::size_t intervals)>& progress) {
    Result<BinaryTraceWriter> writer = BinaryTraceWriter::create(path, source.info());
    if (!writer) return tl::unexpected(writer.error());
    const std::size_t intervals = source.info().interval_count;
    std::vector<float> percent(source.info().vms.size());
    std::vector<std::uint16_t> steps(percent.size());
    ConvertSummary summary;
    for (std::size_t i = 0; i < intervals; ++i) {
        if (Status ok = source.read_cpu_percent(i, percent); !ok) return tl::unexpected(ok.error());
        for (std::size_t v = 0; v < percent.size(); ++v) {
            steps[v] = trace_format::to_steps(percent[v]);
            const float error = std::abs(trace_format::to_percent(steps[v]) - percent[v]);
            summary.error_percent_max = std::max(summary.error_percent_max, error);
        }
        if (Status ok = writer->append(steps); !ok) return tl::unexpected(ok.error());
        if (progress) progress(i + 1, intervals);
    }
    if (Status ok = writer->finish(); !ok) return tl::unexpected(ok.error());
    summary.file_bytes = writer->bytes_written();
    return summary;
}

}  // namespace ballast
