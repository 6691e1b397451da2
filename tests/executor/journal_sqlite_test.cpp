// SPDX-License-Identifier: Apache-2.0
#include "executor/journal_sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/executor/scratch.hpp"

namespace ballast {
namespace {

using test::open_journal;
using test::sample_record;
using test::Scratch;
using test::value;
using Mode = SqliteJournal::Mode;

void sql(const std::string& path, const char* text) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, text, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
}

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::int64_t begin(Journal& journal) {
    return value(journal.begin_plan({0, 1.7e9, "spread", "", 2}, R"({"format":"ballast-plan"})"));
}

TEST(SqliteJournal, GivesBackWhatWasWritten) {
    const Scratch scratch;
    const std::string path = scratch.file("journal.db");
    MigrationRecord record = sample_record();
    {
        const auto journal = open_journal(path);
        record.plan_id = begin(*journal);
        record.id = value(journal->open_migration(record));
        record.handover = Handover::direct;
        record.destination_defined_before = true;
        record.copies_diverged = true;
        record.reported_success = true;
        record.state = MigrationState::done;
        record.updated_unix_s += 12.0;
        record.note = "it's \"quoted\"";
        record.duration_s = 11.75;
        record.bytes_sent = 123456789.0;
        ASSERT_TRUE(journal->update_migration(record));
        ASSERT_TRUE(journal->end_plan(record.plan_id, "done", 1.7e9 + 20));
    }
    const auto journal = open_journal(path, Mode::read);
    const auto all = value(journal->recent_migrations(10));
    ASSERT_EQ(all.size(), 1U);
    const MigrationRecord& read = all[0];
    EXPECT_EQ(read.id, record.id);
    EXPECT_EQ(read.vm.name, "web");
    EXPECT_EQ(read.vm.uuid, "uuid-web");
    EXPECT_EQ(read.source.uri, "fake://h1/system");
    EXPECT_EQ(read.source.migration_address, "10.0.0.1");
    EXPECT_EQ(read.destination.name, "h2");
    EXPECT_EQ(read.handover, Handover::direct);
    EXPECT_TRUE(read.destination_defined_before);
    EXPECT_TRUE(read.copies_diverged);
    EXPECT_TRUE(read.reported_success);
    EXPECT_EQ(read.state, MigrationState::done);
    EXPECT_EQ(read.updated_unix_s, 1.7e9 + 12.0);
    EXPECT_EQ(read.reason, record.reason);
    EXPECT_EQ(read.note, record.note);
    EXPECT_EQ(read.predicted_duration_s, 11.5);
    EXPECT_EQ(read.predicted_downtime_s, 0.25);
    EXPECT_EQ(read.duration_s, 11.75);
    EXPECT_TRUE(std::isnan(read.downtime_s)) << "what was not measured stays not measured";
    EXPECT_EQ(read.bytes_sent, 123456789.0);
    const auto plans = value(journal->recent_plans(10));
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].policy, "spread");
    EXPECT_EQ(plans[0].actions, 2);
    EXPECT_EQ(plans[0].outcome, "done");
}

TEST(SqliteJournal, OneOpenMigrationPerVmAndClosedOnesNeverChange) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("j"));
    MigrationRecord first = sample_record("web", begin(*journal));
    first.id = value(journal->open_migration(first));
    const auto second = journal->open_migration(first);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::refused);
    EXPECT_NE(second.error().message.find("migration 1 of this VM is still open"), std::string::npos);
    // needs_operator keeps it open, rejected closes it.
    first.state = MigrationState::needs_operator;
    ASSERT_TRUE(journal->update_migration(first));
    EXPECT_FALSE(journal->open_migration(first));
    first.state = MigrationState::rejected;
    ASSERT_TRUE(journal->update_migration(first));
    EXPECT_TRUE(value(journal->open_migrations()).empty());
    first.state = MigrationState::migrating;
    const auto reopened = journal->update_migration(first);
    ASSERT_FALSE(reopened);
    EXPECT_EQ(reopened.error().kind, ErrorKind::refused);
    EXPECT_EQ(value(journal->open_migration(first)), 2);
    MigrationRecord other = sample_record("db", first.plan_id);
    EXPECT_EQ(value(journal->open_migration(other)), 3);
    EXPECT_EQ(value(journal->open_migrations()).size(), 2U);
    EXPECT_EQ(value(journal->recent_migrations(1))[0].id, 3) << "newest first";
}

