// SPDX-License-Identifier: Apache-2.0
// The journal's part about power.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/executor/scratch.hpp"

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

class PowerJournalTest : public testing::Test {
  protected:
    SwitchRecord opened(const std::string& host, SwitchKind kind, double at_s) {
        SwitchRecord record;
        record.host = {host, "fake://" + host + "/system", ""};
        record.kind = kind;
        record.created_unix_s = at_s;
        record.updated_unix_s = at_s;
        record.reason = "because";
        record.facts = {8000.0, 8e9, 16, {"x86_64", "Intel", "Skylake"}, 7002022};
        record.id = value(journal->open_switch(record));
        return record;
    }
    SwitchRecord ended(const std::string& host, SwitchKind kind, SwitchState state, double at_s) {
        SwitchRecord record = opened(host, kind, at_s);
        record.state = state;
        const bool woke = kind == SwitchKind::wake && state == SwitchState::done;
        record.note = host + (woke ? std::string(woke_up) : " " + std::string(name(state)));
        record.duration_s = 12.5;
        EXPECT_TRUE(journal->update_switch(record));
        return record;
    }
    PowerPast past() { return value(journal->power_pasts()).at(0); }

    test::Scratch scratch;
    std::string path = scratch.file("j");
    std::unique_ptr<SqliteJournal> journal = test::open_journal(path);
};

TEST_F(PowerJournalTest, GivesBackWhatWasWritten) {
    ended("h1", SwitchKind::sleep, SwitchState::done, 1000.0);
    journal.reset();
    journal = test::open_journal(path);
    const SwitchRecord record = value(journal->recent_switches(10)).at(0);
    EXPECT_EQ(record.host.name, "h1");
    EXPECT_EQ(record.host.uri, "fake://h1/system");
    EXPECT_EQ(record.plan_id, 0) << "by hand";
    EXPECT_EQ(name(record.kind), "sleep");
    EXPECT_EQ(name(record.state), "done");
    EXPECT_EQ(record.reason, "because");
    EXPECT_EQ(record.note, "h1 done");
    EXPECT_EQ(record.duration_s, 12.5);
    EXPECT_EQ(record.facts.cpus, 16U);
    EXPECT_EQ(record.facts.cpu.vendor, "Intel");
    EXPECT_EQ(record.facts.hypervisor_version, 7002022U);
}

TEST_F(PowerJournalTest, OneOpenSwitchPerHostAndClosedOnesNeverChange) {
    SwitchRecord first = opened("h1", SwitchKind::sleep, 1000.0);
    EXPECT_TRUE(std::isnan(value(journal->open_switches()).at(0).duration_s));
    EXPECT_TRUE(past().switching);
    const auto second = journal->open_switch(first);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::refused);
    EXPECT_THAT(second.error().message, HasSubstr("power switch 1 of this host is still open"));
    EXPECT_EQ(opened("h2", SwitchKind::sleep, 1000.0).id, 2) << "another host's is another matter";
    first.state = SwitchState::done;
    EXPECT_TRUE(journal->update_switch(first));
    EXPECT_EQ(journal->update_switch(first).error().kind, ErrorKind::refused);
    EXPECT_EQ(value(journal->open_switches()).size(), 1U);
}

TEST_F(PowerJournalTest, ThePastIsWhatTheLatestRecordsSay) {
    EXPECT_TRUE(value(journal->power_pasts()).empty());
    ended("h1", SwitchKind::sleep, SwitchState::done, 1000.0);
    EXPECT_TRUE(past().asleep);
    EXPECT_FALSE(past().wake_proven);
    EXPECT_EQ(past().facts.memory_bytes, 8e9);
    ended("h1", SwitchKind::wake, SwitchState::rejected, 1100.0);
    EXPECT_TRUE(past().asleep);
    ended("h1", SwitchKind::wake, SwitchState::done, 1200.0);
    EXPECT_FALSE(past().asleep);
    EXPECT_TRUE(past().wake_proven);
    EXPECT_FALSE(past().switching);
    EXPECT_EQ(past().quarantined_because, "");
}

TEST_F(PowerJournalTest, QuarantineLastsUntilItIsClearedAndNoLonger) {
    ended("h1", SwitchKind::wake, SwitchState::failed, 1000.0);
    ended("h1", SwitchKind::wake, SwitchState::done, 1100.0);
    EXPECT_EQ(past().quarantined_because, "h1 failed");
    EXPECT_FALSE(value(journal->clear_quarantine("h2", 1200.0)));
    EXPECT_TRUE(value(journal->clear_quarantine("h1", 1200.0)));
    EXPECT_EQ(past().quarantined_because, "");
    EXPECT_TRUE(past().wake_proven);
    ended("h1", SwitchKind::sleep, SwitchState::failed, 1300.0);
    EXPECT_EQ(past().quarantined_because, "h1 failed") << "the next failure counts anew";
    EXPECT_TRUE(value(journal->clear_quarantine("h1", 1400.0)));
    EXPECT_FALSE(value(journal->clear_quarantine("h1", 1500.0)));
}

