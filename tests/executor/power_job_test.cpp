// SPDX-License-Identifier: Apache-2.0
#include "executor/power_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "executor/runner.hpp"
#include "executor/this_machine.hpp"
#include "tests/executor/fake_power.hpp"
#include "tests/executor/scratch.hpp"

namespace ballast {
namespace {

using test::add_vm;
using test::FakePower;
using test::value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr SwitchKind to_sleep = SwitchKind::sleep;
constexpr SwitchKind to_wake = SwitchKind::wake;

// Everything is about h2, on which nothing runs.
class Power : public testing::Test {
  protected:
    SwitchOutcome run(SwitchKind kind, bool on_trial = false) {
        SwitchOrder order = switch_order(spec(), kind);
        order.record.reason = "a test";
        if (!uri.empty()) order.record.host.uri = uri;
        order.wake_is_on_trial = on_trial;
        return run_switch(ports, hypervisor, clock, order, timing, stop, [this](const std::string& note) {
            if (at_note) at_note(note);
        });
    }
    static HostSpec spec() {
        HostSpec host = test::host("h2", 8000.0, 8192.0);
        host.uri = "fake://h2/system";
        host.cpus = 16;
        host.cpu.model = "Skylake-Server";
        host.hypervisor_version = 7002022;
        return host;
    }
    PowerPast past() {
        for (PowerPast& one : value(journal->power_pasts())) {
            if (one.host == "h2") return one;
        }
        return {};
    }
    SwitchRecord last() { return value(journal->recent_switches(1)).at(0); }
    void expect_rejected(const SwitchOutcome& outcome, const std::string& because) {
        EXPECT_EQ(name(outcome.state), "rejected");
        EXPECT_THAT(outcome.text, HasSubstr(because));
        EXPECT_EQ(h2.sleeps, 0) << "nothing was done";
        EXPECT_TRUE(value(journal->open_switches()).empty());
        EXPECT_EQ(past().quarantined_because, "");
    }

