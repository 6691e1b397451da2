// SPDX-License-Identifier: Apache-2.0
// A host falls silent while a guest stands still on the other one, and somebody can switch it off.
#include "executor/fencing.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <array>

#include "executor/recovery.hpp"
#include "executor/this_machine.hpp"
#include "tests/executor/fake_hypervisor.hpp"
#include "tests/executor/scratch.hpp"
#include "tests/executor/survives.hpp"

namespace ballast {
namespace {

using test::add_vm;
using test::FakeHypervisor;
using test::open_journal;
using test::running_copies;
using test::sample_record;
using test::Scratch;
using test::value;
using test::VirtualClock;
using test::World;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// The URIs hold addresses that nobody has (RFC 5737), so that no resolver is asked.
void leave_open(SqliteJournal& journal) {
    MigrationRecord record = sample_record("vm0", value(journal.begin_plan({0, 1.7e9, "spread", "", 1}, "{}")));
    record.source.uri = "fake://198.51.100.1/system";
    record.destination.uri = "fake://198.51.100.2/system";
    record.id = value(journal.open_migration(record));
    record.state = MigrationState::verifying;
    EXPECT_TRUE(journal.update_migration(record));
}

// Those that are not the loopback's, as a URI writes them.
std::vector<std::string> addresses_of_this_machine() {
    std::vector<std::string> addresses;
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) return addresses;
    for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0) continue;
        if (one->ifa_addr->sa_family == AF_INET) {
            inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text.data(),
                      text.size());
            addresses.emplace_back(text.data());
        } else if (one->ifa_addr->sa_family == AF_INET6) {
            const auto* six = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
            inet_ntop(AF_INET6, &six->sin6_addr, text.data(), text.size());
            addresses.push_back("[" + std::string(text.data()) + "]");
        }
    }
    freeifaddrs(all);
    return addresses;
}

// vm0 stands still on h1, at the switch-over to h2, and h2 does not answer.
class FencingTest : public testing::Test {
  protected:
    FencingTest() {
        leave_open(*journal);
        vm.sides[0] = {SideState::paused, "migration", false, true};
        vm.sides[1] = {SideState::paused, "user", false, true};
        world->unreachable[1] = true;
        options.fence.told = [&](FenceResult result) { told.emplace_back(name(result)); };
        options.fence.ask = [&](const HostEndpoint& host) {
            asked.push_back(host.name + " " + host.uri);
            note_when_asked = value(journal->open_migrations()).at(0).note;
            calls_when_asked = hypervisor.calls.size();
            if (answer.off) world_off(host.name == "h1" ? 0 : 1);
            return answer;
        };
    }
    // Its guests end with it.
    void world_off(std::size_t host) {
        world->unreachable[host] = true;
        vm.sides[host] = {SideState::defined, "unknown", false, true};
    }
    void hand_over(Handover handover) {
        MigrationRecord record = value(journal->open_migrations()).at(0);
        record.handover = handover;
        EXPECT_TRUE(journal->update_migration(record));
    }
    void reach_h2_by(const std::string& uri) {
        MigrationRecord record = value(journal->open_migrations()).at(0);
        record.destination.uri = uri;
        EXPECT_TRUE(journal->update_migration(record));
    }
    RecoveredMigration recovered() {
        const auto all = value(recover(*journal, hypervisor, clock, options, {}));
        EXPECT_EQ(all.size(), 1U);
        return all.at(0);
    }

    Scratch scratch;
    std::shared_ptr<World> world = test::make_world();
    VirtualClock clock;
    FakeHypervisor hypervisor{world, clock};
    std::unique_ptr<SqliteJournal> journal = open_journal(scratch.file("j"));
    test::FakeVm& vm = add_vm(*world, "vm0", 0);
    SettleOptions options;
    FenceAnswer answer{true, "/fence ended with exit code 0: off"};
    std::vector<std::string> asked;
    std::vector<std::string> told;
    std::string note_when_asked;
    std::size_t calls_when_asked = 0;
};

