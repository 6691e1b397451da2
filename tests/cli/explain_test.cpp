// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/explain_json.hpp"
#include "cli/near_names.hpp"
#include "cli/show_explanation.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

struct Spread {
    Cluster cluster;
    History history;
    MigrationModel model;
    Decision decision;

    explicit Spread(Cluster made) : cluster(std::move(made)), history(steady_history(cluster)) {
        Rng rng(1);
        decision = value(decide(input(), *value(make_policy("spread:enter=0.8,exit=0.65")), rng));
    }
    [[nodiscard]] PolicyInput input() const { return {cluster, history, model}; }
};

TEST(ExplainJson, IsWellFormedWhateverThingsAreCalled) {
    const std::string odd = "quote \" back\\slash\nnew line\ttab \x01 \xC3\xBC";
    Scene scene;
    const HostId host = scene.host("host " + odd);
    scene.vm("vm " + odd, host, 100);
    scene.host("not UTF-8: \xFF");
    const Spread spread(scene.build());
    const Explainer explainer(spread.input(), spread.decision);
    const std::vector<VmExplanation> vms = {explainer.explain(VmId(0))};
    const std::vector<HostExplanation> hosts = {explainer.explain(HostId(0)), explainer.explain(HostId(1))};
    const auto named = nlohmann::json::parse(to_json(vms, hosts, spread.cluster, spread.decision));
    EXPECT_EQ(named["format"], "ballast-explanation");
    EXPECT_EQ(named["vms"][0]["vm"], "vm " + odd);
    EXPECT_EQ(named["hosts"][0]["host"], "host " + odd);
    EXPECT_EQ(named["hosts"][1]["host"], "not UTF-8: \xEF\xBF\xBD");  // the replacement character
    EXPECT_TRUE(named["vms"][0]["to"].is_null());
    const auto groups = nlohmann::json::parse(
        to_json(group_vms(explainer, spread.cluster), group_hosts(spread.decision), spread.cluster, spread.decision));
    EXPECT_EQ(groups["vm_groups"][0]["vms"][0], "vm " + odd);
    EXPECT_EQ(groups["host_groups"][0]["count"], 2);
}

// a is on the first of 12 hosts, two of which could take it; the rest are full of memory or CPU, or forbidden.
TEST(ShowExplanation, CountsTheHostsThatAreTooManyToShow) {
    Scene scene;
    const VmId a = scene.vm("a", scene.host("h0"), 100);
    for (int i = 1; i <= 2; ++i) scene.host("free" + std::to_string(i));
    for (int i = 1; i <= 6; ++i) scene.vm("m" + std::to_string(i), scene.host("m" + std::to_string(i)), 100, 9500);
    for (int i = 1; i <= 2; ++i) scene.vm("c" + std::to_string(i), scene.host("c" + std::to_string(i)), 600);
    scene.host("no");
    scene.rule(RuleKind::forbid, {"a"}, {"no"});
    const Spread spread(scene.build());
    const Explainer explainer(spread.input(), spread.decision);
    const std::string text = show(explainer.explain(a), spread.cluster, spread.decision);
    // Best first: two that could, then the six short of memory, then the two short of CPU, then the forbidden one.
    EXPECT_NE(text.find("\n  and 6 others: 1 forbidden, 2 resource-fit cpu, 3 resource-fit memory\n"),
              std::string::npos)
        << text;
}

TEST(NearNames, AreFoundByFewLettersOfDifferenceOrAsAPart) {
    const std::vector<std::string> names = {"web-1", "web-2", "database", "h1", "my-web1-copy"};
    EXPECT_EQ(near_names("web1", names), (std::vector<std::string>{"web-1", "web-2", "my-web1-copy"}));
    EXPECT_EQ(near_names("datbase", names), std::vector<std::string>{"database"});
    EXPECT_TRUE(near_names("zebra-crossing", names).empty());
    EXPECT_TRUE(near_names("", names).empty());
}

}  // namespace
}  // namespace ballast::test
