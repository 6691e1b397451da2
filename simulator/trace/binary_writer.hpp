// SPDX-License-Identifier: Apache-2.0
// Writes Ballast's own trace file (docs/formats/trace.md), one interval after the other. The file appears under its
// name only when it is complete and on disk: it is written beside it and renamed, and its header is written last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/result.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

// The samples of an interval in every column that is recorded, as codes (sample_codes.hpp), one per VM; 0 where the VM
// does not live. Columns that are not recorded are empty.
struct CodedInterval {
    std::span<const std::uint16_t> cpu;
    ByColumn<std::span<const std::uint16_t>> others;
};

// Holds one chunk: at most 4 Mi samples of two bytes per column, or one interval where that is more. Same input, same
// bytes.
class BinaryTraceWriter {
  public:
    // Errors: usage for a trace the format cannot hold (no VMs, no intervals, too many, a name with control characters
    // or more than 255 bytes); failed where `path` cannot be written.
    [[nodiscard]] static Result<BinaryTraceWriter> create(const std::string& path, TraceInfo info);
    BinaryTraceWriter(BinaryTraceWriter&&) noexcept;
    BinaryTraceWriter& operator=(BinaryTraceWriter&&) noexcept;
    // Removes what was written, unless finish() has succeeded.
    ~BinaryTraceWriter();

    // The next interval; that it is what it must be is checked. Errors: failed, the disk is full.
    [[nodiscard]] Status append(const CodedInterval& interval);
    // To be called once, after as many append() as there are intervals. Errors: failed, as above.
    [[nodiscard]] Status finish();
    // So far.
    [[nodiscard]] std::uint64_t bytes_written() const;

  private:
    struct Impl;
    explicit BinaryTraceWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
