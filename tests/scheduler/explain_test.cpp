// SPDX-License-Identifier: Apache-2.0
#include "scheduler/explain.hpp"

#include "scheduler/policy_options.hpp"
#include "scheduler/sequence.hpp"
#include "tests/scheduler/random_cluster.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// A decision with all that it was made from. Usable CPU is 1000 MHz and memory 10000 MiB per host, as in Scene.
struct Explained {
    Cluster cluster;
    History history;
    MigrationModel model;
    Decision decision;
    std::unique_ptr<Explainer> explainer;

    Explained(Cluster made, History past, const std::string& policy)
        : cluster(std::move(made)), history(std::move(past)) {
        Rng rng(1);
        decision = value(decide(input(), *value(make_policy(policy)), rng));
        explainer = std::make_unique<Explainer>(input(), decision);
    }
    Explained(Cluster made, const Proposal& proposal) : cluster(std::move(made)), history(steady_history(cluster)) {
        decision = {proposal, sequence(cluster, proposal)};
        explainer = std::make_unique<Explainer>(input(), decision);
    }
    [[nodiscard]] PolicyInput input() const { return {cluster, history, model}; }
    [[nodiscard]] VmExplanation vm(VmId id) const { return explainer->explain(id); }
    [[nodiscard]] HostExplanation host(HostId id) const { return explainer->explain(id); }
};

std::unique_ptr<Explained> explain(Scene& scene, const std::string& policy) {
    Cluster cluster = scene.build();
    History history = steady_history(cluster);
    return std::make_unique<Explained>(std::move(cluster), std::move(history), policy);
}

std::vector<std::string> texts(const std::vector<Condition>& conditions) {
    std::vector<std::string> result;
    for (const Condition& condition : conditions) result.push_back(condition.text);
    return result;
}

// "h3 h2 …" best first.
std::string order(const VmExplanation& explanation, const Cluster& cluster) {
    std::string text;
    for (const Candidate& c : explanation.candidates) text += (text.empty() ? "" : " ") + cluster.spec(c.host).name;
    return text;
}

using Texts = std::vector<std::string>;

TEST(WhatWouldChange, HasAnAnswerToEveryReasonWithAndWithoutItsDetails) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const VmId a = scene.vm("a", h1, 100);
    scene.vm("b", h1, 100);
    scene.rule(RuleKind::anti_affinity, {"a", "b"});
    const auto explained = explain(scene, "spread:enter=0.8,exit=0.65");
    const PolicyLevels levels = levels_of(explained->decision.proposal.policy);
    const PolicyInput input = explained->input();
    const Circumstances circumstances{input, explained->decision, levels};
    Reason bare;
    for (std::uint8_t i = 0; name(static_cast<ReasonCode>(i)) != "?"; ++i) {  // every code has a name
        bare.code = static_cast<ReasonCode>(i);
        Reason full = bare;
        full.host = h1;
        full.vm = VmId(1);
        full.rule = RuleId(0);
        for (const Reason& reason : {bare, full}) {
            for (const Subject& subject : {Subject{a, h1}, Subject{{}, h1}}) {
                const auto conditions = what_would_change(reason, subject, circumstances);
                ASSERT_FALSE(conditions.empty()) << name(bare.code);
                for (const Condition& condition : conditions) {
                    EXPECT_FALSE(condition.text.empty()) << name(bare.code);
                    EXPECT_EQ(condition.text.find('\n'), std::string::npos);
                }
            }
        }
        EXPECT_NE(in_general(bare.code), "?") << name(bare.code);
    }
    EXPECT_GE(static_cast<int>(bare.code), static_cast<int>(ReasonCode::wake_for_overload));  // all were gone through
}

