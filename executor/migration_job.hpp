// SPDX-License-Identifier: Apache-2.0
// One migration from intent to outcome:
//   journal `intended` -> veto, pre-flight -> journal `migrating` -> the call -> journal `verifying` -> settle ->
//   journal the end.
// Every state is on disk before what it announces is done.
#pragma once

#include <functional>
#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"
#include "executor/runner.hpp"
#include "executor/settle.hpp"

namespace ballast {

struct MigrationOrder {
    MigrationRecord record;  // plan, VM, hosts, reason and predictions; the rest is filled in
    MigrationControl control;
    Veto veto;  // may be empty
};

struct MigrationPorts {
    Hypervisor& hypervisor;
    Journal& journal;
    Clock& clock;
};

// Blocks until the outcome is known. The outcome's `action` is left for the caller.
[[nodiscard]] ActionOutcome run_migration(const MigrationPorts& ports, MigrationOrder order,
                                          const SettleOptions& options, const StopSignal& stop,
                                          const Hypervisor::ProgressSink& progress, const NoteSink& note);

}  // namespace ballast
