// SPDX-License-Identifier: Apache-2.0
// A recording that lies in memory as a whole.
#pragma once

#include "simulator/trace/source.hpp"
#include "simulator/trace/trace.hpp"

namespace ballast {

class MemoryTraceSource final : public TraceSource {
  public:
    // Every VM lives from the first interval to the last; sizes are not recorded.
    explicit MemoryTraceSource(Trace trace);

    [[nodiscard]] const TraceInfo& info() const override { return info_; }
    // Never fails.
    [[nodiscard]] Status read_cpu_percent(std::size_t interval, std::span<float> percent) override;

  private:
    Trace trace_;
    TraceInfo info_;
};

}  // namespace ballast