TEST_F(FencingTest, AGuestThatStandsStillGoesOnOnceTheOtherHostIsOff) {
    const double before = clock.monotonic_s();
    std::vector<std::string> notes;
    hypervisor.acted = [&](const std::string&) { notes.push_back(value(journal->open_migrations()).at(0).note); };
    const RecoveredMigration done = recovered();
    EXPECT_EQ(done.record.state, MigrationState::rolled_back);
    EXPECT_THAT(asked, ElementsAre("h2 fake://198.51.100.2/system"));
    EXPECT_GE(clock.monotonic_s() - before, ReconcileLimits{}.unreachable_s);
    EXPECT_THAT(note_when_asked, StartsWith("fence-destination: h2 has not answered for 120 s")) << "on disk before";
    EXPECT_EQ(calls_when_asked, 0U);
    EXPECT_THAT(hypervisor.calls, ElementsAre("resume h1 vm0"));
    EXPECT_THAT(notes, ElementsAre(StartsWith("resume-source: ")));
    EXPECT_THAT(done.text, HasSubstr("h2 is off: /fence ended with exit code 0: off"));
    EXPECT_THAT(done.text, HasSubstr("when it is back it must not start it"));
    EXPECT_EQ(running_copies(*world, "vm0"), 1);
    EXPECT_THAT(told, ElementsAre("done"));
}

TEST_F(FencingTest, WithoutACommandAPersonDecidesAsBefore) {
    options.fence.ask = nullptr;
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(hypervisor.calls.empty());
}

TEST_F(FencingTest, WhatIsNotKnownToBeOffChangesNothing) {
    answer = {false, "/fence ended with exit code 1: no answer from h2-bmc"};
    const RecoveredMigration parked = recovered();
    EXPECT_EQ(parked.record.state, MigrationState::needs_operator);
    EXPECT_THAT(parked.text, HasSubstr("whether h2 is off is not known: /fence ended with exit code 1: no answer"));
    EXPECT_THAT(asked, testing::SizeIs(1)) << "once";
    EXPECT_TRUE(hypervisor.calls.empty());
    // Somebody has seen to the command.
    answer = {true, "/fence ended with exit code 0"};
    EXPECT_EQ(recovered().record.state, MigrationState::rolled_back);
    EXPECT_THAT(asked, testing::SizeIs(2));
    EXPECT_THAT(told, ElementsAre("failed", "done"));
}

// `ballast run` has parked it, and something else is left open later: its host is not asked about again.
TEST_F(FencingTest, WhatWasParkedIsNotFencedForAgainByTheSameProcess) {
    answer = {false, "/fence ended with exit code 1: no answer from h2-bmc"};
    const RecoveredMigration parked = recovered();
    ASSERT_EQ(parked.record.state, MigrationState::needs_operator);
    add_vm(*world, "vm1", 0);
    MigrationRecord another = sample_record("vm1", parked.record.plan_id);
    another.destination = {"h3", "fake://198.51.100.3/system", ""};
    another.id = value(journal->open_migration(another));
    another.state = MigrationState::verifying;
    ASSERT_TRUE(journal->update_migration(another));
    const double before = clock.monotonic_s();
    const auto all = value(recover(*journal, hypervisor, clock, options, {}, Parked::leave));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.at(0).record.vm.name, "vm1");
    EXPECT_EQ(all.at(0).record.state, MigrationState::rolled_back);
    EXPECT_LT(clock.monotonic_s() - before, ReconcileLimits{}.unreachable_s);
    EXPECT_THAT(asked, testing::SizeIs(1));
    const auto open = value(journal->open_migrations());
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open.at(0).note, parked.record.note);
}

// The journal is slow, and h2 comes back while it is written.
TEST_F(FencingTest, AHostThatAnswersAgainIsNotFenced) {
    class BackWhileWriting final : public test::JournalAround {
      public:
        BackWhileWriting(Journal& inner, World& at) : JournalAround(inner), world(at) {}
        void before_write() override {}
        void after_write() override { world.unreachable[1] = false; }
        World& world;
    } slow(*journal, *world);
    const auto all = value(recover(slow, hypervisor, clock, options, {}));
    EXPECT_TRUE(asked.empty());
    EXPECT_TRUE(told.empty()) << "there was nothing to fence";
    EXPECT_EQ(all.at(0).record.state, MigrationState::rolled_back) << all.at(0).text;
    EXPECT_THAT(hypervisor.calls, ElementsAre("resume h1 vm0", "destroy h2 vm0", "undefine h2 vm0"));
}

// It said that it was off; what the host says itself counts more.
TEST_F(FencingTest, AHostThatAnswersAfterwardsIsBelievedItself) {
    options.fence.ask = [&](const HostEndpoint&) {
        world->unreachable[1] = false;
        vm.sides[0] = {SideState::defined, "migrated", false, true};
        vm.sides[1] = {SideState::running, "unpaused", false, true};
        return answer;
    };
    EXPECT_EQ(recovered().record.state, MigrationState::done);
    EXPECT_THAT(hypervisor.calls, ElementsAre("undefine h1 vm0"));
}

