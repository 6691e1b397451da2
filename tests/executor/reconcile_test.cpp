// SPDX-License-Identifier: Apache-2.0
// The two-sided table, row by row, and what must hold for every row there could be.
#include "executor/reconcile.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace ballast {
namespace {

constexpr double soon = 0.0;
constexpr double late = 1e6;  // beyond every limit

SideObservation seen(SideState state, std::string reason = "", bool has_job = false) {
    SideObservation side;
    side.state = state;
    side.reason = std::move(reason);
    side.has_job = has_job;
    side.persistent = true;
    return side;
}

SideObservation not_seen(bool silent) {
    SideObservation side;
    side.silent = silent;
    return side;
}

MigrationRecord record(Handover handover = Handover::paused, bool defined_before = false) {
    MigrationRecord r;
    r.vm = {"web", "uuid-web"};
    r.source = {"h1", "qemu+tcp://h1/system", "10.0.0.1"};
    r.destination = {"h2", "qemu+tcp://h2/system", "10.0.0.2"};
    r.handover = handover;
    r.destination_defined_before = defined_before;
    r.state = MigrationState::verifying;
    return r;
}

struct Row {
    const char* what;
    SideObservation source;
    SideObservation destination;
    Handover handover;
    double unchanged_s;
    Step expected;
};

const SideObservation absent = seen(SideState::absent);
const SideObservation unreachable = not_seen(true);
const SideObservation refusing = not_seen(false);
const SideObservation off = seen(SideState::off, "fenced");
const SideObservation running = seen(SideState::running, "booted");
const SideObservation copying = seen(SideState::running, "booted", true);
const SideObservation canceled = seen(SideState::running, "migration canceled");
const SideObservation switching = seen(SideState::paused, "migration", true);
const SideObservation stopped = seen(SideState::paused, "migration");
const SideObservation left = seen(SideState::defined, "migrated");
const SideObservation incoming = seen(SideState::incoming, "migration");
const SideObservation waiting = seen(SideState::paused, "user");
const SideObservation arrived = seen(SideState::running, "migrated");
const SideObservation failed = seen(SideState::defined, "failed");
const SideObservation fetching_from = seen(SideState::paused, "post-copy");
const SideObservation fetching = seen(SideState::running, "post-copy");
const SideObservation broken = seen(SideState::paused, "post-copy failed");
const SideObservation broken_there = seen(SideState::running, "post-copy failed");
constexpr Handover direct = Handover::direct;
constexpr Handover paused = Handover::paused;

// clang-format off
const std::vector<Row> table = {
    {"copying, anything there",              copying,  incoming,    paused, soon, Step::wait},
    {"copying, destination silent",          copying,  unreachable, direct, 600,  Step::wait},
    {"copying for ever",                     copying,  incoming,    paused, late, Step::abort_job},
    {"nothing happened yet",                 running,  absent,      paused, soon, Step::wait},
    {"nothing happened",                     running,  absent,      paused, 2.0,  Step::rolled_back},
    {"failed with a leftover definition",    canceled, failed,      paused, soon, Step::undefine_destination},
    {"the arrival is being given up",        running,  incoming,    paused, 59.0, Step::wait},
    {"the arrival stays",                    running,  incoming,    paused, 60.0, Step::destroy_destination},
    {"source resumed, copy never started",   canceled, waiting,     paused, soon, Step::destroy_destination},
    {"the same, but it may have run",        canceled, waiting,     direct, soon, Step::needs_operator},
    {"copy had an I/O error, so it ran",     canceled, seen(SideState::paused, "I/O error"), paused, soon, Step::needs_operator},
    {"runs here, destination silent",        running,  unreachable, paused, soon, Step::wait},
    {"runs here, destination stays silent",  running,  unreachable, paused, late, Step::needs_operator},
    {"runs here, destination off",           running,  off,         direct, 2.0,  Step::rolled_back},
    {"split brain",                          canceled, arrived,     direct, soon, Step::suspend_destination},
    {"split brain with a job",               copying,  arrived,     direct, soon, Step::suspend_destination},

    {"switching over",                       switching, incoming,   paused, 5.0,  Step::wait},
    {"switch-over stuck",                    switching, incoming,   paused, 120., Step::needs_operator},
    {"moved though reported failed, early",  stopped,  arrived,     direct, soon, Step::wait},
    {"moved though reported failed",         stopped,  arrived,     direct, 5.0,  Step::destroy_source},
    {"moved, and the job still cleans up",   switching, arrived,    direct, 5.0,  Step::wait},
    {"moved, and the job hangs",             switching, arrived,    direct, 60.0, Step::destroy_source},
    {"what runs there was booted there",     stopped,  running,     direct, late, Step::needs_operator},
    {"stopped here, nothing there, early",   stopped,  absent,      paused, soon, Step::wait},
    {"stopped here, nothing there",          stopped,  absent,      paused, 5.0,  Step::resume_source},
    {"stopped here, dead definition there",  stopped,  failed,      paused, 5.0,  Step::resume_source},
    {"stopped here, never started there",    stopped,  waiting,     paused, 5.0,  Step::resume_source},
    {"stopped on both, it may have run",     stopped,  waiting,     direct, late, Step::needs_operator},
    {"stopped here, still arriving there",   stopped,  incoming,    paused, 59.0, Step::wait},
    {"stopped here, arrival stays",          stopped,  incoming,    paused, 60.0, Step::destroy_destination},
    {"stopped here, destination silent",     stopped,  unreachable, direct, soon, Step::wait},
    {"stopped here, destination lost",       stopped,  unreachable, direct, late, Step::needs_operator},
    {"stopped here, destination off, early", stopped,  off,         paused, 4.0,  Step::wait},
    {"stopped here, destination off",        stopped,  off,         paused, 5.0,  Step::resume_source},
    {"the same, but it may have run there",  stopped,  off,         direct, late, Step::needs_operator},
    {"switching over, destination off",      switching, off,        paused, late, Step::needs_operator},
    {"paused here by somebody, destination off", waiting, off,      paused, 2.0,  Step::rolled_back},
    {"paused here by somebody",              waiting,  absent,      paused, 2.0,  Step::rolled_back},
    {"paused here by somebody, leftover",    waiting,  failed,      paused, soon, Step::undefine_destination},
    {"paused on both by somebody",           waiting,  waiting,     paused, late, Step::needs_operator},

    {"moved, definition left",               left,     arrived,     direct, soon, Step::undefine_source},
    {"moved and clean",                      absent,   arrived,     direct, soon, Step::done},
    {"arrived, to be started",               left,     waiting,     paused, soon, Step::resume_destination},
    {"arrived, source gone, nobody knows how", absent, waiting,     paused, soon, Step::needs_operator},
    {"arrived, source shut down later",      seen(SideState::defined, "shutdown"), waiting, paused, soon, Step::needs_operator},
    {"arrived, source crashed later",        seen(SideState::defined, "crashed"), waiting, paused, soon, Step::needs_operator},
    {"arrived, source destroyed by somebody", seen(SideState::defined, "destroyed"), waiting, paused, soon, Step::needs_operator},
    {"arrived, source failed",               seen(SideState::defined, "failed"), waiting, paused, soon, Step::needs_operator},
    {"arrived, source saved",                seen(SideState::defined, "saved"), waiting, paused, soon, Step::needs_operator},
    {"arrived, source's daemon restarted",   seen(SideState::defined, "unknown"), waiting, paused, soon, Step::needs_operator},
    {"arrived, source from snapshot",        seen(SideState::defined, "from snapshot"), waiting, paused, soon, Step::needs_operator},
    {"arrived, source's daemon's reason",    seen(SideState::defined, "daemon"), waiting, paused, soon, Step::needs_operator},
    {"only copy stopped by somebody",        left,     waiting,     direct, late, Step::needs_operator},
    {"only copy has an I/O error",           left,     seen(SideState::paused, "I/O error"), paused, soon, Step::needs_operator},
    {"arriving, source crashed",             seen(SideState::defined, "crashed"), incoming, paused, soon, Step::wait},
    {"arrival without source",               absent,   incoming,    paused, late, Step::needs_operator},
    {"moved, destination silent",            left,     unreachable, direct, soon, Step::wait},
    {"moved, destination lost",              left,     unreachable, direct, late, Step::needs_operator},
    {"moved, destination off",               left,     off,         direct, late, Step::needs_operator},
    {"shut down while it moved",             seen(SideState::defined, "shutdown"), absent, paused, 2.0, Step::rolled_back},
    {"shut down while it moved, leftover",   seen(SideState::defined, "shutdown"), failed, paused, soon, Step::undefine_destination},
    {"moved, then shut down there",          left,     seen(SideState::defined, "shutdown"), direct, soon, Step::undefine_source},
    {"crashed at the switch-over",           seen(SideState::defined, "crashed"), absent, paused, late, Step::needs_operator},
    {"gone from both",                       absent,   absent,      direct, late, Step::needs_operator},

    {"source silent, runs there",            unreachable, arrived,     direct, soon, Step::wait},
    {"source lost, runs there",              unreachable, arrived,     direct, late, Step::needs_operator},
    {"source lost, waiting there",           unreachable, waiting,     paused, late, Step::needs_operator},
    {"source lost, nothing there",           unreachable, absent,      paused, late, Step::needs_operator},
    {"source off, runs there",               off,      arrived,     direct, soon, Step::done},
    {"source off, waiting there",            off,      waiting,     paused, late, Step::needs_operator},
    {"source off, arriving there",           off,      incoming,    paused, 59.0, Step::wait},
    {"source off, nothing there",            off,      absent,      paused, late, Step::needs_operator},
    {"both lost",                            unreachable, unreachable, paused, late, Step::needs_operator},

    {"post-copy under way",                  fetching_from, fetching,  direct, 3599., Step::wait},
    {"post-copy for ever",                   fetching_from, fetching,  direct, 3600., Step::needs_operator},
    {"post-copy, stopped there",             fetching_from, waiting,   direct, soon, Step::needs_operator},
    {"post-copy, arrived unseen, early",     fetching_from, arrived,   direct, 59.0, Step::wait},
    {"post-copy, arrived unseen",            fetching_from, arrived,   direct, 60.0, Step::destroy_source},
    {"post-copy broken, arrived after all",  broken,        arrived,   direct, 60.0, Step::destroy_source},
    {"post-copy, destination silent",        fetching_from, unreachable, direct, 119., Step::wait},
    {"post-copy, destination lost",          fetching_from, unreachable, direct, 120., Step::needs_operator},
    {"post-copy, source silent",             unreachable,   fetching,  direct, 119., Step::wait},
    {"post-copy, source lost",               unreachable,   fetching,  direct, 120., Step::needs_operator},
    {"post-copy, source off",                off,           fetching,  direct, 120., Step::needs_operator},
    {"post-copy broken, one side knows",     broken,        fetching,  direct, 59.0, Step::wait},
    {"post-copy broken",                     broken,        broken_there, direct, 60.0, Step::needs_operator},
    {"post-copy, source left",               left,          fetching,  direct, 59.0, Step::wait},
    {"post-copy, source left, and no end",   left,          fetching,  direct, 60.0, Step::needs_operator},
    {"post-copy broken, source gone",        seen(SideState::defined, "crashed"), broken_there, direct, 2.0, Step::needs_operator},
    {"post-copy broken, destination gone",   broken,        absent,    direct, 2.0,  Step::needs_operator},
    {"post-copy, runs here, too",            running,       fetching,  direct, soon, Step::needs_operator},
};
// clang-format on

TEST(Reconcile, EveryRowOfTheTable) {
    for (const Row& row : table) {
        const NextStep decision = reconcile({row.source, row.destination, row.unchanged_s}, record(row.handover), {});
        EXPECT_EQ(name(decision.step), name(row.expected)) << row.what << ": " << decision.why;
    }
}

// One command saves the guest, and the usual advice to resume a stopped copy would lose it.
TEST(Reconcile, ABrokenPostCopyIsHandedOverWithTheCommandThatGoesOn) {
    const std::string why = reconcile({broken, broken_there, late}, record(direct), {}).why;
    for (const char* part : {"virsh -c qemu+tcp://h1/system migrate --live --p2p --persistent --postcopy "
                             "--postcopy-resume web qemu+tcp://h2/system",
                             "virsh -c qemu+tcp://h1/system domjobabort web --postcopy", "ballast recover"}) {
        EXPECT_NE(why.find(part), std::string::npos) << part << " in " << why;
    }
    EXPECT_EQ(why.find("system resume web"), std::string::npos) << why;

    const auto lost = [](const SideObservation& source, const SideObservation& destination, const char* host) {
        const std::string text = reconcile({source, destination, late}, record(direct), {}).why;
        for (const char* verb : {"destroy", "start"}) {
            const std::string command = std::string("virsh -c qemu+tcp://") + host + "/system " + verb + " web";
            EXPECT_NE(text.find(command), std::string::npos) << command << " in " << text;
        }
    };
    lost(seen(SideState::defined, "crashed"), broken_there, "h2");
    lost(broken, absent, "h1");
}

TEST(Reconcile, KeepsADefinitionThatWasThereBefore) {
    const NextStep decision = reconcile({canceled, failed, 2.0}, record(paused, true), {});
    EXPECT_EQ(decision.step, Step::rolled_back);
}

TEST(Reconcile, KeepsTheSourcesDefinitionIfTheDestinationHasNone) {
    SideObservation transient = arrived;
    transient.persistent = false;
    EXPECT_EQ(reconcile({left, transient, 0.0}, record(direct), {}).step, Step::done);
}

TEST(Reconcile, CopiesThatRanOnBothSidesAreLeftToAPerson) {
    MigrationRecord diverged = record(paused);
    diverged.copies_diverged = true;
    // Looks exactly like "source resumed, copy never started", which would be destroyed.
    const NextStep both = reconcile({canceled, waiting, late}, diverged, {});
    EXPECT_EQ(both.step, Step::needs_operator);
    EXPECT_NE(both.why.find("virsh -c qemu+tcp://h2/system destroy web"), std::string::npos) << both.why;
    // Once the operator has removed one of them, the rest is Ballast's.
    EXPECT_EQ(reconcile({canceled, absent, late}, diverged, {}).step, Step::rolled_back);
    EXPECT_EQ(reconcile({seen(SideState::defined, "destroyed"), waiting, 0.0}, diverged, {}).step,
              Step::resume_destination);
}

// A transient VM is absent on the source however its copy ended; only the call's own word says that it moved.
TEST(Reconcile, ACopyIsStartedBesideAnAbsentSourceOnlyIfTheCallSaidThatItMoved) {
    MigrationRecord moved = record(paused);
    moved.reported_success = true;
    EXPECT_EQ(reconcile({absent, waiting, 0.0}, moved, {}).step, Step::resume_destination);
    // A source that was started from its disk after the move, and shut down, is not the copy that left.
    EXPECT_EQ(reconcile({seen(SideState::defined, "shutdown"), waiting, late}, moved, {}).step, Step::needs_operator);
    moved.copies_diverged = true;
    EXPECT_EQ(reconcile({absent, waiting, late}, moved, {}).step, Step::needs_operator);
}

// Found by the fault campaign: the source's libvirt is killed before the first look, and comes back without a memory.
TEST(Reconcile, WhoeverWasToldThatItMovedNeedsNoSourceThatRemembers) {
    const SideObservation forgotten = seen(SideState::defined, "unknown");
    const auto step = [&](const SideObservation& source, bool success, bool witnessed) {
        MigrationRecord moved = record(paused);
        moved.reported_success = success;
        return reconcile({source, waiting, late, witnessed}, moved, {}).step;
    };
    EXPECT_EQ(step(forgotten, true, true), Step::resume_destination);
    EXPECT_EQ(step(forgotten, true, false), Step::needs_operator) << "a crash lies between: it may have been started";
    EXPECT_EQ(step(forgotten, false, true), Step::needs_operator) << "nobody said that it moved";
    EXPECT_EQ(step(seen(SideState::defined, "shutdown"), true, true), Step::needs_operator) << "it ran on";
    EXPECT_EQ(step(seen(SideState::defined, "crashed"), true, true), Step::needs_operator);
}

TEST(Reconcile, AStaleCopyIsHandedOverWithBothWaysOut) {
    const NextStep decision = reconcile({seen(SideState::defined, "shutdown"), waiting, late}, record(paused), {});
    for (const char* part : {"ended as 'shutdown'", "the disk is newer", "virsh -c qemu+tcp://h2/system destroy web",
                             "virsh -c qemu+tcp://h2/system resume web"}) {
        EXPECT_NE(decision.why.find(part), std::string::npos) << part << " in " << decision.why;
    }
    // The operator has destroyed it: the rest is Ballast's.
    EXPECT_EQ(reconcile({seen(SideState::defined, "shutdown"), seen(SideState::defined, "destroyed"), 0.0},
                        record(paused), {})
                  .step,
              Step::undefine_destination);
}

// Found by the fault campaign: the destination dies right after the move, and both hosts still define the VM.
TEST(Reconcile, ALostVmIsToBeStartedOnOneHostOnly) {
    const auto why = [](const SideObservation& source, const SideObservation& destination) {
        const NextStep decision = reconcile({source, destination, late}, record(paused), {});
        EXPECT_EQ(decision.step, Step::needs_operator);
        return decision.why;
    };
    const auto says = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
    const SideObservation rebooted = seen(SideState::defined, "unknown");  // its host was started again
    const char* on_source = "virsh -c qemu+tcp://h1/system start web";
    const char* on_destination = "virsh -c qemu+tcp://h2/system start web";

    const std::string moved = why(left, rebooted);
    EXPECT_TRUE(says(moved, on_destination) && says(moved, "not on h1") && !says(moved, on_source)) << moved;
    const std::string both = why(rebooted, failed);
    EXPECT_TRUE(says(both, on_source) && says(both, "not on h2") && !says(both, on_destination)) << both;
    const std::string here = why(rebooted, absent);
    EXPECT_TRUE(says(here, on_source) && !says(here, on_destination) && !says(here, "not on")) << here;
    const std::string gone = why(absent, absent);
    EXPECT_TRUE(says(gone, "define it again") && !says(gone, on_source) && !says(gone, on_destination)) << gone;
}

std::vector<SideObservation> all_that_can_be_seen() {
    const std::array reasons = {"booted",    "migrated",  "unpaused", "migration canceled", "user",
                                "migration", "I/O error", "shutdown", "post-copy failed",   "crashed",
                                "unknown",   "destroyed", "post-copy"};
    std::vector<SideObservation> all = {unreachable, refusing, absent, off};
    for (const SideState state : {SideState::defined, SideState::incoming, SideState::paused, SideState::running}) {
        for (const char* reason : reasons) {
            for (const bool job : {false, true}) all.push_back(seen(state, reason, job));
        }
    }
    return all;
}

// All pairs of what can be seen, in both hand-overs, at once and after a long time.
TEST(Reconcile, NoSituationLeadsToALostOrDoubledVm) {
    const std::vector<SideObservation> all = all_that_can_be_seen();
    const auto holds = [](const SideObservation& side) {
        return side.state == SideState::running || side.state == SideState::paused;
    };
    for (const SideObservation& s : all) {
        for (const SideObservation& d : all) {
            for (const Handover handover : {direct, paused}) {
                for (const bool diverged : {false, true}) {
                    for (const double unchanged_s : {soon, late}) {
                        MigrationRecord r = record(handover);
                        r.copies_diverged = diverged;
                        const NextStep decision = reconcile({s, d, unchanged_s}, r, {});
                        const std::string where = describe(s) + " | " + describe(d) + " -> " +
                                                  std::string(name(decision.step)) + ": " + decision.why;
                        const bool known = s.state != SideState::unreachable && d.state != SideState::unreachable;
                        switch (decision.step) {
                            case Step::wait: EXPECT_LT(unchanged_s, late) << "waits for ever: " << where; break;
                            case Step::done:
                                EXPECT_TRUE(!holds(s) && s.state != SideState::unreachable &&
                                            d.state != SideState::unreachable)
                                    << where;
                                break;
                            case Step::rolled_back: EXPECT_TRUE(!holds(d) && known) << where; break;
                            case Step::needs_operator:
                                EXPECT_NE(decision.why.find("virsh -c qemu+tcp://h1/system"), std::string::npos);
                                EXPECT_NE(decision.why.find("virsh -c qemu+tcp://h2/system"), std::string::npos);
                                EXPECT_EQ(decision.why.find('\n'), std::string::npos);
                                break;
                            case Step::resume_destination:
                                EXPECT_EQ(s.state, SideState::defined) << where;
                                EXPECT_EQ(s.reason, diverged ? "destroyed" : "migrated") << where;
                                EXPECT_EQ(d.state, SideState::paused) << where;
                                break;
                            case Step::resume_source:
                                EXPECT_EQ(s.state, SideState::paused) << where;
                                EXPECT_TRUE(d.state == SideState::absent || d.state == SideState::defined ||
                                            d.state == SideState::paused || d.state == SideState::off)
                                    << where;
                                EXPECT_TRUE(d.state != SideState::off || (handover == paused && !diverged)) << where;
                                break;
                            case Step::suspend_destination:
                                EXPECT_TRUE(s.state == SideState::running && d.state == SideState::running) << where;
                                break;
                            case Step::destroy_source: EXPECT_EQ(d.state, SideState::running) << where; break;
                            case Step::destroy_destination:
                                EXPECT_TRUE(holds(s)) << where;
                                EXPECT_NE(d.state, SideState::running) << where;
                                break;
                            case Step::undefine_source:
                                EXPECT_EQ(s.state, SideState::defined) << where;
                                EXPECT_TRUE(d.persistent && known) << where;
                                break;
                            case Step::undefine_destination:
                                EXPECT_EQ(d.state, SideState::defined) << where;
                                EXPECT_TRUE(known && s.state != SideState::absent) << where;
                                break;
                            case Step::abort_job: EXPECT_TRUE(s.has_job) << where; break;
                            case Step::fence_source:
                            case Step::fence_destination: ADD_FAILURE() << "nobody allowed that: " << where; break;
                        }
                    }
                }
            }
        }
    }
}

NextStep with_fencing(FenceUse use, const SideObservation& s, const SideObservation& d, const MigrationRecord& r,
                      double unchanged_s = late) {
    return reconcile({s, d, unchanged_s, false, use}, r, {});
}

TEST(Reconcile, AHostIsFencedForAGuestThatStandsStillWithoutIt) {
    const auto step = [](const SideObservation& s, const SideObservation& d, Handover handover, double unchanged_s) {
        return with_fencing(FenceUse::guest_stopped, s, d, record(handover), unchanged_s).step;
    };
    EXPECT_EQ(step(stopped, unreachable, paused, 119.0), Step::wait);
    EXPECT_EQ(step(stopped, unreachable, paused, 120.0), Step::fence_destination);
    EXPECT_EQ(step(stopped, unreachable, direct, late), Step::needs_operator) << "it may have run there";
    EXPECT_EQ(step(switching, unreachable, paused, late), Step::needs_operator) << "its job goes on";
    EXPECT_EQ(step(running, unreachable, paused, late), Step::needs_operator) << "it runs: no host is worth that";
    EXPECT_EQ(step(unreachable, arrived, direct, late), Step::needs_operator);
    EXPECT_EQ(step(stopped, refusing, paused, 119.0), Step::wait);
    EXPECT_EQ(step(stopped, refusing, paused, late), Step::needs_operator) << "it is up";
    const auto sure = [](const SideObservation& s, const SideObservation& d) {
        return with_fencing(FenceUse::host_unknown, s, d, record(direct)).step;
    };
    EXPECT_EQ(sure(running, unreachable), Step::fence_destination);
    EXPECT_EQ(sure(unreachable, arrived), Step::fence_source);
    EXPECT_EQ(sure(running, refusing), Step::needs_operator);
    EXPECT_EQ(sure(refusing, arrived), Step::needs_operator);
}

// Whatever is seen: what is fenced is silent, the guest is whole on the other host, and with the silent one off the
// table knows what to do.
TEST(Reconcile, NoHostIsFencedThatMayHoldTheOnlyCopyOrForNothing) {
    const std::vector<SideObservation> all = all_that_can_be_seen();
    for (const SideObservation& s : all) {
        for (const SideObservation& d : all) {
            for (const Handover handover : {direct, paused}) {
                for (const bool diverged : {false, true}) {
                    MigrationRecord r = record(handover);
                    r.copies_diverged = diverged;
                    const NextStep decision = with_fencing(FenceUse::host_unknown, s, d, r);
                    if (!is_fencing(decision.step)) continue;
                    const std::string where = describe(s) + " | " + describe(d) + " -> " + decision.why;
                    const bool fences_source = decision.step == Step::fence_source;
                    const SideObservation& other = fences_source ? d : s;
                    EXPECT_EQ((fences_source ? s : d).state, SideState::unreachable) << where;
                    EXPECT_TRUE((fences_source ? s : d).silent) << where;
                    EXPECT_TRUE(other.state == SideState::running || other.state == SideState::paused) << where;
                    EXPECT_FALSE(diverged || (other.has_job && !fences_source)) << where;
                    EXPECT_EQ(other.reason.find("post-copy"), std::string::npos) << where;
                    const Step then =
                        with_fencing(FenceUse::never, fences_source ? off : s, fences_source ? d : off, r).step;
                    EXPECT_TRUE(then == Step::done || then == Step::rolled_back || then == Step::resume_source)
                        << where;
                }
            }
        }
    }
}

TEST(Reconcile, ACopyBesideASilentSourceIsNotToBeResumedLightly) {
    const std::string why = reconcile({unreachable, waiting, late}, record(paused), {}).why;
    for (const char* part : {"make sure first that it is off", "may have run on", "the disk is newer"}) {
        EXPECT_NE(why.find(part), std::string::npos) << part << " in " << why;
    }
}

TEST(Reconcile, AStuckSwitchoverNamesTheCommandThatFreesTheGuest) {
    const NextStep decision = reconcile({switching, incoming, late}, record(), {});
    EXPECT_NE(decision.why.find("ss -K dst 10.0.0.2"), std::string::npos) << decision.why;
}

}  // namespace
}  // namespace ballast
