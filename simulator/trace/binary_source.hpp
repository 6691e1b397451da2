// SPDX-License-Identifier: Apache-2.0
// Reads Ballast's own trace file (docs/formats/trace.md), memory-mapped. Holds one decompressed chunk of CPU
// use, and one of every other column that has been asked for.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "core/result.hpp"
#include "simulator/trace/binary_format.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

class BinaryTraceSource final : public TraceSource {
  public:
    // Checks header, VM table and index; a chunk is checked when it is read. The file must not be changed while it is
    // read (writers rename a new one over it). Errors: usage, "PATH: reason".
    [[nodiscard]] static Result<std::unique_ptr<BinaryTraceSource>> open(const std::string& path);
    // The same over bytes that the caller keeps; `name` for error messages.
    [[nodiscard]] static Result<std::unique_ptr<BinaryTraceSource>> over(trace_format::Bytes bytes,
                                                                         const std::string& name);
    // Whether `path` is a file that means to be one: it begins as one does.
    [[nodiscard]] static bool is_one(const std::string& path);
    ~BinaryTraceSource() override;
    BinaryTraceSource(const BinaryTraceSource&) = delete;
    BinaryTraceSource& operator=(const BinaryTraceSource&) = delete;

    [[nodiscard]] const TraceInfo& info() const override;
    [[nodiscard]] Status read_cpu_percent(std::size_t interval, std::span<float> percent) override;
    [[nodiscard]] Status read_column(std::size_t interval, TraceColumn column, std::span<float> values) override;

    [[nodiscard]] const trace_format::Header& header() const;

  private:
    struct Impl;
    explicit BinaryTraceSource(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