TEST(WhatWouldChange, SaysWhatIsMissingInTheUnitOfTheReason) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 100);
    scene.vm("b", h2, 100);
    scene.rule(RuleKind::anti_affinity, {"a", "b"});
    const auto explained = explain(scene, "spread:enter=0.8,exit=0.65");
    const PolicyLevels levels = levels_of(explained->decision.proposal.policy);
    const PolicyInput input = explained->input();
    const auto answer = [&](ReasonCode code, HostId host, double value, double limit, Resource resource) {
        const Reason reason{code, host, VmId(1), RuleId(0), resource, value, limit};
        return what_would_change(reason, {a, h1}, {input, explained->decision, levels});
    };
    const auto saving = answer(ReasonCode::too_little_saving, h1, 2.0, 5.0, Resource::cpu);
    EXPECT_EQ(texts(saving), Texts{"if emptying h1 saved 3.0 W more"});
    EXPECT_DOUBLE_EQ(saving[0].amount, 3.0);
    EXPECT_EQ(saving[0].unit, "W");
    // 85 % of 10000 MiB is 500 MiB more than 80 %.
    const auto memory = answer(ReasonCode::relieve_overload, h1, 0.85, 0.8, Resource::memory);
    EXPECT_EQ(texts(memory), Texts{"if h1's memory were at most 80 % (now 85 %, -500 MiB)"});
    EXPECT_NEAR(memory[0].amount, -500.0 * bytes_per_mib, 1.0);
    EXPECT_EQ(memory[0].unit, "bytes");
    const auto network = answer(ReasonCode::resource_fit, h2, 130e6, 100e6, Resource::network);
    EXPECT_EQ(texts(network), Texts{"if 30.0 MB/s more network were free on h2, the host nearest to a yes"});
    // 95 % planned, 90 % allowed, of 1000 MHz.
    EXPECT_EQ(texts(answer(ReasonCode::planned_load, h2, 0.95, 0.9, Resource::cpu)),
              Texts{"if the VMs of h2 were planned to need 50 MHz less CPU"});
    EXPECT_EQ(texts(answer(ReasonCode::stays_headroom, h2, 3.0, 5.0, Resource::cpu)),
              Texts{"if 2 hosts fewer were needed: with less load, or a smaller headroom= of the policy"});
    EXPECT_EQ(texts(answer(ReasonCode::anti_affinity, h2, 0.0, 0.0, Resource::cpu)),
              (Texts{"without rule \"anti-affinity-0\"", "if b were not on h2"}));
}

// h1 carries 500 + 400 = 900 of 1000 MHz, above 80 %. To come down to 65 % it is enough that b leaves, which has less
// memory than a.
Scene hot_scene() {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.vm("a", h1, 500);
    scene.vm("b", h1, 400, 500);
    scene.vm("c", scene.host("h2"), 100);
    scene.vm("d", scene.host("h3"), 300);
    return scene;
}

TEST(Explain, AMoveNamesItsReasonItsPlaceInThePlanAndTheAlternatives) {
    Scene scene = hot_scene();
    const auto explained = explain(scene, "spread:enter=0.8,exit=0.65");
    const VmExplanation b = explained->vm(VmId(1));
    EXPECT_EQ(b.standing, Standing::moves);
    EXPECT_EQ(b.to, HostId(1));
    EXPECT_EQ(b.reason.code, ReasonCode::relieve_overload);
    EXPECT_EQ(b.actions, std::vector<ActionId>{ActionId(0)});
    EXPECT_DOUBLE_EQ(b.relief_mhz, 250.0);  // 900 - 65 % of 1000
    EXPECT_DOUBLE_EQ(b.host_now.cpu, 0.9);
    EXPECT_DOUBLE_EQ(b.host_after.cpu, 0.5);
    EXPECT_EQ(texts(b.would_change), Texts{"if h1's CPU were at most 80 % (now 90 %, -100 MHz)"});
    // With b, h2 is at (100 + 400) / 1000, h3 would be at (300 + 400) / 1000, above 65 %.
    ASSERT_EQ(order(b, explained->cluster), "h2 h3");
    EXPECT_FALSE(b.candidates[0].refusal);
    EXPECT_DOUBLE_EQ(b.candidates[0].with_it.cpu, 0.5);
    EXPECT_DOUBLE_EQ(b.candidates[0].with_it.memory, 0.15);
    ASSERT_TRUE(b.candidates[1].refusal);
    EXPECT_EQ(b.candidates[1].refusal->code, ReasonCode::resource_fit);
    EXPECT_DOUBLE_EQ(b.candidates[1].refusal->value, 700.0);
    EXPECT_DOUBLE_EQ(b.candidates[1].refusal->limit, 650.0);
    EXPECT_EQ(b.best_alternative, HostId(2));
}

