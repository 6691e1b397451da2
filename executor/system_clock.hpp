// SPDX-License-Identifier: Apache-2.0
// The machine's own clock: CLOCK_REALTIME, CLOCK_MONOTONIC and a real sleep.
#pragma once

#include "core/ports/clock.hpp"

namespace ballast {

class SystemClock final : public Clock {
  public:
    [[nodiscard]] double unix_time_s() override;
    [[nodiscard]] double monotonic_s() override;
    void sleep(double seconds) override;
};

}  // namespace ballast
