// SPDX-License-Identifier: Apache-2.0
// What to do about a migration, from nothing but a look at both hosts and the journal's record: the two-sided table of
// docs/concepts.md, as a pure function. The return code of the migration call has no part in it: "failed" can mean
// rolled back, moved all the same, or moved by half.
//
// What it guarantees:
//   - a copy is started on one side only if the other side was seen, or is known to be off, and does not run;
//   - a copy is started on the destination only if the source's is known to have left, not merely to have ended: the
//     source says so or, if its libvirt has forgotten, the call said so to this very process moments ago;
//   - a copy is destroyed only if the other side holds a running copy, or one that can be resumed;
//   - a host is fenced only if it has been silent for long (SideObservation::silent, which is less than `unreachable`),
//     the other one answers, and all would be clear with it off: never if it may hold the only copy that can still run;
//   - whatever the table does not know goes to a person, with the commands to look and to decide.
#pragma once

#include <string>
#include <string_view>

#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"
#include "executor/fence.hpp"

namespace ballast {

enum class Step : std::uint8_t {
    wait,  // it is still going on, or it may clear up by itself
    // ends
    done,            // runs on the destination only
    rolled_back,     // is on the source only
    needs_operator,  // NextStep::why says what was seen, how to look and how to decide
    // actions: afterwards both sides are looked at again
    resume_destination,
    resume_source,
    suspend_destination,
    destroy_source,
    destroy_destination,
    undefine_source,
    undefine_destination,
    abort_job,
    fence_source,  // makes sure that the host is off
    fence_destination,
};

[[nodiscard]] std::string_view name(Step step);  // "resume-destination"
[[nodiscard]] constexpr bool is_end(Step step) {
    return step == Step::done || step == Step::rolled_back || step == Step::needs_operator;
}
[[nodiscard]] constexpr bool is_fencing(Step step) {
    return step == Step::fence_source || step == Step::fence_destination;
}
// The two sides are looked at one after the other, so a VM may be seen twice while it moves. Everything that cannot be
// taken back is done only when two looks in a row ask for it. (Resuming the destination is not in this class: it is
// asked for only when the source's copy is known to have left by the migration, and that does not come back. A copy
// that ended in any other way may have run on, and a person decides.)
[[nodiscard]] constexpr bool needs_second_look(Step step) {
    return step == Step::suspend_destination || step == Step::destroy_source || step == Step::destroy_destination ||
           step == Step::undefine_source || step == Step::undefine_destination || step == Step::resume_source ||
           is_fencing(step);
}

// How long a situation must last, unchanged, before it is acted upon. Seconds.
struct ReconcileLimits {
    double stable_s = 2.0;         // "nothing happened" is believed after this: a call may still be on its way
    double switchover_s = 5.0;     // a guest stopped at the switch-over is normally gone within 2 s of its arrival
    double incoming_s = 60.0;      // libvirt gives up an arrival 30 s after its control connection died
    double stuck_s = 120.0;        // a switch-over with a job that lasts longer is stuck in a dead connection
    double unreachable_s = 120.0;  // a host that does not answer for this long is a person's business
    double job_s = 3600.0;         // a migration job that goes on for this long is aborted
};

struct Situation {
    SideObservation source;
    SideObservation destination;
    double unchanged_s = 0.0;     // for how long both sides have looked like this
    bool call_witnessed = false;  // this very process made the call and waits for its VM since: no crash lies between
    FenceUse fence = FenceUse::never;  // for which guests a silent host may be fenced now
};

struct NextStep {
    Step step = Step::wait;
    std::string why;  // one line for people
};

[[nodiscard]] NextStep reconcile(const Situation& situation, const MigrationRecord& record,
                                 const ReconcileLimits& limits);

// "running (migrated)", "unreachable (…)", "off (fenced)", "running with a migration job".
[[nodiscard]] std::string describe(const SideObservation& observation);

}  // namespace ballast