TEST(Explain, AVmThatNeedNotMoveIsJudgedOnThePlacementThatTheOthersLeave) {
    Scene scene = hot_scene();
    const auto explained = explain(scene, "spread:enter=0.8,exit=0.65");
    const VmExplanation a = explained->vm(VmId(0));
    EXPECT_EQ(a.standing, Standing::stays);
    EXPECT_EQ(a.reason.code, ReasonCode::not_needed);
    EXPECT_EQ(texts(a.would_change), Texts{"if h1's CPU without it stayed above 65 % (planned 50 %, +150 MHz)"});
    // b is on h2 by then: 100 + 400 + 500 = 1000 there, 300 + 500 = 800 on h3; both above 650, h3 by less.
    EXPECT_EQ(order(a, explained->cluster), "h3 h2");
    EXPECT_DOUBLE_EQ(a.candidates[0].refusal->value, 800.0);
    EXPECT_DOUBLE_EQ(a.candidates[1].refusal->value, 1000.0);
    EXPECT_EQ(a.best_alternative, HostId(2));
}

TEST(Explain, CandidatesThatCouldTakeItComeByPeakAndThenThoseNearestToAYes) {
    Scene scene;
    HostState repaired;
    repaired.maintenance = true;
    const HostId h1 = scene.host("h1");
    const VmId a = scene.vm("a", h1, 200);
    scene.host("h2", 1000.0, 10000.0, repaired);
    scene.host("h3");                            // forbidden
    scene.vm("b", scene.host("h4"), 600);        // 800 of 650
    scene.vm("c", scene.host("h5"), 400);        // 60 %
    scene.vm("d", scene.host("h6"), 100, 3000);  // CPU 30 %, memory (3000 + 1000) / 10000 = 40 %
    scene.rule(RuleKind::forbid, {"a"}, {"h3"});
    const auto explained = explain(scene, "spread:enter=0.8,exit=0.65");
    const VmExplanation explanation = explained->vm(a);
    ASSERT_EQ(order(explanation, explained->cluster), "h6 h5 h4 h3 h2");
    EXPECT_DOUBLE_EQ(explanation.candidates[0].peak, 0.4);
    EXPECT_DOUBLE_EQ(explanation.candidates[1].peak, 0.6);
    EXPECT_EQ(explanation.candidates[2].refusal->code, ReasonCode::resource_fit);
    EXPECT_EQ(explanation.candidates[3].refusal->code, ReasonCode::forbidden);
    EXPECT_EQ(explanation.candidates[4].refusal->code, ReasonCode::host_maintenance);
    EXPECT_EQ(explanation.rules, std::vector<RuleId>{RuleId(0)});
}

TEST(Explain, ACoolHostHasToBecomeHot) {
    Scene scene;
    const VmId a = scene.vm("a", scene.host("h1"), 430);
    scene.host("h2");
    const auto explained = explain(scene, "spread:enter=0.8,exit=0.65");
    const VmExplanation explanation = explained->vm(a);
    EXPECT_EQ(explanation.reason.code, ReasonCode::host_content);
    ASSERT_EQ(texts(explanation.would_change), Texts{"if h1's CPU rises above 80 % (now 43 %, +370 MHz)"});
    EXPECT_DOUBLE_EQ(explanation.would_change[0].amount, 370.0);
    EXPECT_EQ(explanation.would_change[0].unit, "MHz");
}