TEST(SqliteJournal, PastMovesAreThoseThatEndedLately) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("j"));
    const std::int64_t plan = begin(*journal);
    const auto moved = [&](const std::string& vm, MigrationState state, double ago_s) {
        MigrationRecord record = sample_record(vm, plan);
        record.id = value(journal->open_migration(record));
        record.state = state;
        record.updated_unix_s = 1.7e9 - ago_s;
        ASSERT_TRUE(journal->update_migration(record));
    };
    moved("web", MigrationState::done, 500);
    moved("web", MigrationState::done, 100);
    moved("db", MigrationState::rolled_back, 50);
    moved("app", MigrationState::done, 900);
    moved("old", MigrationState::done, 2000);
    moved("stuck", MigrationState::needs_operator, 10);
    // What a person stopped is no failure.
    MigrationRecord stopped = sample_record("stopped", plan);
    stopped.id = value(journal->open_migration(stopped));
    stopped.state = MigrationState::rolled_back;
    stopped.note = "it runs on the source; aborted (operation aborted by user)";
    stopped.updated_unix_s = 1.7e9 - 20.0;
    ASSERT_TRUE(journal->update_migration(stopped));
    const MigrationRecord r = sample_record("web", plan);
    const auto move = [&](const std::string& vm, double age_s, bool failed) {
        return JournalMove{vm, r.source.name, r.destination.name, age_s, failed};
    };
    const std::vector<JournalMove> expected = {move("web", 500.0, false), move("web", 100.0, false),
                                               move("db", 50.0, true), move("app", 900.0, false)};
    EXPECT_EQ(value(journal->past_moves(1.7e9, 1000.0)), expected);
}

TEST(SqliteJournal, EveryTransitionIsKept) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    {
        const auto journal = open_journal(path);
        MigrationRecord record = sample_record("web", begin(*journal));
        record.id = value(journal->open_migration(record));
        for (const auto state : {MigrationState::migrating, MigrationState::verifying, MigrationState::done}) {
            record.state = state;
            ASSERT_TRUE(journal->update_migration(record));
        }
    }
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    std::string states;
    const auto append = [](void* out, int, char** columns, char**) {
        *static_cast<std::string*>(out) += std::string(columns[0]) + " ";
        return 0;
    };
    sqlite3_exec(db, "SELECT state FROM transitions ORDER BY id", append, &states, nullptr);
    sqlite3_close(db);
    EXPECT_EQ(states, "intended migrating verifying done ");
}

TEST(SqliteJournal, ASecondWriterIsRefusedWithThePidOfTheFirst) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    EXPECT_FALSE(SqliteJournal::writer(path).has_value());
    {
        const auto first = open_journal(path);
        const auto second = SqliteJournal::open(path, Mode::write);
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().kind, ErrorKind::refused);
        EXPECT_NE(second.error().message.find("pid " + std::to_string(getpid())), std::string::npos)
            << second.error().message;
        EXPECT_EQ(SqliteJournal::writer(path), getpid());

        // A reader works beside the writer, sees what is written, and cannot write.
        const auto reader = open_journal(path, Mode::read);
        MigrationRecord record = sample_record("web", begin(*first));
        record.id = value(first->open_migration(record));
        EXPECT_EQ(value(reader->open_migrations()).size(), 1U);
        const auto refused = reader->update_migration(record);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::refused);
    }
    EXPECT_FALSE(SqliteJournal::writer(path).has_value()) << "a stale lock file is not a writer";
    EXPECT_TRUE(SqliteJournal::open(path, Mode::write));
}

