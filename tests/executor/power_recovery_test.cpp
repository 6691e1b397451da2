// SPDX-License-Identifier: Apache-2.0
// kill -9 at every point of putting a host to sleep and of waking it.
#include "executor/power_recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/executor/fake_power.hpp"
#include "tests/executor/scratch.hpp"
#include "tests/executor/survives.hpp"

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

HostSpec h2_spec() {
    HostSpec host = test::host("h2", 8000.0, 8192.0);
    host.uri = "fake://h2/system";
    return host;
}

void run_to_death(const std::string& path, const std::shared_ptr<test::World>& world, SwitchKind kind) {
    test::VirtualClock clock;
    test::FakeHypervisor hypervisor(world, clock);
    test::FakePowerControl control(world);
    const auto journal = test::open_journal(path);
    test::MortalPowerJournal mortal(*journal, *world);
    const StopSignal stop;
    static_cast<void>(
        run_switch({control, mortal}, hypervisor, clock, switch_order(h2_spec(), kind), {}, stop, nullptr));
}

std::vector<RecoveredSwitch> recover(SqliteJournal& journal, const std::shared_ptr<test::World>& world) {
    test::VirtualClock clock;
    test::FakeHypervisor hypervisor(world, clock);
    test::FakePowerControl control(world);
    const StopSignal stop;
    return value(recover_switches({control, journal}, hypervisor, clock, {}, stop, nullptr));
}

// Whether the last switch got as far as its command.
bool began(SqliteJournal& journal) {
    return !value(journal.recent_switches(1)).at(0).note.starts_with("interrupted before it began");
}

class PowerSweep : public testing::TestWithParam<SwitchKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, PowerSweep, testing::Values(SwitchKind::sleep, SwitchKind::wake),
                         [](const auto& which) { return std::string(name(which.param)); });

TEST_P(PowerSweep, KilledAnywhereTheJournalSaysInTheEndWhatIsTrue) {
    int kills = 0;
    for (int kill_at = 1;; ++kill_at) {
        SCOPED_TRACE("killed at point " + std::to_string(kill_at));
        const test::Scratch scratch;
        const std::string path = scratch.file("j");
        const auto world = test::make_world();
        if (GetParam() == SwitchKind::wake) {  // it has to sleep first
            run_to_death(path, world, SwitchKind::sleep);
            ASSERT_TRUE(world->power[1].asleep);
            world->points = 0;
        }
        world->kill_at = kill_at;
        const bool lived = test::survives([&] { run_to_death(path, world, GetParam()); });
        world->kill_at = 0;
        const auto journal = test::open_journal(path);
        if (!lived) {
            ++kills;
            const int commands = world->power[1].sleeps + world->power[1].wakes;
            recover(*journal, world);
            EXPECT_EQ(world->power[1].sleeps + world->power[1].wakes, commands) << "recovery only looks";
        }
        EXPECT_TRUE(value(journal->open_switches()).empty());
        const auto pasts = value(journal->power_pasts());
        const bool said_asleep = !pasts.empty() && pasts[0].asleep;
        EXPECT_EQ(said_asleep, world->power[1].asleep);
        for (const PowerPast& past : pasts) {
            // A crash is nobody's fault; but a host that may have been told to sleep and is awake may yet do so.
            const bool in_doubt = GetParam() == SwitchKind::sleep && !world->power[1].asleep && began(*journal);
            EXPECT_EQ(past.may_fall_asleep, in_doubt);
            EXPECT_EQ(past.quarantined_because.empty(), !in_doubt) << past.quarantined_because;
        }
        if (lived || HasFailure()) break;
    }
    EXPECT_EQ(kills, 8) << "before and after: intent, switching, the command, the end";
}

SwitchRecord interrupted(SqliteJournal& journal, SwitchKind kind) {
    SwitchRecord record = switch_order(h2_spec(), kind).record;
    record.created_unix_s = record.updated_unix_s = 1.6e9;  // long ago
    record.id = value(journal.open_switch(record));
    record.state = SwitchState::switching;
    EXPECT_TRUE(journal.update_switch(record));
    return record;
}

TEST(PowerRecovery, AnInterruptedSleepIsWaitedForAsLongAsAnyOtherAndThenFailed) {
    const test::Scratch scratch;
    const auto world = test::make_world();
    const auto journal = test::open_journal(scratch.file("j"));
    interrupted(*journal, SwitchKind::sleep);
    const auto recovered = recover(*journal, world);
    EXPECT_GE(world->power[1].looks, static_cast<int>(PowerTiming{}.sleep_s_min / PowerTiming{}.poll_s));
    ASSERT_EQ(recovered.size(), 1U);
    EXPECT_EQ(name(recovered[0].record.state), "failed");
    EXPECT_THAT(recovered[0].text, HasSubstr("h2 is still awake, but may have been told to sleep"));
    EXPECT_TRUE(value(journal->power_pasts()).at(0).may_fall_asleep);
    EXPECT_TRUE(value(journal->clear_quarantine("h2", 1.7e9)));
    EXPECT_FALSE(value(journal->power_pasts()).at(0).may_fall_asleep);
}

TEST(PowerRecovery, AHostThatIsKnownToBeSlowIsGivenItsTime) {
    const test::Scratch scratch;
    const auto world = test::make_world();
    const auto journal = test::open_journal(scratch.file("j"));
    interrupted(*journal, SwitchKind::sleep);
    world->power[1].looks_until_asleep = 250;  // at 2 s each
    test::VirtualClock clock;
    test::FakeHypervisor hypervisor(world, clock);
    test::FakePowerControl control(world);
    const StopSignal stop;
    const auto recovered = value(recover_switches({control, *journal}, hypervisor, clock, {}, stop, nullptr,
                                                  [](const std::string&) { return 200.0; }));
    EXPECT_EQ(name(recovered.at(0).record.state), "done");
}

TEST(PowerRecovery, AHostThatIsNeitherAsleepNorThereIsAPersonsBusiness) {
    const test::Scratch scratch;
    const auto world = test::make_world();
    const auto journal = test::open_journal(scratch.file("j"));
    SwitchRecord record = switch_order(h2_spec(), SwitchKind::wake).record;
    record.created_unix_s = record.updated_unix_s = 1.7e9;
    record.id = value(journal->open_switch(record));
    record.state = SwitchState::switching;
    ASSERT_TRUE(journal->update_switch(record));
    EXPECT_EQ(what_was_going_on(record), "h2: was being woken");
    world->unreachable[1] = true;  // but its power is on
    const auto recovered = recover(*journal, world);
    ASSERT_EQ(recovered.size(), 1U);
    EXPECT_EQ(name(recovered[0].record.state), "failed");
    EXPECT_THAT(recovered[0].text, HasSubstr("neither asleep nor does its hypervisor answer"));
    EXPECT_THAT(value(journal->power_pasts()).at(0).quarantined_because, HasSubstr("ballast power h2 clear"));
}

}  // namespace
}  // namespace ballast
