// SPDX-License-Identifier: Apache-2.0
#include "executor/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <thread>

#include "executor/plan_actuator.hpp"
#include "tests/executor/fake_hypervisor.hpp"
#include "tests/executor/scratch.hpp"

namespace ballast {
namespace {

using test::add_vm;
using test::cluster_with_vms_on;
using test::Ending;
using test::move_vm;
using test::open_journal;
using test::running_copies;
using test::traces;
using test::value;
using testing::ElementsAre;
using testing::HasSubstr;

class Runner : public testing::Test {
  protected:
    // VMs vm0, vm1 … on these hosts, in the cluster as in the world.
    void place(const std::vector<std::size_t>& hosts) {
        cluster.emplace(cluster_with_vms_on(hosts));
        for (std::size_t i = 0; i < hosts.size(); ++i) add_vm(*world, "vm" + std::to_string(i), hosts[i]);
    }
    Result<PlanOutcome> run(const Plan& plan, RunOptions options = {}, StartGate gate = nullptr) {
        PlanRunner runner(hypervisor, *journal, clock, options, nullptr, std::move(gate));
        return runner.run(plan, *cluster, "spread", stop, [this](const RunEvent& event) { observe(event); });
    }
    void observe(const RunEvent& event) {
        static constexpr std::array names = {"started", "progress", "note", "finished", "skipped"};
        if (event.kind == RunEvent::Kind::waiting) ++waits;
        if (event.kind == RunEvent::Kind::note || event.kind == RunEvent::Kind::waiting) return;
        events.push_back(std::string(names[static_cast<std::size_t>(event.kind)]) + " " +
                         std::to_string(event.action.index()));
    }
    std::vector<std::string> results(const PlanOutcome& result) const {
        std::vector<std::string> names;
        for (const ActionOutcome& outcome : result.outcomes) names.emplace_back(name(outcome.result));
        return names;
    }
    MigrationState journalled(std::size_t vm) {
        for (const MigrationRecord& record : value(journal->recent_migrations(100))) {
            if (record.vm.name == "vm" + std::to_string(vm)) return record.state;
        }
        ADD_FAILURE() << "vm" << vm << " is not in the journal";
        return MigrationState::rejected;
    }

