// SPDX-License-Identifier: Apache-2.0
// Time as a port: the system's clock in production, a settable one in tests and in the simulator.
#pragma once

namespace ballast {

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual double unix_time_s() = 0;  // wall clock, may jump
    [[nodiscard]] virtual double monotonic_s() = 0;  // never goes back; for durations and deadlines
    virtual void sleep(double seconds) = 0;
};

}  // namespace ballast