TEST_F(PowerJournalTest, ASleepThatFailedMayComeTrueUntilItIsCleared) {
    ended("h1", SwitchKind::sleep, SwitchState::done, 900.0);  // and somebody else woke it
    ended("h1", SwitchKind::sleep, SwitchState::failed, 1000.0);
    EXPECT_TRUE(past().may_fall_asleep);
    EXPECT_FALSE(past().asleep) << "it was awake: silence would not be sleep";
    ended("h1", SwitchKind::wake, SwitchState::done, 1100.0);
    EXPECT_TRUE(past().may_fall_asleep) << "a person decides";
    EXPECT_TRUE(value(journal->clear_quarantine("h1", 1200.0)));
    EXPECT_FALSE(past().may_fall_asleep);
    ended("h1", SwitchKind::wake, SwitchState::failed, 1300.0);
    EXPECT_FALSE(past().may_fall_asleep);
}

TEST_F(PowerJournalTest, ASleepThatAnOlderRecoveryCalledRejectedCountsAsFailed) {
    SwitchRecord record = opened("h1", SwitchKind::sleep, 1000.0);
    record.state = SwitchState::rejected;
    record.note = "recovered: h1 is still awake";
    EXPECT_TRUE(journal->update_switch(record));
    EXPECT_TRUE(past().may_fall_asleep);
    EXPECT_EQ(past().quarantined_because, record.note);
    EXPECT_TRUE(value(journal->clear_quarantine("h1", 1200.0)));
    EXPECT_FALSE(past().may_fall_asleep);
}

TEST_F(PowerJournalTest, AWakeOfAHostThatWasNotSeenAsleepProvesNothing) {
    SwitchRecord record = opened("h1", SwitchKind::wake, 1000.0);
    record.state = SwitchState::done;
    record.note = "h1 is awake";
    EXPECT_TRUE(journal->update_switch(record));
    EXPECT_FALSE(past().wake_proven);
    ended("h1", SwitchKind::wake, SwitchState::done, 1100.0);
    EXPECT_TRUE(past().wake_proven);
}

TEST_F(PowerJournalTest, ASleepThatWasRefusedIsRememberedUntilOneIsDone) {
    ended("h1", SwitchKind::sleep, SwitchState::rejected, 1000.0);
    EXPECT_EQ(past().refused_because, "h1 rejected");
    EXPECT_EQ(past().refused_unix_s, 1000.0);
    SwitchRecord stopped = opened("h1", SwitchKind::sleep, 2000.0);
    stopped.state = SwitchState::rejected;
    stopped.note = "stopped before it began";
    EXPECT_TRUE(journal->update_switch(stopped));
    EXPECT_EQ(past().refused_unix_s, 1000.0) << "a person's stop says nothing against the host";
    ended("h1", SwitchKind::sleep, SwitchState::done, 3000.0);
    EXPECT_EQ(past().refused_because, "");
}

TEST_F(PowerJournalTest, PastSwitchesAreThoseThatWereDoneLately) {
    ended("h1", SwitchKind::sleep, SwitchState::done, 1000.0);
    ended("h2", SwitchKind::sleep, SwitchState::failed, 5000.0);
    ended("h1", SwitchKind::wake, SwitchState::done, 6000.0);
    ended("h3", SwitchKind::sleep, SwitchState::done, 9000.0);  // the clock was set back since
    const auto switches = value(journal->past_switches(8000.0, 3000.0));
    ASSERT_EQ(switches.size(), 2U);
    EXPECT_EQ(switches[0].host, "h1");
    EXPECT_FALSE(switches[0].slept);
    EXPECT_EQ(switches[0].age_s, 2000.0);
    EXPECT_EQ(switches[1].age_s, 0.0);
}

TEST_F(PowerJournalTest, AReaderMayNotChangeAnything) {
    const auto reader = test::open_journal(path, SqliteJournal::Mode::read);
    EXPECT_EQ(reader->open_switch({}).error().kind, ErrorKind::refused);
    EXPECT_EQ(reader->update_switch({}).error().kind, ErrorKind::refused);
    EXPECT_EQ(reader->clear_quarantine("h1", 1.0).error().kind, ErrorKind::refused);
    EXPECT_TRUE(value(reader->recent_switches(1)).empty());
}

}  // namespace
}  // namespace ballast