TEST_F(FencingTest, AHostThatAnswersIsNeverFenced) {
    world->unreachable[1] = false;
    EXPECT_EQ(recovered().record.state, MigrationState::rolled_back);
    EXPECT_TRUE(asked.empty());
}

// It does not say what it holds, but it is up: libvirt's daemon is stopped, or wants another key.
TEST_F(FencingTest, AHostThatRefusesIsAPersonsBusiness) {
    world->refuses[1] = true;
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(asked.empty());
    EXPECT_TRUE(hypervisor.calls.empty());
}

// Its machine is up again, and libvirt is not yet.
TEST_F(FencingTest, AHostThatRefusesAfterwardsIsNoLongerOff) {
    options.fence.ask = [&](const HostEndpoint&) {
        world->refuses[1] = true;
        return answer;
    };
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(hypervisor.calls.empty());
}

// It refuses for a minute and a half, and falls silent only then: that is what has to last.
TEST_F(FencingTest, OnlySilenceCounts) {
    const double before = clock.monotonic_s();
    world->refuses[1] = true;
    options.poll_s = 90.0;
    double asked_at_s = 0.0;
    const NoteSink falls_silent = [&](const std::string&) { world->refuses[1] = false; };
    options.fence.ask = [&](const HostEndpoint&) {
        asked_at_s = clock.monotonic_s();
        return answer;
    };
    static_cast<void>(value(recover(*journal, hypervisor, clock, options, falls_silent)));
    EXPECT_GE(asked_at_s - before, 90.0 + ReconcileLimits{}.unreachable_s);
}

TEST_F(FencingTest, IfBothAreSilentNobodyIsFenced) {
    world->unreachable[0] = true;
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(asked.empty()) << "it may be Ballast's own network";
}

// libvirt may have started it there: then the disk is newer than the source's memory.
TEST_F(FencingTest, AStaleSourceIsNotResumed) {
    hand_over(Handover::direct);
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(asked.empty());
    EXPECT_TRUE(hypervisor.calls.empty());
}

// The guest runs on the source, or may: switching it off would end it.
TEST_F(FencingTest, TheOnlyCopyIsNotFenced) {
    world->unreachable = {true, false};
    const std::array<test::FakeSide, 3> there = {
        {{}, {SideState::defined, "failed", false, true}, {SideState::paused, "user", false, true}}};
    for (const test::FakeSide& side : there) {
        vm.sides[1] = side;
        EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    }
    EXPECT_TRUE(asked.empty());
}

TEST_F(FencingTest, ForAGuestThatRunsAHostIsFencedOnlyIfThatIsAskedFor) {
    vm.sides[1] = {SideState::running, "migrated", false, true};
    world->unreachable = {true, false};
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_TRUE(asked.empty());
    options.fence.use = FenceUse::host_unknown;
    const RecoveredMigration done = recovered();
    EXPECT_EQ(done.record.state, MigrationState::done);
    EXPECT_THAT(asked, ElementsAre("h1 fake://198.51.100.1/system"));
    EXPECT_THAT(done.text, HasSubstr("h1 is off: /fence"));
    EXPECT_TRUE(hypervisor.calls.empty()) << "nothing is started anywhere";
}

TEST_F(FencingTest, OnHoldNobodyIsFenced) {
    options.fence.gate = [] { return std::optional<std::string>("on hold by /run/ballast/hold: storage work"); };
    const RecoveredMigration parked = recovered();
    EXPECT_EQ(parked.record.state, MigrationState::needs_operator);
    EXPECT_THAT(parked.text, HasSubstr("h2 was not fenced: on hold by /run/ballast/hold: storage work"));
    EXPECT_TRUE(asked.empty());
    EXPECT_THAT(told, ElementsAre("refused"));
}