    int waits = 0;
    test::Scratch scratch;
    std::shared_ptr<test::World> world = test::make_world();
    test::VirtualClock clock;
    test::FakeHypervisor hypervisor{world, clock};
    std::unique_ptr<SqliteJournal> journal = open_journal(scratch.file("journal.db"));
    StopSignal stop;
    std::optional<Cluster> cluster;
    std::vector<std::string> events;
};

TEST_F(Runner, MovesAVmAndJournalsWhatWasMeasured) {
    place({0});
    const Plan plan{{move_vm(0, 0, 1)}, {}};
    const PlanOutcome result = value(run(plan));
    EXPECT_TRUE(result.status());
    EXPECT_THAT(results(result), ElementsAre("done"));
    EXPECT_THAT(events, ElementsAre("started 0", "progress 0", "finished 0"));
    EXPECT_EQ(running_copies(*world, "vm0"), 1);
    EXPECT_EQ(traces(*world, "vm0"), 1) << "the source keeps no definition";
    EXPECT_EQ(find(*world, "vm0").sides[1].state, SideState::running);

    const MigrationRecord record = value(journal->recent_migrations(1)).at(0);
    EXPECT_EQ(record.state, MigrationState::done);
    EXPECT_EQ(record.handover, Handover::paused);
    EXPECT_EQ(record.reason, describe(plan.actions[0].reason, *cluster));
    EXPECT_EQ(record.predicted_duration_s, 4.0);
    // 3 s of copying, then stopped for 0.1 s until the call returns; the resume itself takes no virtual time.
    EXPECT_NEAR(record.duration_s, 3.1, 1e-9);
    EXPECT_NEAR(record.downtime_s, 0.1, 1e-9);
    EXPECT_EQ(record.bytes_sent, 2e8);
    EXPECT_EQ(value(journal->recent_plans(1)).at(0).outcome, "done");
}

// A terminal that does not take what is written to it must not keep a guest paused.
TEST_F(Runner, AnObserverThatBlocksHoldsUpNoMigrationInFlight) {
    place({0});
    std::mutex mutex;
    std::condition_variable changed;
    bool resumed = false;
    hypervisor.acted = [&](const std::string& call) {
        const std::scoped_lock lock(mutex);
        resumed = resumed || call == "resume h2 vm0";
        changed.notify_all();
    };
    bool in_time = false;
    PlanRunner runner(hypervisor, *journal, clock, {});
    const PlanOutcome result =
        value(runner.run({{move_vm(0, 0, 1)}, {}}, *cluster, "spread", stop, [&](const RunEvent& event) {
            observe(event);
            if (event.kind != RunEvent::Kind::started) return;
            std::unique_lock lock(mutex);
            in_time = changed.wait_for(lock, std::chrono::seconds(60), [&] { return resumed; });
        }));
    EXPECT_TRUE(in_time) << "the guest waited for the observer";
    EXPECT_THAT(results(result), ElementsAre("done"));
    EXPECT_THAT(events, ElementsAre("started 0", "progress 0", "finished 0")) << "nothing is lost or out of order";
}

TEST_F(Runner, TheObserverIsCalledByTheCallersThreadWithTheFinalOutcome) {
    place({0, 2});
    const std::thread::id caller = std::this_thread::get_id();
    std::vector<const ActionOutcome*> seen;
    PlanRunner runner(hypervisor, *journal, clock, {});
    value(runner.run({{move_vm(0, 0, 1), move_vm(1, 2, 3)}, {}}, *cluster, "spread", stop, [&](const RunEvent& event) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        if (event.outcome != nullptr) seen.push_back(event.outcome);
        for (const ActionOutcome* outcome : seen) EXPECT_EQ(name(outcome->result), "done");
    }));
    EXPECT_EQ(seen.size(), 2U);
}

TEST_F(Runner, ATransientVmMovesToo) {
    cluster.emplace(cluster_with_vms_on({0}));
    add_vm(*world, "vm0", 0, false);
    EXPECT_THAT(results(value(run({{move_vm(0, 0, 1)}, {}}))), ElementsAre("done"));
    EXPECT_EQ(traces(*world, "vm0"), 1);
    EXPECT_TRUE(value(journal->recent_migrations(1)).at(0).reported_success);
}

TEST_F(Runner, APlanThatTheCheckerRejectsIsNeverStarted) {
    // h2 is full: 7 x 1000 MiB of 8192 MiB are taken, two more VMs do not fit.
    place({0, 0, 1, 1, 1, 1, 1, 1});
    hypervisor.handover = Handover::direct;
    const auto result = run({{move_vm(0, 0, 1), move_vm(1, 0, 1), move_vm(2, 1, 1)}, {}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::refused);
    EXPECT_THAT(result.error().message, HasSubstr("nothing of it was done"));
    EXPECT_EQ(hypervisor.migrations, 0);
    EXPECT_TRUE(value(journal->recent_plans(1)).empty());
    EXPECT_TRUE(events.empty());
}

TEST_F(Runner, DependenciesAreKept) {
    place({0, 0, 0});
    std::vector<std::string> order;
    hypervisor.while_copying = [&](const MigrationRequest& request) {
        order.push_back(request.vm.name);  // per host limit 1: one at a time
    };
    const Plan plan{{move_vm(0, 0, 1), move_vm(1, 0, 2, {ActionId(0)}), move_vm(2, 0, 3, {ActionId(1)})}, {}};
    EXPECT_TRUE(value(run(plan)).status());
    EXPECT_THAT(order, ElementsAre("vm0", "vm1", "vm2"));
}

// Both ways: as many at a time as allowed, and never more.
TEST_F(Runner, ConcurrencyLimitsAreUsedAndKept) {
    place({0, 0, 1, 1, 2, 2});
    std::mutex mutex;
    std::condition_variable changed;
    int in_flight = 0;
    int most = 0;
    int entered = 0;
    std::map<std::string, int> on_host;
    int most_on_host = 0;
    hypervisor.while_copying = [&](const MigrationRequest& request) {
        std::unique_lock lock(mutex);
        most = std::max(most, ++in_flight);
        for (const auto& host : {request.source.name, request.destination.name}) {
            most_on_host = std::max(most_on_host, ++on_host[host]);
        }
        ++entered;
        changed.notify_all();
        // The first two wait for each other: without parallelism this would never end.
        if (entered <= 2) changed.wait(lock, [&] { return entered >= 2; });
        --in_flight;
        for (const auto& host : {request.source.name, request.destination.name}) --on_host[host];
    };
    RunOptions options;
    options.parallel_max = 2;
    options.parallel_per_host_max = 1;
    // vm0: h1->h4 and vm2: h2->h3 share no host; every other pair shares one.
    const Plan plan{{move_vm(0, 0, 3), move_vm(1, 0, 2), move_vm(2, 1, 2), move_vm(3, 1, 3), move_vm(4, 2, 3)}, {}};
    EXPECT_TRUE(value(run(plan, options)).status());
    EXPECT_EQ(most, 2);
    EXPECT_EQ(most_on_host, 1);
    EXPECT_EQ(entered, 5);
}

TEST_F(Runner, AFailureSkipsWhatDependsOnItAndNothingElse) {
    place({0, 0, 2});
    find(*world, "vm0").ending = Ending::rolled_back;
    const Plan plan{{move_vm(0, 0, 1), move_vm(1, 0, 1, {ActionId(0)}), move_vm(2, 2, 3)}, {}};
    const PlanOutcome result = value(run(plan));
    EXPECT_THAT(results(result), ElementsAre("rolled-back", "skipped", "done"));
    EXPECT_EQ(result.outcomes[1].text, "it waits for the move of vm0 to h2, which was not done");
    ASSERT_FALSE(result.status());
    EXPECT_EQ(result.status().error().kind, ErrorKind::partial);
    EXPECT_THAT(result.status().error().message, HasSubstr("1 of 3 actions done"));
    EXPECT_EQ(journalled(0), MigrationState::rolled_back);
    for (const MigrationRecord& record : value(journal->recent_migrations(10))) {  // vm0 and vm2 began in any order
        if (record.vm.name == "vm0") {
            EXPECT_THAT(record.note, HasSubstr("client socket is closed"));
        }
    }
}

TEST_F(Runner, NothingDoneIsAFailureNotAPart) {
    place({0});
    find(*world, "vm0").ending = Ending::leftover;
    const PlanOutcome result = value(run({{move_vm(0, 0, 1)}, {}}));
    EXPECT_EQ(result.status().error().kind, ErrorKind::failed);
    EXPECT_EQ(traces(*world, "vm0"), 1) << "the leftover definition is gone";
    EXPECT_EQ(find(*world, "vm0").sides[0].state, SideState::running);
}

TEST_F(Runner, PreflightFindingsRejectBeforeAnythingIsDone) {
    place({0, 2});
    hypervisor.finding_for = "vm0";
    const PlanOutcome result = value(run({{move_vm(0, 0, 1), move_vm(1, 2, 3)}, {}}));
    EXPECT_THAT(results(result), ElementsAre("rejected", "done"));
    EXPECT_EQ(result.outcomes[0].text, "pre-flight: vm0 has a snapshot; delete it [snapshots]");
    EXPECT_EQ(journalled(0), MigrationState::rejected);
    EXPECT_EQ(hypervisor.migrations, 1);
}

TEST_F(Runner, AVetoRejectsThatMigrationAlone) {
    place({0, 2});
    RunOptions options;
    options.veto = [](const MigrationRequest& request) -> std::optional<std::string> {
        const bool mine = request.vm.name == "vm0" && request.source.name == "h1" && request.destination.name == "h2";
        return mine ? std::optional<std::string>("vetoed: a backup runs") : std::nullopt;
    };
    const PlanOutcome result = value(run({{move_vm(0, 0, 1), move_vm(1, 2, 3)}, {}}, options));
    EXPECT_THAT(results(result), ElementsAre("rejected", "done"));
    EXPECT_EQ(result.outcomes[0].text, "vetoed: a backup runs");
    EXPECT_EQ(journalled(0), MigrationState::rejected);
    EXPECT_EQ(hypervisor.migrations, 1);
}

TEST_F(Runner, APlanOfWhichPreflightRejectsEverythingIsRefused) {
    place({0, 0, 2});
    hypervisor.finding_for = "vm0";
    const PlanOutcome all = value(run({{move_vm(0, 0, 1), move_vm(1, 0, 1, {ActionId(0)})}, {}}));
    EXPECT_THAT(results(all), ElementsAre("rejected", "skipped"));
    EXPECT_EQ(all.status().error().kind, ErrorKind::refused);
    find(*world, "vm2").ending = Ending::rolled_back;
    const PlanOutcome tried = value(run({{move_vm(0, 0, 1), move_vm(2, 2, 3)}, {}}));
    EXPECT_THAT(results(tried), ElementsAre("rejected", "rolled-back"));
    EXPECT_EQ(tried.status().error().kind, ErrorKind::failed);
}

TEST_F(Runner, ADestinationThatIsNotFreeIsRejected) {
    place({0});
    find(*world, "vm0").sides[1] = {SideState::paused, "user", false, true};
    EXPECT_THAT(results(value(run({{move_vm(0, 0, 1)}, {}}))), ElementsAre("rejected"));
    EXPECT_EQ(hypervisor.migrations, 0);
    EXPECT_EQ(find(*world, "vm0").sides[1].state, SideState::paused) << "it is not ours to clean up";
}

TEST_F(Runner, AVmWithAnOpenMigrationIsNotTouched) {
    place({0});
    const std::int64_t plan_id = value(journal->begin_plan({0, 1.7e9, "spread", "", 1}, "{}"));
    value(journal->open_migration(test::sample_record("vm0", plan_id)));
    const PlanOutcome result = value(run({{move_vm(0, 0, 1)}, {}}));
    EXPECT_THAT(results(result), ElementsAre("rejected"));
    EXPECT_THAT(result.outcomes[0].text, HasSubstr("ballast recover"));
    EXPECT_EQ(hypervisor.migrations, 0);
}

// Fact: a "failed" migration may have moved the VM.
TEST_F(Runner, AFailureThatMovedTheVmIsASuccess) {
    for (const Handover handover : {Handover::direct, Handover::paused}) {
        SCOPED_TRACE(name(handover));
        world = test::make_world();
        place({0});
        find(*world, "vm0").ending = Ending::moved_but_failed;
        test::FakeHypervisor there(world, clock);
        there.handover = handover;
        PlanRunner runner(there, *journal, clock, {});
        const PlanOutcome result = value(runner.run({{move_vm(0, 0, 1)}, {}}, *cluster, "spread", stop, {}));
        EXPECT_EQ(running_copies(*world, "vm0"), 1);
        EXPECT_EQ(traces(*world, "vm0"), 1);
        EXPECT_EQ(world->running_most, 1);
        EXPECT_EQ(world->lost, 0);
        // With the guest started by libvirt it is on the destination; held back by Ballast it goes on at the source,
        // which holds its memory for certain.
        EXPECT_EQ(results(result)[0], handover == Handover::direct ? "done" : "rolled-back");
    }
}

TEST_F(Runner, AGuestStoppedAtTheSourceIsResumedThere) {
    place({0});
    find(*world, "vm0").ending = Ending::stuck_but_arrived_not;
    EXPECT_THAT(results(value(run({{move_vm(0, 0, 1)}, {}}))), ElementsAre("rolled-back"));
    EXPECT_THAT(hypervisor.calls, ElementsAre("resume h1 vm0"));
    EXPECT_EQ(running_copies(*world, "vm0"), 1);
}

TEST_F(Runner, ASplitBrainIsStoppedOnTheDestinationAndHandedOver) {
    place({0});
    find(*world, "vm0").ending = Ending::split_brain;
    hypervisor.handover = Handover::direct;
    const PlanOutcome result = value(run({{move_vm(0, 0, 1)}, {}}));
    EXPECT_THAT(results(result), ElementsAre("needs-operator"));
    EXPECT_EQ(result.status().error().kind, ErrorKind::partial);
    EXPECT_THAT(hypervisor.calls, ElementsAre("suspend h2 vm0"));
    EXPECT_EQ(find(*world, "vm0").sides[0].state, SideState::running);
    const MigrationRecord record = value(journal->open_migrations()).at(0);
    EXPECT_TRUE(record.copies_diverged);
    EXPECT_THAT(record.note, HasSubstr("virsh -c fake://h2/system destroy vm0"));
}

TEST_F(Runner, ASourceThatDoesNotAnswerAfterwardsIsAPersonsBusiness) {
    place({0});
    find(*world, "vm0").ending = Ending::source_lost;
    const PlanOutcome result = value(run({{move_vm(0, 0, 1)}, {}}));
    EXPECT_THAT(results(result), ElementsAre("needs-operator"));
    EXPECT_TRUE(hypervisor.calls.empty()) << "nothing is started while the other side is unknown";
    EXPECT_EQ(running_copies(*world, "vm0"), 0);
    EXPECT_THAT(result.outcomes[0].text,
                HasSubstr("the source's is on a host that does not answer (make sure first that it is off)"));
}

TEST_F(Runner, ASourceThatComesBackInTimeIsNot) {
    place({0});
    find(*world, "vm0").ending = Ending::source_lost;
    world->looks_until_back = 20;
    EXPECT_THAT(results(value(run({{move_vm(0, 0, 1)}, {}}))), ElementsAre("done"));
    EXPECT_EQ(running_copies(*world, "vm0"), 1);
    EXPECT_EQ(traces(*world, "vm0"), 1);
}

TEST_F(Runner, ASourceThatComesBackWithoutAMemoryHasLetTheVmGoAllTheSame) {
    place({0});
    find(*world, "vm0").ending = Ending::source_lost;
    world->looks_until_back = 20;
    world->forgets = true;
    EXPECT_THAT(results(value(run({{move_vm(0, 0, 1)}, {}}))), ElementsAre("done")) << "the call said so";
    EXPECT_EQ(running_copies(*world, "vm0"), 1);
    EXPECT_EQ(traces(*world, "vm0"), 1);
}

TEST_F(Runner, AResumeThatKeepsFailingIsAPersonsBusiness) {
    place({0, 2});
    hypervisor.resume_failures = 2;
    EXPECT_THAT(results(value(run({{move_vm(0, 0, 1)}, {}}))), ElementsAre("done")) << "the third try succeeds";
    hypervisor.resume_failures = 3;
    const PlanOutcome result = value(run({{move_vm(1, 2, 3)}, {}}));
    EXPECT_THAT(results(result), ElementsAre("needs-operator"));
    EXPECT_THAT(result.outcomes[0].text, HasSubstr("cannot acquire state change lock"));
}

TEST_F(Runner, TheFirstStopLetsRunningMigrationsFinish) {
    place({0, 2, 0});
    hypervisor.while_copying = [&](const MigrationRequest&) { stop.request(); };
    RunOptions options;
    options.parallel_max = 1;
    const PlanOutcome result = value(run({{move_vm(0, 0, 1), move_vm(1, 2, 3), move_vm(2, 0, 1)}, {}}, options));
    EXPECT_TRUE(result.stopped);
    EXPECT_THAT(results(result), ElementsAre("done", "skipped", "skipped"));
    EXPECT_EQ(result.outcomes[1].text, "stopped before it began");
    EXPECT_EQ(result.status().error().kind, ErrorKind::partial);
}

TEST_F(Runner, AGateThatClosesLetsRunningMigrationsFinishAndBeginsNoMore) {
    place({0, 2, 0});
    std::atomic<bool> held = false;
    hypervisor.while_copying = [&](const MigrationRequest&) { held = true; };
    RunOptions options;
    options.parallel_max = 1;
    const StartGate gate = [&]() -> std::optional<std::string> {
        if (held) return "on hold";
        return std::nullopt;
    };
    const PlanOutcome result = value(run({{move_vm(0, 0, 1), move_vm(1, 2, 3), move_vm(2, 0, 1)}, {}}, options, gate));
    EXPECT_FALSE(result.stopped);
    EXPECT_THAT(results(result), ElementsAre("done", "skipped", "skipped"));
    EXPECT_EQ(result.outcomes[1].text, "not begun: on hold");
    EXPECT_EQ(result.status().error().kind, ErrorKind::partial);
}

TEST_F(Runner, BehindAClosedGateNothingIsEvenJournalled) {
    place({0});
    const auto result = run({{move_vm(0, 0, 1)}, {}}, {}, [] { return std::optional<std::string>("on hold"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::refused);
    EXPECT_EQ(result.error().message, "nothing was done: on hold");
    EXPECT_TRUE(value(journal->recent_plans(1)).empty());
}

TEST_F(Runner, WhileNothingHappensTheObserverHearsThatTheRunIsAlive) {
    place({0});
    hypervisor.while_copying = [&](const MigrationRequest&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    };
    EXPECT_THAT(results(value(run({{move_vm(0, 0, 1)}, {}}))), ElementsAre("done"));
    EXPECT_GE(waits, 1);
}

TEST_F(Runner, TheSecondStopAbortsThem) {
    place({0});
    hypervisor.while_copying = [&](const MigrationRequest&) {
        stop.request();
        stop.request();
    };
    const PlanOutcome result = value(run({{move_vm(0, 0, 1)}, {}}));
    EXPECT_THAT(results(result), ElementsAre("rolled-back"));
    EXPECT_THAT(result.outcomes[0].text, HasSubstr("aborted"));
    EXPECT_EQ(find(*world, "vm0").sides[0].state, SideState::running);
}

TEST_F(Runner, PowerActionsAreSkippedAndDoNotSpoilTheResult) {
    place({0});
    Action off;
    off.kind = ActionKind::power_off;
    off.host = HostId(0);
    off.after = {ActionId(0)};
    const PlanOutcome result = value(run({{move_vm(0, 0, 1), off}, {}}));
    EXPECT_THAT(results(result), ElementsAre("done", "no-power-control"));
    EXPECT_EQ(result.outcomes[1].text, "no power control configured");
    EXPECT_TRUE(result.status());
}

// A journal that fails at its n-th change.
class FullDisk final : public Journal {
  public:
    FullDisk(Journal& journal, int works) : journal_(journal), works_(works) {}
    Result<std::int64_t> begin_plan(const PlanRecord& p, std::string_view j) override {
        return journal_.begin_plan(p, j);
    }
    Status end_plan(std::int64_t id, std::string_view o, double t) override { return journal_.end_plan(id, o, t); }
    Result<std::int64_t> open_migration(const MigrationRecord& r) override {
        if (works_-- <= 0) return full();
        return journal_.open_migration(r);
    }
    Status update_migration(const MigrationRecord& r) override {
        if (works_-- <= 0) return full();
        return journal_.update_migration(r);
    }
    Result<std::vector<MigrationRecord>> open_migrations() override { return journal_.open_migrations(); }
    Result<std::vector<MigrationRecord>> recent_migrations(int n) override { return journal_.recent_migrations(n); }
    Result<std::vector<PlanRecord>> recent_plans(int n) override { return journal_.recent_plans(n); }
    Result<std::vector<JournalMove>> past_moves(double n, double w) override { return journal_.past_moves(n, w); }

  private:
    static tl::unexpected<Error> full() { return fail(ErrorKind::failed, "database or disk is full"); }
    Journal& journal_;
    int works_;
};

TEST_F(Runner, WithoutAJournalNothingStarts) {
    place({0, 2});
    for (const int works : {0, 1}) {  // fails at the intent; fails at `migrating`
        FullDisk full(*journal, works);
        RunOptions one_at_a_time;
        one_at_a_time.parallel_max = 1;
        PlanRunner runner(hypervisor, full, clock, one_at_a_time);
        const PlanOutcome result =
            value(runner.run({{move_vm(0, 0, 1), move_vm(1, 2, 3)}, {}}, *cluster, "x", stop, {}));
        EXPECT_THAT(results(result), ElementsAre("failed", "skipped"));
        EXPECT_EQ(hypervisor.migrations, 0);
        EXPECT_EQ(result.status().error().kind, ErrorKind::partial);
    }
}

TEST_F(Runner, AJournalThatFailsInTheMiddleDoesNotLeaveTheGuestPaused) {
    place({0});
    FullDisk full(*journal, 2);  // intent and `migrating` only
    PlanRunner runner(hypervisor, full, clock, {});
    const PlanOutcome result = value(runner.run({{move_vm(0, 0, 1)}, {}}, *cluster, "x", stop, {}));
    EXPECT_THAT(results(result), ElementsAre("failed"));
    EXPECT_EQ(running_copies(*world, "vm0"), 1);
    EXPECT_EQ(value(journal->open_migrations()).size(), 1U) << "recovery closes it";
}

TEST_F(Runner, TheActuatorCountsWhatBecameOfThePlan) {
    place({0, 0, 2});
    find(*world, "vm0").ending = Ending::rolled_back;
    PlanRunner runner(hypervisor, *journal, clock, {});
    PlanActuator actuator(runner, stop, {});
    const Plan plan{{move_vm(0, 0, 1), move_vm(1, 0, 1, {ActionId(0)}), move_vm(2, 2, 3)}, {}};
    const ActuationReport report = value(actuator.carry_out(plan, *cluster, "spread"));
    EXPECT_EQ(report.done, 1U);
    EXPECT_EQ(report.failed, 1U);
    EXPECT_EQ(report.skipped, 1U);
    ASSERT_TRUE(actuator.outcome());
    EXPECT_EQ(actuator.outcome()->outcomes.size(), 3U);
}

}  // namespace
}  // namespace ballast