TEST(Explain, AHostBetweenTheLevelsOfConsolidationMayCrossEither) {
    Scene scene;
    const VmId a = scene.vm("a", scene.host("h1"), 700);
    const auto explained = explain(scene, "consolidate:low=0.6,target=0.8,enter=0.9");
    EXPECT_EQ(texts(explained->vm(a).would_change), (Texts{"if h1's CPU rises above 90 % (now 70 %, +200 MHz)",
                                                           "if h1's CPU falls below 60 % (now 70 %, -100 MHz)"}));
}

TEST(Explain, ARestingVmSaysHowLongItStillRests) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const VmId a = scene.vm("a", h1, 900);
    scene.host("h2");
    Cluster cluster = scene.build();
    History history = steady_history(cluster);
    history.set_last_move_age(a, 1160.0);
    const Explained explained(std::move(cluster), std::move(history), "spread:enter=0.8,exit=0.65,cooldown=1800");
    const VmExplanation explanation = explained.vm(a);
    EXPECT_EQ(explanation.reason.code, ReasonCode::cooldown);
    EXPECT_EQ(explanation.last_move_s, 1160.0);
    ASSERT_EQ(texts(explanation.would_change), Texts{"in 640 s"});  // 1800 - 1160
    EXPECT_DOUBLE_EQ(explanation.would_change[0].amount, 640.0);
}

TEST(Explain, AnOverloadThatIsNewMustLast) {
    Scene scene;
    const VmId a = scene.vm("a", scene.host("h1"), 900);
    scene.host("h2");
    Cluster cluster = scene.build();
    History history(1, 12, 300.0);
    for (const double mhz : {100.0, 100.0, 900.0}) history.push(std::vector<double>{mhz});
    // 900 s are 3 samples of 300 s; one was above 800 MHz, so 2 more are needed: 600 s.
    const Explained explained(std::move(cluster), std::move(history), "spread:enter=0.8,exit=0.65,sustain=900");
    const auto conditions = explained.vm(a).would_change;
    ASSERT_EQ(texts(conditions), Texts{"if h1 stays above 80 % for 2 more samples (10 min)"});
    EXPECT_DOUBLE_EQ(conditions[0].amount, 600.0);
}

TEST(Explain, AVmThatFindsNoRoomSaysHowMuchIsMissingWhere) {
    Scene scene;
    const VmId a = scene.vm("a", scene.host("h1"), 900, 4096);
    scene.vm("b", scene.host("h2"), 100, 8192);  // 10000 MiB: 8192 + 4096 = 12288 are 2288 too many
    const auto explained = explain(scene, "spread:exit=0.7,enter=0.8,memory=1");
    // CPU is checked first: 100 + 900 = 1000 is 300 more than 70 % of 1000.
    EXPECT_EQ(texts(explained->vm(a).would_change),
              Texts{"if 300 MHz more CPU were free on h2, the host nearest to a yes"});
    Scene roomy;
    const VmId m = roomy.vm("m", roomy.host("h1"), 900, 4096);
    roomy.vm("n", roomy.host("h2", 4000), 100, 8192);
    const auto short_of_memory = explain(roomy, "spread:enter=0.8,exit=0.65");
    EXPECT_EQ(texts(short_of_memory->vm(m).would_change),
              Texts{"if 2.2 GiB more memory were free on h2, the host nearest to a yes"});  // 2288 MiB
}

TEST(Explain, AHostThatOneVmKeepsFromBeingEmptiedLeadsToThatVmsReason) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 80, 120);
    const VmId a = scene.vm("a", h1, 100);
    const VmId b = scene.vm("b", h1, 100);
    scene.vm("c", scene.green_host("h2", 80, 120), 700);
    scene.rule(RuleKind::ignore_vm, {"b"});
    const auto explained = explain(scene, "consolidate:headroom=0");  // 900 MHz fit into 90 % of one host
    const Texts expected = {
        "if b could leave h1 (rule \"ignore-vm-0\" says that it is never moved): without rule \"ignore-vm-0\""};
    EXPECT_EQ(explained->vm(a).reason.code, ReasonCode::host_not_emptied);
    EXPECT_EQ(texts(explained->vm(a).would_change), expected);
    EXPECT_EQ(texts(explained->host(h1).would_change), expected);
    EXPECT_EQ(texts(explained->vm(b).would_change), Texts{"without rule \"ignore-vm-0\""});
}

