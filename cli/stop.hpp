// SPDX-License-Identifier: Apache-2.0
// How a person stops Ballast: SIGINT, SIGTERM, and SIGHUP (the terminal is gone).
#pragma once

#include "executor/stop_signal.hpp"

namespace ballast {

// From now on the three signals are requests: the first starts nothing new and lets migrations finish, the second
// aborts them; after the third the next one ends the program and leaves them to libvirt and to `ballast recover`.
void catch_stop_signals();

// The requests so far. There is one per process, as signals are; none is ever seen before catch_stop_signals().
[[nodiscard]] const StopSignal& stop_signal();

}  // namespace ballast
