// SPDX-License-Identifier: Apache-2.0
// Rules are named by kind and number, in the order in which they are added.
#include "scheduler/conflicts.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Hosts h1, h2 … and VMs a, b … on h1.
Scene scene_of(int hosts, int vms) {
    Scene scene;
    for (int h = 1; h <= hosts; ++h) scene.host("h" + std::to_string(h));
    for (int v = 0; v < vms; ++v) scene.vm(std::string(1, static_cast<char>('a' + v)), HostId(0), 10.0);
    return scene;
}

std::vector<std::string> conflicts(Scene& scene, std::uint64_t steps_max = conflict_steps_max) {
    const Cluster cluster = scene.build();
    std::vector<std::string> sentences;
    for (const Conflict& conflict : find_conflicts(cluster, steps_max)) {
        sentences.push_back(describe(conflict, cluster));
    }
    return sentences;
}

using Sentences = std::vector<std::string>;
const std::string cannot = "these rules cannot all be kept by any placement: ";

TEST(Conflicts, RulesThatCanBeKeptAreNone) {
    Scene scene = scene_of(3, 4);
    scene.rule(RuleKind::affinity, {"a", "b"});
    scene.rule(RuleKind::anti_affinity, {"b", "c", "d"});
    scene.rule(RuleKind::pin, {"c", "d"}, {"h1", "h2"});
    scene.rule(RuleKind::forbid, {"c"}, {"h1"});
    EXPECT_EQ(conflicts(scene), Sentences{});  // c on h2, d on h1, a and b on h3
}

TEST(Conflicts, TogetherAndApart) {
    Scene scene = scene_of(3, 3);
    scene.rule(RuleKind::pin, {"a", "b", "c"}, {"h1", "h2"});  // has no part in it
    scene.rule(RuleKind::affinity, {"a", "b"});
    scene.rule(RuleKind::anti_affinity, {"b", "a"});
    EXPECT_EQ(conflicts(scene),
              Sentences{cannot + "\"affinity-1\" keeps a, b on one host; \"anti-affinity-2\" allows 1 of "
                                 "a, b per host"});
}

TEST(Conflicts, ThreeVmsApartOnTwoHosts) {
    Scene scene = scene_of(5, 3);
    scene.rule(RuleKind::anti_affinity, {"a", "b", "c"});
    scene.rule(RuleKind::pin, {"a", "b", "c"}, {"h1", "h2"});
    EXPECT_EQ(conflicts(scene),
              Sentences{cannot + "\"anti-affinity-0\" allows 1 of a, b, c per host; \"pin-1\" keeps a, b, "
                                 "c on h1, h2"});
    Scene roomy = scene_of(5, 3);
    roomy.apart({"a", "b", "c"}, 2, FaultDomain::host);
    roomy.rule(RuleKind::pin, {"a", "b", "c"}, {"h1", "h2"});
    EXPECT_EQ(conflicts(roomy), Sentences{});
}

TEST(Conflicts, AVmThatMayRunNowhere) {
    Scene scene = scene_of(3, 3);
    scene.rule(RuleKind::pin, {"a", "b"}, {"h1"});
    scene.rule(RuleKind::forbid, {"a", "b", "c"}, {"h1", "h2"});
    // once, although it is true of a and of b
    EXPECT_EQ(conflicts(scene),
              Sentences{cannot + "\"pin-0\" keeps a, b on h1; \"forbid-1\" keeps a, b, c off h1, h2"});
}

TEST(Conflicts, AChainThroughAThirdVm) {
    Scene scene = scene_of(3, 3);
    scene.rule(RuleKind::affinity, {"a", "b"});
    scene.rule(RuleKind::affinity, {"b", "c"});
    scene.rule(RuleKind::anti_affinity, {"a", "c"});
    EXPECT_EQ(conflicts(scene),
              Sentences{cannot + "\"affinity-0\" keeps a, b on one host; \"affinity-1\" keeps b, c on one "
                                 "host; \"anti-affinity-2\" allows 1 of a, c per host"});
}

TEST(Conflicts, PinsOfAGroupMustMeet) {
    Scene scene = scene_of(3, 2);
    scene.rule(RuleKind::affinity, {"a", "b"});
    scene.rule(RuleKind::pin, {"a"}, {"h1", "h2"});
    scene.rule(RuleKind::pin, {"b"}, {"h3"});
    EXPECT_EQ(conflicts(scene),
              Sentences{cannot + "\"affinity-0\" keeps a, b on one host; \"pin-1\" keeps a on h1, h2; "
                                 "\"pin-2\" keeps b on h3"});
}

TEST(Conflicts, ARuleAloneAndRacks) {
    Scene scene;
    for (const char* name : {"a1", "a2", "a3"}) scene.racked_host(name, "A");
    scene.host("b1");
    for (const char* name : {"a", "b", "c", "d", "e"}) scene.vm(name, HostId(0), 10.0);
    scene.apart({"a", "b", "c", "d", "e"}, 2, FaultDomain::rack);  // two racks: four VMs at most
    EXPECT_EQ(conflicts(scene),
              Sentences{"a rule cannot be kept by any placement: \"apart-0\" allows 2 of a, b, c, d, e "
                        "per rack"});
}