TEST(Explain, AHostThatGoesToSleepIsNoCandidate) {
    Scene scene;
    const HostId h1 = scene.green_host("h1", 80, 120);
    const VmId a = scene.vm("a", h1, 400);
    const HostId h2 = scene.green_host("h2", 80, 120);
    const VmId b = scene.vm("b", h2, 100);
    const auto explained = explain(scene, "consolidate");
    ASSERT_EQ(explained->vm(b).to, h1);
    const VmExplanation stays = explained->vm(a);
    ASSERT_EQ(order(stays, explained->cluster), "h2");
    ASSERT_TRUE(stays.candidates[0].refusal);
    EXPECT_EQ(stays.candidates[0].refusal->code, ReasonCode::sleep_empty);

    const HostExplanation sleeper = explained->host(h2);
    EXPECT_EQ(sleeper.action, HostAction::sleep);
    EXPECT_DOUBLE_EQ(*sleeper.watts_now, 84.0);  // 80 + 10 % of 40
    EXPECT_DOUBLE_EQ(*sleeper.asleep_watts, 8.0);
    EXPECT_DOUBLE_EQ(*sleeper.to_hot_mhz, 880.0);     // 98 % of 1000 - 100
    EXPECT_DOUBLE_EQ(*sleeper.to_empty_mhz, -500.0);  // 100 - 60 % of 1000
    EXPECT_DOUBLE_EQ(sleeper.after.cpu, 0.0);
    ASSERT_EQ(sleeper.vms.size(), 1U);
    EXPECT_EQ(sleeper.vms[0].standing, Standing::moves);
    EXPECT_EQ(sleeper.actions, std::vector<ActionId>{ActionId(1)});  // after the migration
    EXPECT_EQ(explained->host(h1).arriving, std::vector<VmId>{b});
    EXPECT_DOUBLE_EQ(explained->host(h1).after.cpu, 0.5);
}

TEST(Explain, APackingPolicyRefusesWhatItWouldPlanWithAndFillsNoIdleHost) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const VmId a = scene.vm("a", h1, 150);
    scene.vm("b", h1, 600);
    scene.vm("c", scene.host("h2"), 700);
    scene.host("h3");
    const auto explained = explain(scene, "consolidate:target=0.9,margin=1");
    const VmExplanation explanation = explained->vm(a);
    // h2 needs 700 + 150 = 850 of 900 MHz, but is planned with a margin (joint_load.hpp): of 12 steady samples and 6 of
    // the prior, s^2 = 6 * (350^2 + 75^2) / 18 = 42708, s = 206.7; 850 + 206.7 = 1056.7.
    ASSERT_EQ(order(explanation, explained->cluster), "h3 h2");
    ASSERT_TRUE(explanation.candidates[1].refusal);
    EXPECT_EQ(explanation.candidates[1].refusal->code, ReasonCode::planned_load);
    EXPECT_NEAR(explanation.candidates[1].refusal->value, 1.0567, 0.0001);
    EXPECT_FALSE(explanation.candidates[0].refusal);
    EXPECT_TRUE(explanation.candidates[0].idle);
}

TEST(Explain, AMoveThatWaitsForAnotherSaysSoInThePlan) {
    Scene scene;
    const VmId a = scene.vm("a", scene.host("h1"), 100, 6000);
    const HostId h2 = scene.host("h2");
    const VmId b = scene.vm("b", h2, 100, 6000);  // 6000 + 6000 MiB do not fit into 10000
    const HostId h3 = scene.host("h3");
    Cluster cluster = scene.build();
    const Proposal proposal = moving(cluster, {{a, h2}, {b, h3}});
    const Explained explained(std::move(cluster), proposal);
    ASSERT_EQ(explained.vm(a).actions, std::vector<ActionId>{ActionId(1)});
    EXPECT_EQ(explained.decision.plan.actions[1].after, std::vector<ActionId>{ActionId(0)});
    EXPECT_EQ(explained.vm(b).actions, std::vector<ActionId>{ActionId(0)});
}