// The hold file appears while the intent is written.
TEST_F(FencingTest, PutOnHoldAtTheLastMomentNobodyIsFenced) {
    class HoldWhileWriting final : public test::JournalAround {
      public:
        using JournalAround::JournalAround;
        void before_write() override {}
        void after_write() override { on_hold = true; }
        bool on_hold = false;
    } slow(*journal);
    options.fence.gate = [&] {
        return slow.on_hold ? std::optional<std::string>("on hold by /run/ballast/hold: storage work") : std::nullopt;
    };
    const auto all = value(recover(slow, hypervisor, clock, options, {}));
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(all.at(0).record.state, MigrationState::needs_operator);
    EXPECT_THAT(all.at(0).text, HasSubstr("h2 was not fenced: on hold by /run/ballast/hold: storage work"));
    EXPECT_THAT(told, ElementsAre("refused")) << "once";
}

TEST_F(FencingTest, BallastDoesNotFenceItself) {
    reach_h2_by("qemu:///system");
    EXPECT_THAT(recovered().text, HasSubstr("h2 was not fenced: it is the machine that Ballast itself runs on"));
    EXPECT_TRUE(asked.empty());
    EXPECT_THAT(told, ElementsAre("refused"));
}

// Neither the name in the configuration nor the one in the URI is this machine's own.
TEST_F(FencingTest, BallastKnowsItselfByItsAddresses) {
    const std::vector<std::string> own = addresses_of_this_machine();
    if (own.empty()) GTEST_SKIP() << "this machine has no address but the loopback";
    for (const std::string& address : own) {
        reach_h2_by("fake://root@" + address + ":16509/system");
        EXPECT_THAT(recovered().text, HasSubstr("h2 was not fenced: it is the machine that Ballast itself runs on"));
    }
    EXPECT_TRUE(asked.empty());
}

// Of a host with an unknown address nobody can say that it is another machine.
TEST_F(FencingTest, AHostWhoseNameIsNotResolvedIsNotFenced) {
    const std::string no_name(64, 'x');  // longer than a label may be: known without asking anybody
    reach_h2_by("fake://" + no_name + "/system");
    const RecoveredMigration parked = recovered();
    EXPECT_EQ(parked.record.state, MigrationState::needs_operator);
    EXPECT_THAT(parked.text,
                HasSubstr("h2 was not fenced: whether it is the machine that Ballast itself runs on cannot "
                          "be told, because no address is known for fake://xxx"));
    EXPECT_TRUE(asked.empty());
}

TEST(ThisMachine, HasTheAddressesItListsAndTheLoopback) {
    const auto ours = [](const std::string& host) {
        return has_address_of_this_machine({"h2", "qemu+tcp://" + host + "/system", ""});
    };
    EXPECT_EQ(ours("127.0.0.1"), std::optional(true));
    EXPECT_EQ(ours("127.3.2.1"), std::optional(true));
    EXPECT_EQ(ours("[::1]:16509"), std::optional(true));
    EXPECT_EQ(ours("198.51.100.2"), std::optional(false));
    EXPECT_EQ(ours("root@198.51.100.2:22"), std::optional(false));
    EXPECT_EQ(ours(std::string(64, 'x')), std::nullopt);
    EXPECT_EQ(ours(""), std::nullopt);
    for (const std::string& address : addresses_of_this_machine()) {
        EXPECT_EQ(ours(address), std::optional(true)) << address;
        if (address.front() == '[') continue;
        EXPECT_EQ(ours("[::ffff:" + address + "]"), std::optional(true)) << address;
    }
}

// Fails every write of an update, from the given one on.
class FullDisk final : public test::JournalAround {
  public:
    FullDisk(Journal& inner, int from) : JournalAround(inner), from_(from) {}
    Status update_migration(const MigrationRecord& record) override {
        if (++writes_ >= from_) return fail(ErrorKind::failed, "database or disk is full");
        return JournalAround::update_migration(record);
    }

  private:
    void before_write() override {}
    void after_write() override {}
    int from_;
    int writes_ = 0;
};

TEST_F(FencingTest, WhatTheJournalCannotKeepIsNotDone) {
    MigrationRecord record = value(journal->open_migrations()).at(0);
    FullDisk before(*journal, 1);
    const Settled unasked = settle(record, before, hypervisor, clock, options, {});
    EXPECT_EQ(unasked.state, MigrationState::needs_operator);
    EXPECT_THAT(unasked.note, HasSubstr("h2 was not fenced: the journal cannot be written: database or disk is full"));
    EXPECT_TRUE(asked.empty());

    FullDisk after(*journal, 2);
    const Settled unheeded = settle(record, after, hypervisor, clock, options, {});
    EXPECT_EQ(unheeded.state, MigrationState::needs_operator);
    EXPECT_THAT(unheeded.note, HasSubstr("nothing follows from it, because the journal cannot be written"));
    EXPECT_THAT(asked, testing::SizeIs(1));
    EXPECT_TRUE(hypervisor.calls.empty());
}

