// SPDX-License-Identifier: Apache-2.0
// After a crash. The sweep kills the executor -9 at every point of its work: before and after each journal write,
// before and after everything it does to a host.
#include "executor/recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "executor/runner.hpp"
#include "tests/executor/fake_hypervisor.hpp"
#include "tests/executor/scratch.hpp"
#include "tests/executor/survives.hpp"

namespace ballast {
namespace {

using test::add_vm;
using test::Ending;
using test::FakeHypervisor;
using test::MortalJournal;
using test::open_journal;
using test::running_copies;
using test::sample_record;
using test::Scratch;
using test::survives;
using test::value;
using test::VirtualClock;
using test::World;
using testing::HasSubstr;

void run_plan(const std::string& journal_path, const std::shared_ptr<World>& world, Handover handover) {
    VirtualClock clock;
    FakeHypervisor hypervisor(world, clock);
    hypervisor.handover = handover;
    const auto journal = open_journal(journal_path);
    MortalJournal mortal(*journal, *world);
    PlanRunner runner(hypervisor, mortal, clock, {});
    const StopSignal stop;
    const Cluster cluster = test::cluster_with_vms_on({0});
    static_cast<void>(runner.run({{test::move_vm(0, 0, 1)}, {}}, cluster, "spread", stop, {}));
}

void run_recovery(const std::string& journal_path, const std::shared_ptr<World>& world) {
    VirtualClock clock;
    FakeHypervisor hypervisor(world, clock);
    const auto journal = open_journal(journal_path);
    MortalJournal mortal(*journal, *world);
    static_cast<void>(value(recover(mortal, hypervisor, clock, {}, {})));
}

void expect_whole(const World& world, const std::string& journal_path) {
    EXPECT_EQ(running_copies(world, "vm0"), 1);
    EXPECT_EQ(test::traces(world, "vm0"), 1) << "no leftovers";
    EXPECT_EQ(world.running_most, 1) << "it never ran twice";
    EXPECT_EQ(world.lost, 0);
    EXPECT_EQ(world.definitions_lost, 0);
    const auto journal = open_journal(journal_path, SqliteJournal::Mode::read);
    EXPECT_TRUE(value(journal->open_migrations()).empty());
    for (const PlanRecord& plan : value(journal->recent_plans(10))) EXPECT_NE(plan.outcome, "");
}

std::shared_ptr<World> world_with(Ending ending, int kill_at) {
    auto world = test::make_world();
    add_vm(*world, "vm0", 0).ending = ending;
    world->running_most = 1;
    world->kill_at = kill_at;
    return world;
}

using Case = std::tuple<Ending, Handover>;
class Sweep : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Endings, Sweep,
                         testing::Combine(testing::Values(Ending::success, Ending::rolled_back, Ending::leftover,
                                                          Ending::moved_but_failed, Ending::stuck_but_arrived_not),
                                          testing::Values(Handover::direct, Handover::paused)),
                         [](const testing::TestParamInfo<Case>& which) {
                             std::string text = test::name(std::get<0>(which.param)) + " " +
                                                std::string(name(std::get<1>(which.param)));
                             std::erase_if(text, [](char c) { return c == ' ' || c == ','; });
                             return text;
                         });

TEST_P(Sweep, KilledAnywhereTheVmRunsOnceAndTheJournalIsClosed) {
    const auto [ending, handover] = GetParam();
    int kills = 0;
    for (int kill_at = 1;; ++kill_at) {
        SCOPED_TRACE("killed at point " + std::to_string(kill_at));
        const Scratch scratch;
        const std::string path = scratch.file("j");
        const auto world = world_with(ending, kill_at);
        const bool lived = survives([&] { run_plan(path, world, handover); });
        world->kill_at = 0;
        if (!lived) {
            ++kills;
            {  // `ballast status` first: it reads, and changes nothing.
                VirtualClock clock;
                FakeHypervisor hypervisor(world, clock);
                const auto reader = open_journal(path, SqliteJournal::Mode::read);
                for (const OpenMigration& open : value(describe_open(*reader, hypervisor, clock, {}))) {
                    EXPECT_THAT(open.text, HasSubstr("vm0: migration 1 from h1 to h2"));
                }
                EXPECT_TRUE(hypervisor.calls.empty());
            }
            run_recovery(path, world);
        }
        expect_whole(*world, path);
        if (lived || HasFailure()) break;
    }
    EXPECT_GE(kills, 14) << "before and after: plan, intent, migrating, verifying, end, plan's end; and in the call";
}

// The same for the recovery itself: killed anywhere, the next one finishes the work.
TEST_P(Sweep, RecoveryKilledAnywhereCanBeRepeated) {
    const auto [ending, handover] = GetParam();
    constexpr int in_the_call = 10;  // plan, intent, migrating: 6 points; then inside the migration call
    for (int kill_at = 1;; ++kill_at) {
        SCOPED_TRACE("recovery killed at point " + std::to_string(kill_at));
        const Scratch scratch;
        const std::string path = scratch.file("j");
        const auto world = world_with(ending, in_the_call);
        ASSERT_FALSE(survives([&] { run_plan(path, world, handover); }));
        world->points = 0;
        world->kill_at = kill_at;
        const bool lived = survives([&] { run_recovery(path, world); });
        world->kill_at = 0;
        run_recovery(path, world);
        expect_whole(*world, path);
        if (lived || HasFailure()) break;
    }
}

class Recovery : public testing::Test {
  protected:
    MigrationRecord left_open(MigrationState state) {
        MigrationRecord record = sample_record("vm0", value(journal->begin_plan({0, 1.7e9, "spread", "", 1}, "{}")));
        record.id = value(journal->open_migration(record));
        record.state = state;
        record.updated_unix_s = clock.unix_time_s();
        EXPECT_TRUE(journal->update_migration(record));
        return record;
    }
    RecoveredMigration recovered() {
        const auto all = value(recover(*journal, hypervisor, clock, {}, {}));
        EXPECT_EQ(all.size(), 1U);
        return all.at(0);
    }
    std::string status() {
        const auto all = value(describe_open(*journal, hypervisor, clock, {}));
        EXPECT_EQ(all.size(), 1U);
        return all.at(0).text;
    }

