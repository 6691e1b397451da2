// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/convert.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "simulator/trace/binary_writer.hpp"
#include "simulator/trace/sample_codes.hpp"

namespace ballast {

namespace {

constexpr float whole_rates = 2048.0F;

// One interval of a source as codes, and what that loses.
class Coder {
  public:
    Coder(TraceSource& source, ConvertSummary& summary)
        : source_(source), summary_(summary), samples_(source.info().vms.size()), cpu_(samples_.size()) {
        coded_.cpu = cpu_;
        for (const TraceColumn column : trace_columns) {
            if (!source.info().recorded[column]) continue;
            others_[column].resize(samples_.size());
            coded_.others[column] = others_[column];
        }
    }

    Status read(std::size_t interval) {
        if (Status ok = source_.read_cpu_percent(interval, samples_); !ok) return ok;
        encode_percent(cpu_);
        for (const TraceColumn column : trace_columns) {
            if (!source_.info().recorded[column]) continue;
            if (Status ok = source_.read_column(interval, column, samples_); !ok) return ok;
            column == TraceColumn::memory ? encode_percent(others_[column]) : encode_rates(others_[column]);
        }
        return {};
    }
    [[nodiscard]] const CodedInterval& coded() const { return coded_; }

  private:
    void encode_percent(std::vector<std::uint16_t>& codes) {
        for (std::size_t v = 0; v < samples_.size(); ++v) {
            codes[v] = trace_format::to_steps(samples_[v]);
            const float error = std::abs(trace_format::to_percent(codes[v]) - samples_[v]);
            summary_.error_percent_max = std::max(summary_.error_percent_max, error);
        }
    }
    void encode_rates(std::vector<std::uint16_t>& codes) {
        for (std::size_t v = 0; v < samples_.size(); ++v) {
            codes[v] = trace_format::to_rate_code(static_cast<double>(samples_[v]));
            if (samples_[v] < whole_rates) continue;
            const float error = std::abs(static_cast<float>(trace_format::to_rate(codes[v])) / samples_[v] - 1.0F);
            summary_.error_rate_max = std::max(summary_.error_rate_max, error);
        }
    }

    TraceSource& source_;
    ConvertSummary& summary_;
    std::vector<float> samples_;
    std::vector<std::uint16_t> cpu_;
    ByColumn<std::vector<std::uint16_t>> others_;
    CodedInterval coded_;
};

}  // namespace

Result<ConvertSummary> write_trace(
    TraceSource& source, const std::string& path,
    const std::function<void(std::size_t intervals_done, std::size_t intervals)>& progress) {
    Result<BinaryTraceWriter> writer = BinaryTraceWriter::create(path, source.info());
    if (!writer) return tl::unexpected(writer.error());
    const std::size_t intervals = source.info().interval_count;
    ConvertSummary summary;
    Coder coder(source, summary);
    for (std::size_t i = 0; i < intervals; ++i) {
        if (Status ok = coder.read(i); !ok) return tl::unexpected(ok.error());
        if (Status ok = writer->append(coder.coded()); !ok) return tl::unexpected(ok.error());
        if (progress) progress(i + 1, intervals);
    }
    if (Status ok = writer->finish(); !ok) return tl::unexpected(ok.error());
    summary.file_bytes = writer->bytes_written();
    return summary;
}

}  // namespace ballast
