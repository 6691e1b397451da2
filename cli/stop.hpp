// SPDX-License-Identifier: Apache-2.0
// What a person, or the service manager, asks of a running ballast by signals.
#pragma once

#include "executor/hold_file.hpp"
#include "executor/stop_signal.hpp"

namespace ballast {

// From now on SIGINT, SIGTERM and SIGHUP (the terminal is gone) are requests: the first starts nothing new and lets
// migrations finish, the second aborts them; after the third the next one ends the program and leaves them to libvirt
// and to `ballast recover`.
void catch_stop_signals();

// The requests so far. There is one per process, as signals are; none is ever seen before catch_stop_signals().
[[nodiscard]] const StopSignal& stop_signal();

// From now on, for a program that runs without end, SIGHUP asks for its configuration to be read again, unless stdin is
// a terminal; SIGUSR1 sets the hold file and SIGUSR2 takes it away. `hold` is never destroyed.
void catch_service_signals(HoldFile& hold);

// Whether a reload was asked for since this was last asked.
[[nodiscard]] bool take_reload_request();

}  // namespace ballast
