// SPDX-License-Identifier: Apache-2.0
// Traces for tests: small ones by hand, larger ones from a seed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/sample_codes.hpp"
#include "simulator/trace/source.hpp"

namespace ballast::test {

// A source whose rows are given; also one that fails in the middle.
class RowSource final : public TraceSource {
  public:
    RowSource(TraceInfo info, std::vector<std::vector<float>> rows) : info_(std::move(info)), rows_(std::move(rows)) {
        info_.interval_count = rows_.size();
    }
    [[nodiscard]] const TraceInfo& info() const override { return info_; }
    [[nodiscard]] Status read_cpu_percent(std::size_t interval, std::span<float> percent) override {
        if (interval == fails_at) return fail(ErrorKind::usage, "the source is broken");
        std::copy(rows_[interval].begin(), rows_[interval].end(), percent.begin());
        return {};
    }
    [[nodiscard]] Status read_column(std::size_t interval, TraceColumn column, std::span<float> values) override {
        std::ranges::copy(others_[column].at(interval), values.begin());
        return {};
    }
    void record(TraceColumn column, std::vector<std::vector<float>> rows) {
        info_.recorded[column] = true;
        others_[column] = std::move(rows);
    }
    std::size_t fails_at = std::numeric_limits<std::size_t>::max();

  private:
    TraceInfo info_;
    std::vector<std::vector<float>> rows_;
    ByColumn<std::vector<std::vector<float>>> others_;
};

inline TraceVm vm(std::string name) {
    TraceVm result;
    result.name = std::move(name);
    return result;
}

inline TraceInfo info_of(std::vector<TraceVm> vms, double interval_s = 300.0) {
    TraceInfo info;
    info.name = "test";
    info.interval_s = interval_s;
    info.vms = std::move(vms);
    return info;
}

// Random hundredths of a percent within every VM's life; with `columns`, memory, network and disk I/O, too.
inline RowSource random_source(std::uint64_t seed, std::size_t vms, std::size_t intervals, bool whole,
                               bool columns = false) {
    std::mt19937_64 random(seed);
    TraceInfo info = info_of({});
    for (std::size_t v = 0; v < vms; ++v) {
        TraceVm made = vm("vm-" + std::to_string(v));
        made.first_interval = random() % intervals;
        made.end_interval = made.first_interval + 1 + random() % (intervals - made.first_interval);
        info.vms.push_back(std::move(made));
    }
    std::vector<std::vector<float>> rows(intervals, std::vector<float>(vms, 0.0F));
    for (std::size_t i = 0; i < intervals; ++i) {
        for (std::size_t v = 0; v < vms; ++v) {
            if (i < info.vms[v].first_interval || i >= info.vms[v].end_interval) continue;
            const auto steps = static_cast<std::uint16_t>(whole ? random() % 101 * 100 : random() % 10001);
            rows[i][v] = trace_format::to_percent(steps);
        }
    }
    RowSource source(info, rows);
    for (const TraceColumn column : columns ? std::span(trace_columns) : std::span<const TraceColumn>()) {
        for (std::size_t i = 0; i < intervals; ++i) {
            for (std::size_t v = 0; v < vms; ++v) {
                const bool lives = i >= info.vms[v].first_interval && i < info.vms[v].end_interval;
                const std::uint64_t codes = column == TraceColumn::memory ? 10'001 : 65'536;
                const auto code = static_cast<std::uint16_t>(random() % codes);
                rows[i][v] = lives ? trace_format::to_sample(column, code) : 0.0F;
            }
        }
        source.record(column, rows);
    }
    return source;
}

// All rows of a source; ends the test where one cannot be read.
inline std::vector<std::vector<float>> read_all(TraceSource& source) {
    std::vector<std::vector<float>> rows;
    for (std::size_t i = 0; i < source.info().interval_count; ++i) {
        std::vector<float> row(source.info().vms.size(), -1.0F);
        const Status ok = source.read_cpu_percent(i, row);
        EXPECT_TRUE(ok.has_value()) << ok.error().message;
        rows.push_back(std::move(row));
    }
    return rows;
}

inline std::vector<std::vector<float>> read_all(TraceSource& source, TraceColumn column) {
    std::vector<std::vector<float>> rows;
    for (std::size_t i = 0; i < source.info().interval_count; ++i) {
        std::vector<float> row(source.info().vms.size(), -1.0F);
        const Status ok = source.read_column(i, column, row);
        EXPECT_TRUE(ok.has_value()) << ok.error().message;
        rows.push_back(std::move(row));
    }
    return rows;
}

inline std::string bytes_of(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

inline trace_format::Bytes as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace ballast::test