TEST(Conflicts, BacktrackingFindsWhatMatchingDoesNot) {
    // Apart in pairs, a triangle on two hosts: each pair alone can be matched.
    Scene scene = scene_of(4, 3);
    scene.rule(RuleKind::anti_affinity, {"a", "b"});
    scene.rule(RuleKind::anti_affinity, {"b", "c"});
    scene.rule(RuleKind::anti_affinity, {"a", "c"});
    scene.rule(RuleKind::forbid, {"a", "b", "c"}, {"h3", "h4"});
    const Cluster cluster = scene.build();
    const auto found = find_conflicts(cluster);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].rules.size(), 4U);
}

TEST(Conflicts, TwelveVmsOnElevenHostsAreNoSearch) {
    Scene scene = scene_of(11, 12);  // trying all placements would take more than 11! steps
    scene.rule(RuleKind::anti_affinity, {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"});
    const Cluster cluster = scene.build();
    const auto found = find_conflicts(cluster);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].decided);
}

TEST(Conflicts, SeveralAreAllFoundAndSoftRulesAreNone) {
    Scene scene = scene_of(2, 4);
    scene.rule(RuleKind::affinity, {"a", "b"});
    scene.rule(RuleKind::anti_affinity, {"a", "b"});
    scene.rule(RuleKind::pin, {"b"}, {"h1"});
    scene.rule(RuleKind::forbid, {"b"}, {"h1"});
    scene.rule(RuleKind::affinity, {"c", "d"});
    scene.soft_rule(RuleKind::anti_affinity, {"c", "d"}, {}, 1.0);
    EXPECT_EQ(conflicts(scene).size(), 2U);
}

TEST(Conflicts, SaysWhenItWasTooMuch) {
    Scene scene = scene_of(3, 3);
    scene.rule(RuleKind::anti_affinity, {"a", "b", "c"});
    EXPECT_EQ(conflicts(scene, 4), Sentences{"it was too much to find out whether these rules can all be kept: "
                                             "\"anti-affinity-0\" allows 1 of a, b, c per host"});
}

// Against trying every placement, on small clusters with many rules.
TEST(Conflicts, AgreesWithTryingEveryPlacement) {
    std::size_t hopeless = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        Rng rng(seed);
        Scene scene;
        for (int h = 0; h < 3; ++h) scene.racked_host("h" + std::to_string(h), h < 2 ? "r" : "");
        for (int v = 0; v < 4; ++v) scene.vm("v" + std::to_string(v), HostId(0), 10.0);
        for (int r = 0; r < 5; ++r) {
            const std::uint64_t one = rng.below(4);
            const std::uint64_t other = (one + 1 + rng.below(3)) % 4;
            const std::vector<std::string> two = {"v" + std::to_string(one), "v" + std::to_string(other)};
            const std::string host = "h" + std::to_string(rng.below(3));
            switch (rng.below(4)) {
                case 0: scene.rule(RuleKind::affinity, two); break;
                case 1: scene.apart(two, 1, all_fault_domains[rng.below(2)]); break;
                case 2: scene.rule(RuleKind::forbid, two, {host}); break;
                default: scene.rule(RuleKind::pin, two, {host, "h0"}); break;
            }
        }
        const Cluster cluster = scene.build();
        const auto keeps = [&](const std::vector<RuleId>& rules) {
            for (int code = 0; code < 81; ++code) {  // 3^4 placements
                const auto host_of = [&](VmId vm) {
                    int rest = code;
                    for (std::size_t v = 0; v < vm.index(); ++v) rest /= 3;
                    return HostId(static_cast<std::size_t>(rest % 3));
                };
                const bool all = std::all_of(rules.begin(), rules.end(), [&](RuleId id) {
                    const Rule& rule = cluster.rule(id);
                    const auto domain = [&](VmId vm) { return cluster.inventory().domain(host_of(vm), rule.per); };
                    const auto listed = [&](VmId vm) {
                        return std::find(rule.hosts.begin(), rule.hosts.end(), host_of(vm)) != rule.hosts.end();
                    };
                    switch (rule.kind) {
                        case RuleKind::affinity: return domain(rule.vms[0]) == domain(rule.vms[1]);
                        case RuleKind::anti_affinity: return domain(rule.vms[0]) != domain(rule.vms[1]);
                        case RuleKind::pin: return listed(rule.vms[0]) && listed(rule.vms[1]);
                        default: return !listed(rule.vms[0]) && !listed(rule.vms[1]);
                    }
                });
                if (all) return true;
            }
            return false;
        };
        std::vector<RuleId> all;
        for (std::size_t r = 0; r < 5; ++r) all.emplace_back(r);
        const auto found = find_conflicts(cluster);
        EXPECT_EQ(found.empty(), keeps(all));
        for (const Conflict& conflict : found) {
            EXPECT_TRUE(conflict.decided);
            EXPECT_FALSE(keeps(conflict.rules));
            for (std::size_t i = 0; i < conflict.rules.size(); ++i) {
                std::vector<RuleId> fewer = conflict.rules;
                fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
                EXPECT_TRUE(keeps(fewer)) << "rule " << conflict.rules[i].index() << " is not needed";
            }
        }
        hopeless += found.empty() ? 0U : 1U;
    }
    EXPECT_GT(hopeless, 30U);  // neither answer is vacuous
    EXPECT_LT(hopeless, 270U);
}

}  // namespace
}  // namespace ballast::test
