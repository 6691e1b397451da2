// SPDX-License-Identifier: Apache-2.0
#include "executor/system_clock.hpp"

#include <chrono>
#include <thread>

namespace ballast {

namespace {

template <typename TimePoint>
double seconds(TimePoint time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

double SystemClock::unix_time_s() { return seconds(std::chrono::system_clock::now()); }

double SystemClock::monotonic_s() { return seconds(std::chrono::steady_clock::now()); }

void SystemClock::sleep(double duration_s) { std::this_thread::sleep_for(std::chrono::duration<double>(duration_s)); }

}  // namespace ballast
