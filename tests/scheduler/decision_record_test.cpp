// SPDX-License-Identifier: Apache-2.0
// Decisions do not change by accident: proposals and plans on random clusters, with every reason and number in them,
// against a record of their hashes. Work on speed must leave it alone. When a policy changes on purpose, look at what
// changed and copy the file that the failing test names over tests/data/scheduler/decisions.txt.
//
// A line of the record: the policy, the shape of the cluster, its seed, and FNV-1a (64 bits) of the JSON of the
// proposal followed by that of the plan.
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "core/io/json.hpp"
#include "tests/scheduler/random_cluster.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

constexpr std::uint64_t seeds = 50;
constexpr const char* policies[] = {"spread:enter=0.8,exit=0.65", "spread:enter=0.5,exit=0.4", "consolidate",
                                    "consolidate:low=0.5,headroom=0,min_saving=0"};

struct Shape {
    const char* name;
    RandomShape shape;
};
const Shape shapes[] = {{"small", {.rich = false}}, {"large", {.hosts_max = 60, .vms_max = 250, .rich = false}}};

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = 0xcbf2'9ce4'8422'2325U) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3U;
    return hash;
}

std::uint64_t decision_hash(const RandomCluster& input, const Policy& policy) {
    const MigrationModel model;
    Rng rng(1);
    const Decision decision = value(decide({input.cluster, input.history, model}, policy, rng));
    return fnv1a(to_json(decision.plan, input.cluster, policy.specification()),
                 fnv1a(to_json(decision.proposal, input.cluster)));
}

std::string record() {
    std::string text;
    for (const char* name : policies) {
        const auto policy = value(make_policy(name));
        for (const Shape& shape : shapes) {
            for (std::uint64_t seed = 0; seed < seeds; ++seed) {
                char line[120];
                std::snprintf(line, sizeof line, "%s %s %" PRIu64 " %016" PRIx64 "\n", name, shape.name, seed,
                              decision_hash(random_cluster(seed, shape.shape), *policy));
                text += line;
            }
        }
    }
    return text;
}

TEST(DecisionRecord, DecisionsAreThoseRecorded) {
    std::ifstream file(BALLAST_SOURCE_DIR "/tests/data/scheduler/decisions.txt");
    std::stringstream recorded;
    recorded << file.rdbuf();
    const std::string now = record();
    if (now == recorded.str()) return;

    const std::string path = testing::TempDir() + "decisions.txt";
    std::ofstream(path) << now;
    std::istringstream was(recorded.str());
    std::istringstream is(now);
    std::string before;
    for (std::string line; std::getline(is, line);) {
        if (std::getline(was, before) && before == line) continue;
        FAIL() << "the first that differs: " << line << "\nthe record: " << before << "\nall of them: " << path;
    }
    FAIL() << "the record has lines that are not made any more; all that are: " << path;
}

}  // namespace
}  // namespace ballast::test
