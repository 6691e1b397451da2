// SPDX-License-Identifier: Apache-2.0
#include "scheduler/engine.hpp"

#include <functional>
#include <utility>

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// A policy that proposes whatever the test says.
class Scripted final : public Policy {
  public:
    explicit Scripted(std::function<Proposal(const Cluster&)> script) : script_(std::move(script)) {}
    [[nodiscard]] std::string specification() const override { return "scripted"; }
    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng& /*rng*/) const override {
        return script_(input.cluster);
    }

  private:
    std::function<Proposal(const Cluster&)> script_;
};

struct EngineTest : testing::Test {
    EngineTest() {
        h1 = scene.host("h1");
        h2 = scene.host("h2");
        HostState repair;
        repair.maintenance = true;
        h3 = scene.host("h3", 1000.0, 10000.0, repair);
        a = scene.vm("a", h1, 600.0);
        b = scene.vm("b", h1, 300.0);
        scene.rule(RuleKind::pin, {"b"}, {"h1"});
    }
    // b, which is not mentioned in `moves`, stays.
    Proposal well_formed(const Cluster& cluster, const std::vector<std::pair<VmId, HostId>>& moves) {
        Proposal proposal = moving(cluster, moves);
        for (const VmId vm : {a, b}) {
            if (move_of(proposal, vm) == nullptr) proposal.stays.insert({vm, {}, {}});
        }
        return proposal;
    }
    std::string refusal(const std::function<Proposal(const Cluster&)>& script) {
        const Cluster cluster = scene.build();
        const History history = steady_history(cluster);
        const MigrationModel model;
        Rng rng(1);
        const auto decision = decide({cluster, history, model}, Scripted(script), rng);
        if (decision) return "";
        EXPECT_EQ(decision.error().kind, ErrorKind::refused);
        return decision.error().message;
    }
    Scene scene;
    HostId h1, h2, h3;
    VmId a, b;
};

TEST_F(EngineTest, ReturnsProposalAndPlan) {
    const Cluster cluster = scene.build();
    const History history = steady_history(cluster);
    const MigrationModel model;
    Rng rng(1);
    const auto policy = value(make_policy("spread:enter=0.8,exit=0.65"));
    const Decision decision = value(decide({cluster, history, model}, *policy, rng));
    ASSERT_EQ(moves_text(decision.proposal, cluster), "a>h2");
    ASSERT_EQ(decision.plan.actions.size(), 1U);
    EXPECT_EQ(decision.plan.actions[0].vm, a);
    EXPECT_EQ(decision.plan.actions[0].reason.code, ReasonCode::relieve_overload);
    EXPECT_EQ(decision.plan.actions[0].cost, decision.proposal.moves[0].cost);
}

TEST_F(EngineTest, RefusesWhatBreaksARule) {
    const std::string message = refusal([&](const Cluster& c) { return well_formed(c, {{b, h2}}); });
    EXPECT_NE(message.find("pin"), std::string::npos) << message;
}

TEST_F(EngineTest, RefusesAMoveToAHostInMaintenance) {
    const std::string message = refusal([&](const Cluster& c) { return well_formed(c, {{a, h3}}); });
    EXPECT_NE(message.find("maintenance"), std::string::npos) << message;
}

TEST_F(EngineTest, AcceptsAWellFormedProposal) {
    EXPECT_EQ(refusal([&](const Cluster& c) { return well_formed(c, {{a, h2}}); }), "");
}

TEST_F(EngineTest, RefusesAMalformedProposal) {
    const std::vector<std::pair<std::string, std::function<void(Proposal&)>>> cases = {
        {"decisions", [](Proposal& p) { p.stays = {}; }},
        {"decisions",
         [&](Proposal& p) {
             p.stays.insert({a, {}, {}});
         }},
        {"unknown host", [](Proposal& p) { p.moves[0].to = HostId(99); }},
        {"unknown host", [](Proposal& p) { p.moves[0].to = HostId(); }},
        {"not in the cluster", [](Proposal& p) { p.moves[0].vm = VmId(99); }},
        {"not in the cluster",
         [](Proposal& p) {
             p.stays.insert({VmId(99), {}, {}});
         }},
        {"a host it is not on", [&](Proposal& p) { p.moves[0].from = h2; }},
        {"the host it is on", [&](Proposal& p) { p.moves[0].to = h1; }},
        {"one verdict per host", [](Proposal& p) { p.hosts.pop_back(); }},
        {"order of the hosts", [](Proposal& p) { std::swap(p.hosts[0], p.hosts[1]); }},
    };
    const Cluster cluster = scene.build();
    const History history = steady_history(cluster);
    const MigrationModel model;
    for (const auto& [expected, spoil] : cases) {
        Rng rng(1);
        const auto decision = decide({cluster, history, model}, Scripted([&](const Cluster& c) {
                                         Proposal proposal = well_formed(c, {{a, h2}});
                                         spoil(proposal);
                                         return proposal;
                                     }),
                                     rng);
        ASSERT_FALSE(decision.has_value()) << expected;
        EXPECT_NE(decision.error().message.find(expected), std::string::npos) << decision.error().message;
    }
}

}  // namespace
}  // namespace ballast::test