TEST(SqliteJournal, BadFilesGetOneClearLine) {
    const Scratch scratch;
    const auto error_of = [](const std::string& path, Mode mode) {
        const auto journal = SqliteJournal::open(path, mode);
        EXPECT_FALSE(journal);
        if (journal) return std::string();
        EXPECT_EQ(journal.error().kind, ErrorKind::usage) << journal.error().message;
        EXPECT_EQ(journal.error().message.find('\n'), std::string::npos);
        return journal.error().message;
    };
    EXPECT_NE(error_of(scratch.file("missing"), Mode::read).find("there is no journal at"), std::string::npos);

    std::ofstream(scratch.file("text")) << std::string(2000, 'x');
    EXPECT_NE(error_of(scratch.file("text"), Mode::write).find("not a database"), std::string::npos);

    sql(scratch.file("foreign"), "CREATE TABLE t(x)");
    const std::string before = content(scratch.file("foreign"));
    EXPECT_NE(error_of(scratch.file("foreign"), Mode::write).find("not a Ballast journal"), std::string::npos);
    EXPECT_EQ(content(scratch.file("foreign")), before) << "another program's file is not even switched to WAL mode";

    open_journal(scratch.file("newer"));
    sql(scratch.file("newer"), "PRAGMA user_version = 4");
    for (const Mode mode : {Mode::read, Mode::write}) {
        EXPECT_NE(error_of(scratch.file("newer"), mode).find("schema version 4"), std::string::npos);
    }
    EXPECT_NE(error_of(scratch.file("no/such/folder/j"), Mode::write)
                  .find("there is no directory " + scratch.file("no/such/folder") + "; create it"),
              std::string::npos);
    EXPECT_NE(error_of(scratch.file("no/such/folder/j"), Mode::read).find("there is no journal at"), std::string::npos);
}

TEST(SqliteJournal, DrainedHostsStaySoUntilTheyAreGivenBack) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    {
        const auto journal = open_journal(path);
        EXPECT_TRUE(journal->drain("h2", 100.0));
        EXPECT_TRUE(journal->drain("h1", 200.0));
        EXPECT_TRUE(journal->drain("h2", 300.0));  // it is already
    }
    const auto journal = open_journal(path);
    const auto hosts = value(journal->drained_hosts());
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts[0].name, "h1");
    EXPECT_EQ(hosts[1].name, "h2");
    EXPECT_EQ(hosts[1].since_unix_s, 100.0);
    EXPECT_TRUE(value(journal->undrain("h2")));
    EXPECT_FALSE(value(journal->undrain("h2")));
    EXPECT_EQ(value(journal->drained_hosts()).size(), 1U);
    const auto reader = value(SqliteJournal::open(path, Mode::read));
    EXPECT_EQ(reader->drain("h3", 1.0).error().kind, ErrorKind::refused);
    EXPECT_EQ(reader->undrain("h1").error().kind, ErrorKind::refused);
}

TEST(SqliteJournal, AJournalOfVersion1IsReadAndThenUpgraded) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    {
        const auto journal = open_journal(path);
        value(journal->open_migration(sample_record("web", begin(*journal))));
    }
    sql(path,
        "DROP TABLE power_switches; DROP TABLE power_clearances; DROP TABLE drained_hosts; PRAGMA user_version = 1");
    {
        const auto reader = value(SqliteJournal::open(path, Mode::read));
        EXPECT_TRUE(value(reader->drained_hosts()).empty());
        EXPECT_TRUE(value(reader->power_pasts()).empty());
        EXPECT_EQ(value(reader->open_migrations()).size(), 1U);
    }
    const auto journal = open_journal(path);
    EXPECT_TRUE(journal->drain("h1", 1.0));
    EXPECT_EQ(value(journal->drained_hosts()).size(), 1U);
    EXPECT_EQ(value(journal->open_migrations()).size(), 1U);
    EXPECT_TRUE(value(journal->open_switches()).empty());
}

TEST(SqliteJournal, AJournalOfVersion2KeepsItsDrainedHosts) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    EXPECT_TRUE(open_journal(path)->drain("h2", 100.0));
    sql(path, "DROP TABLE power_switches; DROP TABLE power_clearances; PRAGMA user_version = 2");
    {
        const auto reader = value(SqliteJournal::open(path, Mode::read));
        EXPECT_EQ(value(reader->drained_hosts()).size(), 1U);
        EXPECT_TRUE(value(reader->recent_switches(10)).empty());
    }
    const auto journal = open_journal(path);
    EXPECT_EQ(value(journal->drained_hosts()).size(), 1U);
    EXPECT_TRUE(value(journal->power_pasts()).empty());
}

