// SPDX-License-Identifier: Apache-2.0
// After a crash: what has become of the hosts that were being put to sleep or woken.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "executor/power_job.hpp"

namespace ballast {

struct RecoveredSwitch {
    SwitchRecord record;  // as it is in the journal now: closed, unless a person gave up waiting
    std::string text;     // one line: what became of the host
};

using ExpectedSeconds = std::function<double(const std::string& host)>;

// Closes every open switch by what is seen: gives the host the time that it is allowed, then writes down whether it
// sleeps or is awake. Gives no command: what was not done is decided anew by the next plan. A host that is neither is
// failed, and so in quarantine. So is one that does not sleep though it may have been told to: the command may yet take
// effect. `suspend_s` says how long a host (by name) is configured to take to sleep; none = nothing is known of that.
// Errors: the journal's.
[[nodiscard]] Result<std::vector<RecoveredSwitch>> recover_switches(const PowerPorts& ports, Hypervisor& hypervisor,
                                                                    Clock& clock, const PowerTiming& timing,
                                                                    const StopSignal& stop, const NoteSink& note,
                                                                    const ExpectedSeconds& suspend_s = nullptr);

// "h3: was being put to sleep"
[[nodiscard]] std::string what_was_going_on(const SwitchRecord& record);

}  // namespace ballast
