// SPDX-License-Identifier: Apache-2.0
// One switch of one host from intent to outcome:
//   journal `intended` -> checks -> journal `switching` -> last look at the guests -> the command -> wait until it is
//   seen to work -> journal the end.
//
// What it guarantees:
//   - a host is put to sleep only if its hypervisor was asked twice, with a pause between, and named no guest at all.
//     The second time is directly before the command;
//   - a guest that is seen on it after that is an alarm: the switch has failed, and a wake is sent;
//   - and only if it is not the machine that Ballast runs on;
//   - and only if its own power control answers, nobody drained it, no migration from or to it is open, no switch of it
//     failed, and waking it worked the last time (or the operator vouches for it);
//   - a wake is believed when the hypervisor answers, a sleep when the power control says so or, where it cannot see
//     that, when the hypervisor falls silent;
//   - what fails is on record as failed, which is the quarantine: the host is not switched by a plan again until a
//     person has cleared it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/host.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/ports/power.hpp"
#include "core/ports/power_journal.hpp"
#include "executor/settle.hpp"
#include "executor/stop_signal.hpp"

namespace ballast {

// Seconds.
struct PowerTiming {
    double pause_s = 5.0;         // between the two looks at a host that is to sleep
    double poll_s = 2.0;          // between two looks while waiting
    double sleep_s_min = 300.0;   // a host that is not asleep by then has failed …
    double sleep_factor = 3.0;    // … or by so many times what it is configured to need, if that is longer
    double wake_s_min = 120.0;    // the same for waking, and for each try
    double wake_factor = 2.0;     //
    double after_error_s = 20.0;  // how long to see whether a wake that failed has worked all the same
    int wake_tries = 2;
    int silent_looks = 3;  // so many looks without an answer mean asleep, where nothing else can tell
};

struct PowerPorts {
    PowerControl& control;
    PowerJournal& journal;
};

struct SwitchOrder {
    SwitchRecord record;            // plan, host, kind, reason and facts; the rest is filled in
    double expected_s = 0.0;        // what it is configured to take
    std::string objection;          // of whoever orders it, to its sleep; empty = none. Journalled as any other
    bool wake_is_on_trial = false;  // a person tries whether it wakes: that it did before is not asked for
};

// How long a host that takes `expected_s` to sleep is waited for.
[[nodiscard]] double sleep_limit_s(const PowerTiming& timing, double expected_s);

// With host, kind, facts and expectation filled in.
[[nodiscard]] SwitchOrder switch_order(const HostSpec& host, SwitchKind kind);

struct SwitchOutcome {
    SwitchState state = SwitchState::rejected;  // `switching`: given up while waiting; recovery brings it to its end
    std::int64_t record_id = 0;                 // 0 = none
    std::string text;                           // one line
    double duration_s = std::numeric_limits<double>::quiet_NaN();
    bool journal_failed = false;
};

// Blocks until the outcome is known. The second request of `stop` gives up waiting.
[[nodiscard]] SwitchOutcome run_switch(const PowerPorts& ports, Hypervisor& hypervisor, Clock& clock, SwitchOrder order,
                                       const PowerTiming& timing, const StopSignal& stop, const NoteSink& note);

// What is there now, in as many looks as it takes to be sure of it.
enum class PowerTruth : std::uint8_t {
    on,       // the hypervisor answers
    asleep,   // the power control says so, or cannot see it and the hypervisor is silent
    unclear,  // on, or in between, but without a hypervisor that answers
};

// Waits until `wanted` is true, at most for `seconds`; returns what is true then. A guest on a host that is to fall
// asleep ends the wait at once, unless guests are ignored.
class PowerWatch {
  public:
    enum class Guests : std::uint8_t { alarm, ignored };

    PowerWatch(const PowerPorts& ports, Hypervisor& hypervisor, Clock& clock, const PowerTiming& timing,
               const StopSignal& stop)
        : ports_(ports), hypervisor_(hypervisor), clock_(clock), timing_(timing), stop_(stop) {}

    [[nodiscard]] PowerTruth wait_for(PowerTruth wanted, const HostEndpoint& host, double seconds,
                                      Guests guests = Guests::alarm);
    // Those that the last look saw.
    [[nodiscard]] const std::vector<std::string>& guests() const { return guests_; }
    // Sleeps. False, and at once, if a person asked to give up.
    [[nodiscard]] bool pause(double seconds);

  private:
    [[nodiscard]] PowerTruth look(PowerTruth wanted, const HostEndpoint& host);

    const PowerPorts& ports_;
    Hypervisor& hypervisor_;
    Clock& clock_;
    const PowerTiming& timing_;
    const StopSignal& stop_;
    int silent_ = 0;
    std::vector<std::string> guests_;
};

}  // namespace ballast