// Somebody may have switched it on again meanwhile.
TEST_F(FencingTest, AnOldAnswerIsNotBelieved) {
    options.fence.believed_s = 3.0;  // shorter than the guest has to stand still, seen so
    EXPECT_EQ(recovered().record.state, MigrationState::needs_operator);
    EXPECT_THAT(asked, testing::SizeIs(1));
    EXPECT_TRUE(hypervisor.calls.empty());
}

TEST_F(FencingTest, StatusSaysWhatRecoverWouldDoAndFencesNobody) {
    clock.advance(130.0);
    const auto open = value(describe_open(*journal, hypervisor, clock, options));
    EXPECT_THAT(open.at(0).text,
                HasSubstr("; h2 does not answer; if that lasts 120 s, `ballast recover` does fence-destination"))
        << "it was looked at once";
    EXPECT_THAT(open.at(0).text, testing::Not(HasSubstr("has not answered for")));
    EXPECT_TRUE(asked.empty());
    EXPECT_THAT(value(describe_open(*journal, hypervisor, clock, {})).at(0).text,
                HasSubstr("if the destination is certainly off"));
}

TEST_F(FencingTest, StatusAnnouncesNoFencingThatWouldNotHappen) {
    clock.advance(130.0);
    const auto says = [&] { return value(describe_open(*journal, hypervisor, clock, options)).at(0); };
    options.fence.gate = [] { return std::optional<std::string>("on hold by /run/ballast/hold: storage work"); };
    EXPECT_EQ(says().next.step, Step::needs_operator);
    EXPECT_THAT(says().text, HasSubstr("if the destination is certainly off"));
    EXPECT_THAT(says().text, HasSubstr("h2 would not be fenced: on hold by /run/ballast/hold: storage work"));
    options.fence.gate = nullptr;
    reach_h2_by("qemu:///system");
    EXPECT_EQ(says().next.step, Step::needs_operator);
    EXPECT_THAT(says().text, HasSubstr("h2 would not be fenced: it is the machine that Ballast itself runs on"));
    reach_h2_by("fake://198.51.100.2/system");
    world->refuses[1] = true;
    EXPECT_EQ(says().next.step, Step::needs_operator);
    EXPECT_THAT(says().text, testing::Not(HasSubstr("fenc"))) << "it is up";
    EXPECT_TRUE(asked.empty());
}

// Killed at each journal write, and before and after the call: the next recovery asks again. Only a guest that runs
// again by then is worth no second call: its record waits for the host.
TEST_F(FencingTest, KilledAnywhereTheNextRecoveryAsksAgain) {
    int left_open = 0;
    const test::FakeVm as_it_was = vm;
    for (int kill_at = 1;; ++kill_at) {
        SCOPED_TRACE("killed at point " + std::to_string(kill_at));
        vm = as_it_was;
        world->unreachable = {false, true};
        const std::string path = scratch.file("j" + std::to_string(kill_at));
        leave_open(*open_journal(path));
        const auto recover_it = [&] {
            VirtualClock now;
            FakeHypervisor hosts(world, now);
            const auto mine = open_journal(path);
            test::MortalJournal mortal(*mine, *world);
            SettleOptions with;
            with.fence.ask = [&](const HostEndpoint&) {
                world->point();
                world_off(1);
                world->point();
                return FenceAnswer{true, "off"};
            };
            static_cast<void>(value(recover(mortal, hosts, now, with, {})));
        };
        world->points = 0;
        world->kill_at = kill_at;
        const bool lived = test::survives(recover_it);
        world->kill_at = 0;
        if (!lived) recover_it();
        EXPECT_EQ(running_copies(*world, "vm0"), 1);
        for (const MigrationRecord& open : value(open_journal(path, SqliteJournal::Mode::read)->open_migrations())) {
            EXPECT_THAT(open.note, HasSubstr("it runs on the source, but the destination does not answer"));
            ++left_open;
        }
        if (lived) {
            EXPECT_GT(kill_at, 10) << "before and after: intent, the call, answer, resume's intent, resume, the end";
            EXPECT_LE(left_open, 2) << "before and after the resume was done, and not yet the end";
            break;
        }
        ASSERT_FALSE(HasFailure());
    }
}

}  // namespace
}  // namespace ballast