// Which right is missing depends on who runs the test; that one clear line comes out does not.
TEST(SqliteJournal, AReaderWithoutRightsIsToldWhichOnesItNeeds) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    open_journal(path);
    const std::string folder = std::filesystem::path(path).parent_path();
    std::filesystem::permissions(folder, std::filesystem::perms(0555));
    const pid_t child = fork();
    if (child == 0) {
        constexpr uid_t nobody = 65534;
        const bool root = getuid() == 0;
        // In a root of its own: the machine's folders on the way there may be closed to `nobody`.
        if (root && (chroot(folder.c_str()) != 0 || chdir("/") != 0 || setuid(nobody) != 0)) _exit(10);
        const auto journal = SqliteJournal::open(root ? "/j" : path, Mode::read);
        if (journal) _exit(11);
        const std::string& message = journal.error().message;
        const bool clear = message.find("not write in " + (root ? "/" : folder)) != std::string::npos &&
                           message.find("as root") != std::string::npos && message.find('\n') == std::string::npos;
        _exit(clear ? 0 : 12);
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::filesystem::permissions(folder, std::filesystem::perms(0700));
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(SqliteJournal, RecordsThatMakeNoSenseAreNotBelieved) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    {
        const auto journal = open_journal(path);
        const MigrationRecord record = sample_record("web", begin(*journal));
        value(journal->open_migration(record));
    }
    sql(path, "PRAGMA ignore_check_constraints = 1; UPDATE migrations SET state = 'flying'");
    const auto journal = open_journal(path, Mode::read);
    const auto read = journal->recent_migrations(10);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("unknown state 'flying'"), std::string::npos) << read.error().message;
}

TEST(SqliteJournal, ManyThreadsMayWrite) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("j"));
    const std::int64_t plan = begin(*journal);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i) {
                MigrationRecord record = sample_record("vm" + std::to_string(t) + "-" + std::to_string(i), plan);
                record.id = value(journal->open_migration(record));
                record.state = MigrationState::done;
                record.note = record.vm.name;
                EXPECT_TRUE(journal->update_migration(record));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    const auto all = value(journal->recent_migrations(100));
    ASSERT_EQ(all.size(), 40U);
    for (const MigrationRecord& record : all) EXPECT_EQ(record.note, record.vm.name) << "an id was mixed up";
}

// A writer is killed in the middle of its work, many times. Every write that it was told has succeeded must be there.
TEST(SqliteJournal, WhatWasAcknowledgedSurvivesKillMinusNine) {
    const Scratch scratch;
    const std::string path = scratch.file("j");
    std::int64_t expected = 0;
    for (int round = 0; round < 8; ++round) {
        int pipe_fds[2];
        ASSERT_EQ(pipe(pipe_fds), 0);
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const auto journal = SqliteJournal::open(path, Mode::write);
            if (!journal) _exit(1);
            const auto plan = (*journal)->begin_plan({0, 1.7e9, "spread", "", 1}, "{}");
            if (!plan) _exit(2);
            for (int i = 0;; ++i) {
                MigrationRecord record = sample_record("vm" + std::to_string(round) + "-" + std::to_string(i), *plan);
                const auto id = (*journal)->open_migration(record);
                if (!id || write(pipe_fds[1], &*id, sizeof *id) != sizeof *id) _exit(3);
            }
        }
        close(pipe_fds[1]);
        std::int64_t acknowledged = 0;
        // A different number of writes each time; the kill then comes wherever the child happens to be.
        for (int i = 0; i < 3 + 7 * round; ++i) {
            ASSERT_EQ(read(pipe_fds[0], &acknowledged, sizeof acknowledged), static_cast<ssize_t>(sizeof acknowledged));
        }
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child gave up by itself: " << WEXITSTATUS(status);
        std::int64_t id = 0;
        while (read(pipe_fds[0], &id, sizeof id) == static_cast<ssize_t>(sizeof id)) acknowledged = id;
        close(pipe_fds[0]);

        const auto reader = open_journal(path, Mode::read);  // first a reader, as `ballast status` is
        const auto records = value(reader->recent_migrations(1));
        ASSERT_FALSE(records.empty());
        EXPECT_GE(records[0].id, acknowledged);
        EXPECT_GT(acknowledged, expected) << "earlier rounds are still there";
        expected = acknowledged;
        EXPECT_FALSE(SqliteJournal::writer(path).has_value()) << "the dead writer's lock is gone";
    }
    const auto journal = open_journal(path);
    EXPECT_GE(static_cast<std::int64_t>(value(journal->open_migrations()).size()), expected);
}

}  // namespace
}  // namespace ballast
