// SPDX-License-Identifier: Apache-2.0
// Asks many hosts at once and waits for them no longer than a deadline.
//
// One long-lived worker thread per host, because a hypervisor's client library may block for minutes (TCP connect to a
// host that drops packets) and cannot be interrupted. A host that hangs costs nothing but its thread: it is not asked
// again before it has answered, the others are read as usual, and neither the destructor nor the process's exit waits
// for it. A host that refuses is asked again after a pause that doubles with each failure.
#pragma once

#include <memory>
#include <vector>

#include "core/ports/clock.hpp"
#include "core/result.hpp"
#include "metrics/host_reading.hpp"

namespace ballast {

// Reads one host. Created by the caller, then used and destroyed by one worker thread only; it may outlive the Poller
// and everything else, so it owns all it needs.
class HostReader {
  public:
    virtual ~HostReader() = default;
    // Blocks as long as it takes. The error says what failed, without naming the host.
    [[nodiscard]] virtual Result<HostReading> read() = 0;
};

struct PollOptions {
    double deadline_s = 5.0;       // per poll, all hosts together
    double backoff_first_s = 2.0;  // pause after the first failure …
    double backoff_max_s = 60.0;   // … doubled after each further one, up to this
};

class Poller {
  public:
    // `clock` must outlive the Poller; only the thread that calls poll() uses it.
    Poller(std::vector<std::unique_ptr<HostReader>> readers, const PollOptions& options, Clock& clock);
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;
    // Closes what closes within a second and leaves the rest behind.
    ~Poller();

    // One answer per reader, in their order: the reading, the reader's error, or `unreachable` for a host that has not
    // answered by the deadline or is being left alone after a failure. An answer that comes too late is thrown away.
    [[nodiscard]] std::vector<Result<HostReading>> poll();

    // The next poll asks every host, also those that are being left alone after a failure.
    void forget_failures();

  private:
    struct Slot;
    struct State;

    static void work(const std::shared_ptr<State>& state, Slot& slot);
    void settle(Slot& slot, double now_s) const;

    PollOptions options_;
    Clock& clock_;
    std::shared_ptr<State> state_;  // shared with the workers, which may outlive this
};

}  // namespace ballast