    test::Scratch scratch;
    std::shared_ptr<test::World> world = test::make_world();
    FakePower& h2 = world->power[1];
    test::VirtualClock clock;
    test::FakeHypervisor hypervisor{world, clock};
    test::FakePowerControl control{world};
    std::unique_ptr<SqliteJournal> journal = test::open_journal(scratch.file("journal.db"));
    PowerPorts ports{control, *journal};
    PowerTiming timing;
    StopSignal stop;
    std::string uri;  // of h2, if not its usual one
    std::function<void(const std::string&)> at_note;
};

TEST_F(Power, AnEmptyHostIsPutToSleepAndWokenAndTheJournalKnows) {
    const SwitchOutcome slept = run(to_sleep);
    EXPECT_EQ(name(slept.state), "done") << slept.text;
    EXPECT_TRUE(h2.asleep);
    EXPECT_TRUE(past().asleep);
    EXPECT_EQ(past().facts.cpus, 16U) << "a host that is silent is known by what it was";
    EXPECT_EQ(past().facts.cpu.model, "Skylake-Server");
    // Told to sleep, it goes with the second look, one poll after the first; its control says so with the third.
    EXPECT_NEAR(slept.duration_s, 2.0 * timing.poll_s, 1e-6);

    const SwitchOutcome woken = run(to_wake);
    EXPECT_EQ(name(woken.state), "done") << woken.text;
    EXPECT_FALSE(h2.asleep);
    EXPECT_FALSE(past().asleep);
    EXPECT_TRUE(past().wake_proven);
    EXPECT_EQ(last().reason, "a test");
}

TEST_F(Power, AHostWithGuestsStaysOnWhoeverStartedThem) {
    add_vm(*world, "stranger", 1);
    expect_rejected(run(to_sleep), "h2 is not empty: stranger");
}

TEST_F(Power, APausedGuestIsAGuest) {
    add_vm(*world, "web", 1).sides[1].state = SideState::paused;
    expect_rejected(run(to_sleep), "h2 is not empty: web");
}

TEST_F(Power, AGuestThatAppearsBetweenTheTwoLooksSavesTheHost) {
    h2.guest_at_look = 2;
    expect_rejected(run(to_sleep), "h2 is not empty: stranger");
    EXPECT_EQ(h2.looks, 2);
}

// What takes time, asking the control and writing the journal, comes before the last look.
TEST_F(Power, TheLastLookAtTheGuestsIsTheLastThingBeforeTheCommand) {
    at_note = [&](const std::string& note) {
        if (note.find("putting") == std::string::npos) return;
        EXPECT_EQ(name(last().state), "switching");
        add_vm(*world, "late", 1);
    };
    expect_rejected(run(to_sleep), "h2 is not empty: late");
    EXPECT_EQ(last().note, "h2 is not empty: late");
}

TEST_F(Power, AGuestThatIsThereWhenTheHostWasToldToSleepIsAnAlarm) {
    h2.guest_at_look = 3;  // the first one after the command
    h2.takes_looks = 4;
    const SwitchOutcome outcome = run(to_sleep);
    EXPECT_EQ(name(outcome.state), "failed");
    EXPECT_THAT(outcome.text, HasSubstr("stranger runs on h2, which was told to sleep; a wake was sent"));
    EXPECT_EQ(h2.wakes, 2) << "at once, and when it had gone";
    EXPECT_THAT(past().quarantined_because, HasSubstr("stranger"));
    EXPECT_FALSE(past().asleep) << "its guests are not given up";
}

TEST_F(Power, AHostThatStaysOnWithItsGuestIsAnAlarmToo) {
    h2.guest_at_look = 3;
    h2.ignores_sleep = true;
    EXPECT_EQ(name(run(to_sleep).state), "failed");
    EXPECT_EQ(h2.wakes, 1);
    EXPECT_FALSE(h2.asleep);
}

TEST_F(Power, AHostThatDoesNotAnswerIsNotTouched) {
    world->unreachable[1] = true;
    expect_rejected(run(to_sleep), "what runs on h2 cannot be seen: h2: no route to host");
}

TEST_F(Power, AControlThatDoesNotAnswerCouldNotWakeItEither) {
    h2.control_silent = true;
    expect_rejected(run(to_sleep), "could not be woken: the BMC does not answer");
}

TEST_F(Power, ADrainedHostIsAPersons) {
    EXPECT_TRUE(journal->drain("h2", 1.0));
    expect_rejected(run(to_sleep), "a person drained h2");
}

TEST_F(Power, AHostWithAnOpenMigrationStaysOn) {
    const std::int64_t plan = value(journal->begin_plan({0, 1.7e9, "x", "", 1}, "{}"));
    value(journal->open_migration(test::sample_record("web", plan)));  // from h1 to h2
    expect_rejected(run(to_sleep), "migration 1 of web from or to h2 is open");
}

TEST_F(Power, NobodySleepsWhoWasNeverSeenToWake) {
    control.wake_vouched = false;
    expect_rejected(run(to_sleep), "nobody has seen h2 wake up yet; try it with `ballast power h2 test`");
    // The trial: sleep and wake. Then it may.
    EXPECT_EQ(name(run(to_sleep, true).state), "done");
    EXPECT_EQ(name(run(to_wake, true).state), "done");
    EXPECT_EQ(name(run(to_sleep).state), "done");
}

TEST_F(Power, AStopBetweenTheLooksIsHeeded) {
    at_note = [&](const std::string& note) {
        if (note.find("looking again") != std::string::npos) stop.request();
    };
    expect_rejected(run(to_sleep), "stopped before it began");
}

TEST_F(Power, ASleepThatIsRefusedPutsTheHostInQuarantine) {
    h2.refuses_sleep = true;
    const SwitchOutcome outcome = run(to_sleep);
    EXPECT_EQ(name(outcome.state), "failed");
    EXPECT_THAT(outcome.text, HasSubstr("h2 does not sleep: not supported in present state"));
    EXPECT_FALSE(past().asleep);
    EXPECT_THAT(past().quarantined_because, HasSubstr("not supported"));
    EXPECT_TRUE(past().may_fall_asleep) << "whatever was answered";
    h2.refuses_sleep = false;
    EXPECT_THAT(run(to_sleep).text, HasSubstr("h2 is in quarantine: h2 does not sleep"));
    EXPECT_EQ(h2.sleeps, 1);
    EXPECT_TRUE(value(journal->clear_quarantine("h2", clock.unix_time_s())));
    EXPECT_EQ(name(run(to_sleep).state), "done");
}

TEST_F(Power, ASleepThatIsIgnoredFailsAfterItsTime) {
    h2.ignores_sleep = true;
    const SwitchOutcome outcome = run(to_sleep);
    EXPECT_EQ(name(outcome.state), "failed");
    EXPECT_THAT(outcome.text, HasSubstr("it was told to sleep and did not"));
    EXPECT_NEAR(outcome.duration_s, timing.sleep_s_min, timing.poll_s);
}

TEST_F(Power, ACommandThatWasCutOffMayHaveWorked) {
    h2.sleeps_with_error = true;
    EXPECT_EQ(name(run(to_sleep).state), "done");
    EXPECT_TRUE(past().asleep);
}

TEST_F(Power, ACommandThatWasCutOffIsWaitedForAsLongAsAnyOther) {
    h2.sleeps_with_error = true;
    h2.takes_looks = 100;  // at 2 s each
    EXPECT_EQ(name(run(to_sleep).state), "done");
    EXPECT_TRUE(past().asleep);
}

TEST_F(Power, WhereNothingCanTellSilenceIsSleepIfItLasts) {
    h2.control_blind = true;
    const SwitchOutcome outcome = run(to_sleep);
    EXPECT_EQ(name(outcome.state), "done") << outcome.text;
    // Silent from the second look on; the third silent one is believed.
    EXPECT_NEAR(outcome.duration_s, 3.0 * timing.poll_s, 1e-6);
}

TEST_F(Power, ASlowHostIsWaitedFor) {
    EXPECT_EQ(name(run(to_sleep).state), "done");
    h2.takes_looks = 55;  // at 2 s each; within the 120 s that any host gets
    const SwitchOutcome outcome = run(to_wake);
    EXPECT_EQ(name(outcome.state), "done");
    EXPECT_NEAR(outcome.duration_s, 54.0 * timing.poll_s, 1e-6);
    EXPECT_EQ(h2.wakes, 1);
}

TEST_F(Power, AWakeThatGotLostIsSentOnceMore) {
    EXPECT_EQ(name(run(to_sleep).state), "done");
    h2.wakes_ignored = 1;
    EXPECT_EQ(name(run(to_wake).state), "done");
    EXPECT_EQ(h2.wakes, 2);
}

TEST_F(Power, AHostThatDoesNotWakeIsQuarantinedAndStillKnownToBeAsleep) {
    EXPECT_EQ(name(run(to_sleep).state), "done");
    h2.wakes_refused = 1;
    h2.wakes_ignored = 1;
    const SwitchOutcome outcome = run(to_wake);
    EXPECT_EQ(name(outcome.state), "failed");
    EXPECT_THAT(outcome.text, HasSubstr("h2 does not wake: it was told to wake and did not; it is left alone"));
    EXPECT_TRUE(past().asleep);
    EXPECT_FALSE(past().wake_proven);
    EXPECT_NE(past().quarantined_because, "");

    // A person may try again by hand; that alone does not end the quarantine.
    EXPECT_EQ(name(run(to_wake).state), "done");
    EXPECT_FALSE(past().asleep);
    EXPECT_THAT(run(to_sleep).text, HasSubstr("h2 is in quarantine"));
    EXPECT_TRUE(value(journal->clear_quarantine("h2", clock.unix_time_s())));
    EXPECT_FALSE(value(journal->clear_quarantine("h2", clock.unix_time_s())));
    EXPECT_EQ(name(run(to_sleep).state), "done");
}

TEST_F(Power, AHostThatIsAwakeAlreadyIsDoneButProvesNothing) {
    EXPECT_EQ(name(run(to_wake).state), "done");
    EXPECT_FALSE(past().wake_proven);
    h2.control_blind = true;
    EXPECT_EQ(name(run(to_wake).state), "done");
    EXPECT_FALSE(past().wake_proven);
}

TEST_F(Power, WhereNothingCanTellASilentHostThatWasPutToSleepIsSeenAsleep) {
    h2.control_blind = true;
    h2.asleep = true;  // by somebody else
    EXPECT_EQ(name(run(to_wake).state), "done");
    EXPECT_FALSE(past().wake_proven) << "it may have been unreachable";
    EXPECT_EQ(name(run(to_sleep).state), "done");
    EXPECT_EQ(name(run(to_wake).state), "done");
    EXPECT_TRUE(past().wake_proven);
}

TEST_F(Power, TheMachineThatBallastRunsOnStaysOn) {
    EXPECT_TRUE(is_this_machine({"h2", "qemu:///system", ""}, "ballast"));
    EXPECT_TRUE(is_this_machine({"h2", "qemu+ssh://root@localhost:22/system", ""}, "ballast"));
    EXPECT_TRUE(is_this_machine({"h2", "qemu+tcp://127.0.0.1/system", ""}, "ballast"));
    EXPECT_TRUE(is_this_machine({"h2", "qemu+tcp://[::1]:16509/system", ""}, "ballast"));
    EXPECT_TRUE(is_this_machine({"h2", "qemu+unix:///system?socket=/run/x", ""}, "ballast"));
    EXPECT_TRUE(is_this_machine({"h2", "qemu+tcp://10.0.0.2/system", ""}, "H2.example.org"));
    EXPECT_TRUE(is_this_machine({"node", "qemu+tls://h2.example.org/system", ""}, "h2"));
    EXPECT_FALSE(is_this_machine({"h2", "qemu+tcp://10.0.0.2/system", ""}, "h1"));
    EXPECT_FALSE(is_this_machine({"h2", "qemu+ssh://root@h2:22/system", ""}, "h22"));
    EXPECT_FALSE(is_this_machine({"h2", "qemu+tcp://10.0.0.2/system", ""}, "10"));
    EXPECT_FALSE(is_this_machine({"h2", "qemu+tcp://h2/system", ""}, ""));
    uri = "qemu:///system";
    expect_rejected(run(to_sleep), "h2 is the machine that Ballast runs on");
    EXPECT_EQ(name(run(to_wake).state), "done") << "waking harms nobody";
}

TEST_F(Power, TheSecondStopGivesUpWaitingAndLeavesItToRecovery) {
    h2.ignores_sleep = true;
    at_note = [&](const std::string& note) {
        if (note.find("putting") == std::string::npos) return;
        stop.request();
        stop.request();
    };
    const SwitchOutcome outcome = run(to_sleep);
    EXPECT_EQ(name(outcome.state), "switching");
    EXPECT_THAT(outcome.text, HasSubstr("ballast recover"));
    EXPECT_EQ(value(journal->open_switches()).size(), 1U);
    EXPECT_EQ(name(run(to_wake).state), "rejected") << "one switch of a host at a time";
}

// --- in a plan
// --------------------------------------------------------------------------------------------------------

Action power(ActionKind kind, std::size_t host, std::vector<ActionId> after = {}) {
    Action action;
    action.kind = kind;
    action.host = HostId(host);
    action.reason = {ReasonCode::sleep_empty, HostId(host), {}, {}, Resource::cpu, 55.0, 0.0};
    action.after = std::move(after);
    return action;
}

class PowerInPlan : public Power {
  protected:
    PlanOutcome run_plan(const Plan& plan, const Cluster& cluster, const RunOptions& options = {}) {
        PlanRunner runner(hypervisor, *journal, clock, options, &ports);
        return value(runner.run(plan, cluster, "consolidate", stop, {}));
    }
    static std::vector<std::string> results(const PlanOutcome& result) {
        std::vector<std::string> names;
        for (const ActionOutcome& outcome : result.outcomes) names.emplace_back(name(outcome.result));
        return names;
    }
    // h1 to h4, VMs on these, and these hosts asleep.
    Cluster cluster(const std::vector<std::size_t>& vms, const std::vector<std::size_t>& asleep) {
        const Cluster on = test::cluster_with_vms_on(vms);
        for (std::size_t i = 0; i < vms.size(); ++i) add_vm(*world, "vm" + std::to_string(i), vms[i]);
        ClusterState state = on.state();
        for (const std::size_t host : asleep) {
            state.hosts[host].power = PowerState::asleep;
            world->power[host].asleep = true;
        }
        return value(Cluster::make(on.shared_inventory(), std::move(state)));
    }
};

TEST_F(PowerInPlan, AHostIsEmptiedAndThenPutToSleep) {
    const Plan plan{{test::move_vm(0, 1, 0), power(ActionKind::power_off, 1, {ActionId(0)})}, {}};
    const PlanOutcome outcome = run_plan(plan, cluster({1}, {}));
    EXPECT_THAT(results(outcome), ElementsAre("done", "done"));
    EXPECT_TRUE(outcome.status());
    EXPECT_TRUE(h2.asleep);
    EXPECT_EQ(last().plan_id, outcome.plan_id);
    EXPECT_THAT(last().reason, HasSubstr("h2 is empty"));
}

TEST_F(PowerInPlan, AHostThatCouldNotBeEmptiedStaysOn) {
    const Cluster with_vm = cluster({1}, {});
    find(*world, "vm0").ending = test::Ending::rolled_back;
    const Plan plan{{test::move_vm(0, 1, 0), power(ActionKind::power_off, 1, {ActionId(0)})}, {}};
    EXPECT_THAT(results(run_plan(plan, with_vm)), ElementsAre("rolled-back", "skipped"));
    EXPECT_EQ(h2.sleeps, 0);
}

TEST_F(PowerInPlan, AMigrationWaitsUntilItsDestinationIsAwake) {
    const Cluster sleeping = cluster({0}, {1});
    h2.takes_looks = 10;
    hypervisor.while_copying = [&](const MigrationRequest&) { EXPECT_FALSE(h2.asleep); };
    const Plan plan{{power(ActionKind::power_on, 1), test::move_vm(0, 0, 1, {ActionId(0)})}, {}};
    EXPECT_THAT(results(run_plan(plan, sleeping)), ElementsAre("done", "done"));
}

TEST_F(PowerInPlan, AWakeThatFailsSkipsWhatWaitsForItAndIsAPersonsBusiness) {
    const Cluster sleeping = cluster({0}, {1});
    h2.wakes_ignored = 2;
    const Plan plan{{power(ActionKind::power_on, 1), test::move_vm(0, 0, 1, {ActionId(0)})}, {}};
    const PlanOutcome outcome = run_plan(plan, sleeping);
    EXPECT_THAT(results(outcome), ElementsAre("needs-operator", "skipped"));
    EXPECT_EQ(outcome.status().error().kind, ErrorKind::partial);
    EXPECT_THAT(outcome.status().error().message, HasSubstr("h2 does not wake"));
}

TEST_F(PowerInPlan, AHostWithoutAMethodIsLeftAlone) {
    control.no_method_for = "h2";
    const PlanOutcome outcome =
        run_plan({{power(ActionKind::power_off, 1), power(ActionKind::power_off, 2)}, {}}, cluster({0}, {}));
    EXPECT_THAT(results(outcome), ElementsAre("no-power-control", "done"));
    EXPECT_TRUE(outcome.status());
}

// Everything fits on any one host: three of the four may sleep but for the one that would have to take over.
TEST_F(PowerInPlan, NoHostIsPutToSleepThatWouldBeNeededIfAnotherFailed) {
    RunOptions options;
    options.spare_hosts = 1;
    const Plan plan{{power(ActionKind::power_off, 3), power(ActionKind::power_off, 2, {ActionId(0)}),
                     power(ActionKind::power_off, 1, {ActionId(1)})},
                    {}};
    const PlanOutcome outcome = run_plan(plan, cluster({0, 0}, {}), options);
    EXPECT_THAT(results(outcome), ElementsAre("done", "done", "rejected"));
    EXPECT_EQ(outcome.outcomes[2].text, "with h2 asleep, no host would have room for vm0 if h1 failed");
    EXPECT_TRUE(world->power[2].asleep);
    EXPECT_EQ(world->power[1].sleeps, 0);
    EXPECT_EQ(name(last().state), "rejected") << "the journal remembers, so that plans leave it in peace for a while";
    EXPECT_EQ(last().host.name, "h2");
}

TEST_F(PowerInPlan, HostsSleepSideBySideWithinTheLimit) {
    RunOptions options;
    options.switches_max = 1;
    PlanRunner runner(hypervisor, *journal, clock, options, &ports);
    const Plan plan{{power(ActionKind::power_off, 1), power(ActionKind::power_off, 2)}, {}};
    EXPECT_THAT(results(value(runner.run(plan, cluster({0}, {}), "x", stop, {}))), ElementsAre("done", "done"));
    EXPECT_THAT(value(journal->open_switches()), IsEmpty());
}

}  // namespace
}  // namespace ballast