    Scratch scratch;
    std::shared_ptr<World> world = test::make_world();
    VirtualClock clock;
    FakeHypervisor hypervisor{world, clock};
    std::unique_ptr<SqliteJournal> journal = open_journal(scratch.file("j"));
    test::FakeVm& vm = add_vm(*world, "vm0", 0);
};

TEST_F(Recovery, SaysInWordsWhatWasGoingOn) {
    left_open(MigrationState::migrating);
    vm.sides[0] = {SideState::running, "booted", true, true};
    vm.sides[1] = {SideState::incoming, "migration", false, true};
    clock.advance(14.0);
    EXPECT_EQ(status(),
              "vm0: migration 1 from h1 to h2 was under way (14 s ago); now h1: running (booted) with a migration job, "
              "h2: incoming (migration); the migration is still running; `ballast recover` follows it to its end");
}

TEST_F(Recovery, AnIntentThatWasNeverCarriedOutIsRejected) {
    left_open(MigrationState::intended);
    EXPECT_THAT(status(), HasSubstr("was about to start"));
    EXPECT_THAT(status(), HasSubstr("nothing was done"));
    const RecoveredMigration done = recovered();
    EXPECT_EQ(done.record.state, MigrationState::rejected);
    EXPECT_TRUE(hypervisor.calls.empty());
    EXPECT_EQ(value(journal->recent_plans(1)).at(0).outcome, "interrupted");
}

TEST_F(Recovery, AMigrationThatNeverEndsIsAbortedAtLast) {
    left_open(MigrationState::migrating);
    vm.sides[0] = {SideState::running, "booted", true, true};
    vm.sides[1] = {SideState::incoming, "migration", false, true};
    vm.to = 1;
    vm.step = 3;  // does not go on by itself
    const double before = clock.monotonic_s();
    EXPECT_EQ(recovered().record.state, MigrationState::rolled_back);
    EXPECT_GE(clock.monotonic_s() - before, ReconcileLimits{}.job_s);
    EXPECT_THAT(hypervisor.calls, testing::ElementsAre("abort h1 vm0"));
}

TEST_F(Recovery, WhatNeedsAPersonStaysOpenUntilItIsClear) {
    left_open(MigrationState::verifying);
    vm.sides[0] = {SideState::paused, "migration", false, true};
    world->unreachable[1] = true;
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(hypervisor.calls.empty()) << "no copy is started while the other side is unknown";
    EXPECT_EQ(value(journal->open_migrations()).size(), 1U);
    EXPECT_THAT(status(), HasSubstr("was handed to the operator"));
    // The destination is back, with nothing: now the table knows.
    world->unreachable[1] = false;
    EXPECT_EQ(recovered().record.state, MigrationState::rolled_back);
    EXPECT_EQ(running_copies(*world, "vm0"), 1);
    EXPECT_TRUE(value(journal->open_migrations()).empty());
}

// The migration's end was lost between the hosts: the guest ran on at the source and was shut down there, and the
// destination still holds the memory of before.
TEST_F(Recovery, AStaleCopyIsNotStartedOverANewerDisk) {
    left_open(MigrationState::migrating);
    vm.sides[1] = {SideState::paused, "user", false, true};
    for (const char* reason : {"shutdown", "crashed", "destroyed", "failed", "unknown"}) {
        vm.sides[0] = {SideState::defined, reason, false, true};
        EXPECT_EQ(recovered().record.state, MigrationState::needs_operator) << reason;
    }
    vm.sides[0] = {};  // a transient VM, or somebody undefined it
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(hypervisor.calls.empty());
    vm.sides[0] = {SideState::defined, "migrated", false, true};
    EXPECT_EQ(recovered().record.state, MigrationState::done);
    EXPECT_THAT(hypervisor.calls, testing::ElementsAre("resume h2 vm0", "undefine h1 vm0"));
}

// libvirt does not take the flag along, and with the source's definition it would be gone.
TEST_F(Recovery, AVmThatStartsWithItsHostGoesOnDoingSo) {
    left_open(MigrationState::migrating);
    vm.sides[0] = {SideState::defined, "migrated", false, true, true};
    vm.sides[1] = {SideState::running, "migrated", false, true};
    EXPECT_EQ(recovered().record.state, MigrationState::done);
    EXPECT_THAT(hypervisor.calls, testing::ElementsAre("autostart h2 vm0", "undefine h1 vm0"));
}

// A host that comes and goes makes every limit start anew.
TEST_F(Recovery, AHostThatFlapsForeverIsAPersonsBusiness) {
    left_open(MigrationState::verifying);
    vm.sides[0] = {SideState::paused, "migration", false, true};
    world->flapping[1] = true;
    const double before = clock.monotonic_s();
    const RecoveredMigration done = recovered();
    EXPECT_EQ(done.record.state, MigrationState::needs_operator);
    EXPECT_THAT(done.text, HasSubstr("after 7200 s in all nothing is settled"));
    EXPECT_THAT(done.text, HasSubstr("virsh -c fake://h1/system domstate --reason vm0"));
    EXPECT_LT(clock.monotonic_s() - before, SettleOptions{}.total_s + 2.0);
    EXPECT_TRUE(hypervisor.calls.empty());
}

// `sqlite3 journal … transitions` shows what was done, also if the executor died while it did it.
TEST_F(Recovery, WhatIsAboutToBeDoneIsInTheJournalBefore) {
    left_open(MigrationState::verifying);
    vm.sides[0] = {SideState::paused, "migration", false, true};
    vm.sides[1] = {SideState::running, "migrated", false, true};
    std::vector<std::string> notes;
    hypervisor.acted = [&](const std::string&) { notes.push_back(value(journal->open_migrations()).at(0).note); };
    EXPECT_EQ(recovered().record.state, MigrationState::done);
    EXPECT_THAT(hypervisor.calls, testing::ElementsAre("destroy h1 vm0", "undefine h1 vm0"));
    EXPECT_THAT(notes, testing::ElementsAre(testing::StartsWith("destroy-source: it runs on the destination"),
                                            testing::StartsWith("undefine-source: ")));
}

TEST_F(Recovery, AfterASplitBrainNothingIsDestroyed) {
    MigrationRecord record = left_open(MigrationState::verifying);
    record.handover = Handover::direct;
    ASSERT_TRUE(journal->update_migration(record));
    vm.sides[1] = {SideState::running, "migrated", false, true};
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator) << "and so it stays, however often one asks";
    EXPECT_THAT(hypervisor.calls, testing::ElementsAre("suspend h2 vm0"));
    // The operator keeps the source's copy.
    vm.sides[1] = {};
    EXPECT_EQ(recovered().record.state, MigrationState::rolled_back);
}

}  // namespace
}  // namespace ballast
