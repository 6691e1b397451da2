// SPDX-License-Identifier: Apache-2.0
// Brings one migration to its end: looks at both hosts, asks the table (reconcile.hpp), does one thing, looks again.
// Used right after the migration call and, after a crash, by recovery: the same code decides in both cases.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"
#include "executor/fence.hpp"
#include "executor/reconcile.hpp"

namespace ballast {

struct SettleOptions {
    ReconcileLimits limits;
    double poll_s = 1.0;  // between two looks while waiting
    // A host that comes and goes starts every limit anew. After this time in all nothing more is waited for and a
    // person is asked. Seconds.
    double total_s = 2.0 * ReconcileLimits{}.job_s;
    int actions_max = 12;  // then a person is asked
    int failures_max = 3;  // failed actions, then a person is asked
    FenceOptions fence;
};

// Told whenever what is being waited for or done changes. One line.
using NoteSink = std::function<void(const std::string&)>;

struct Settled {
    MigrationState state = MigrationState::needs_operator;  // done, rolled_back or needs_operator
    std::string note;
    // Clock::monotonic_s() at which the guest was resumed, on whichever side; NaN = it was not Ballast who resumed it.
    double resumed_at_s = std::numeric_limits<double>::quiet_NaN();
};

// Who settles: the process that made the call, right after it, or whoever found the record in the journal.
enum class Settling : std::uint8_t { right_after_the_call, after_a_crash };

// Does not write the outcome to the journal: that is the caller's. It writes what it is about to do, and why, as
// record.note; for a guest that waits to be resumed on the destination right afterwards, so that it waits no longer
// than it must. Before suspending the destination of a VM that runs twice it writes record.copies_diverged too.
[[nodiscard]] Settled settle(MigrationRecord& record, Journal& journal, Hypervisor& hypervisor, Clock& clock,
                             const SettleOptions& options, const NoteSink& note,
                             Settling settling = Settling::after_a_crash);

}  // namespace ballast
