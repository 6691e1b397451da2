// SPDX-License-Identifier: Apache-2.0
// How a person asks a running plan to stop. The first request lets running migrations finish and starts no new ones;
// the second also aborts the running ones, where that is still possible. request() may be called from a signal handler.
#pragma once

#include <atomic>

namespace ballast {

class StopSignal {
  public:
    void request() noexcept { count_.fetch_add(1); }
    [[nodiscard]] bool start_nothing_new() const noexcept { return count_.load() >= 1; }
    [[nodiscard]] bool abort_running() const noexcept { return count_.load() >= 2; }

  private:
    static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");
    std::atomic<int> count_{0};
};

}  // namespace ballast