TEST(Explain, AMoveThatThePlanLeavesOutGivesThePlansReason) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    const HostId h2 = scene.host("h2");
    const VmId a = scene.vm("a", h1, 100, 6000);
    const VmId b = scene.vm("b", h2, 100, 6000);
    Cluster cluster = scene.build();
    const Proposal proposal = moving(cluster, {{a, h2}, {b, h1}});  // they wait for each other
    const Explained explained(std::move(cluster), proposal);
    const VmExplanation last = explained.vm(b);
    EXPECT_EQ(last.standing, Standing::left_out);
    EXPECT_EQ(last.to, h1);
    EXPECT_EQ(last.reason.code, ReasonCode::move_cycle);
    EXPECT_TRUE(last.actions.empty());
    EXPECT_EQ(texts(last.would_change), Texts{"if a third host had room for one of the VMs that wait for each other"});
}

TEST(Explain, MoreMovesAreNeededForWhatTheLimitKeeps) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    for (const char* name : {"a", "b", "c", "d"}) scene.vm(name, h1, 240);  // 960; to 650 takes two
    scene.host("h2");
    const auto explained = explain(scene, "spread:enter=0.8,exit=0.65,moves=1");
    for (const Stay& stay : explained->decision.proposal.stays) {
        ASSERT_EQ(stay.reason.code, ReasonCode::move_limit);
        EXPECT_EQ(texts(explained->vm(stay.vm).would_change),
                  Texts{"with moves=2 as option of the policy, or in the next decision"});
    }
    EXPECT_EQ(explained->decision.proposal.stays.size(), 3U);
}

// The judge of candidates agrees with the policies: where a VM goes is never refused, and everything has an answer.
TEST(Explain, EveryDestinationIsACandidateThatCouldTakeTheVm) {
    std::size_t moves = 0;
    for (const char* policy : {"spread:enter=0.8,exit=0.65", "consolidate", "consolidate:margin=0"}) {
        for (std::uint64_t seed = 0; seed < 150; ++seed) {
            RandomCluster random = random_cluster(seed);
            const Explained explained(std::move(random.cluster), std::move(random.history), policy);
            if (!explained.decision.plan.left_out.empty()) continue;
            for (std::size_t v = 0; v < explained.cluster.vm_count(); ++v) {
                const VmExplanation vm = explained.vm(VmId(v));
                EXPECT_EQ(vm.candidates.size() + 1, explained.cluster.host_count());
                EXPECT_FALSE(vm.would_change.empty());
                for (const Candidate& candidate : vm.candidates) {
                    if (candidate.host != vm.to) continue;
                    EXPECT_FALSE(candidate.refusal)
                        << policy << " seed " << seed << ": " << describe(*candidate.refusal, explained.cluster);
                    ++moves;
                }
            }
            for (std::size_t h = 0; h < explained.cluster.host_count(); ++h) {
                EXPECT_FALSE(explained.host(HostId(h)).would_change.empty());
            }
        }
    }
    EXPECT_GT(moves, 100U);  // the property is not vacuous
}

TEST(PolicyOptions, AreFoundInASpecification) {
    const std::string specification = "spread:enter=0.8,exit=0.65,moves=64";
    EXPECT_EQ(option_in(specification, "enter"), 0.8);
    EXPECT_EQ(option_in(specification, "moves"), 64.0);
    EXPECT_EQ(option_in(specification, "ent"), std::nullopt);
    EXPECT_EQ(option_in("spread", "enter"), std::nullopt);
    EXPECT_EQ(levels_of(specification).fill, 0.65);
    EXPECT_EQ(levels_of("consolidate:target=0.9").fill, 0.9);
}

}  // namespace
}  // namespace ballast::test
