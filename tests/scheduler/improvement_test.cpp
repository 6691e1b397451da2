// SPDX-License-Identifier: Apache-2.0
// What policies make of the search: moves before hosts run short, with what they are worth.
#include "tests/scheduler/random_cluster.hpp"
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

// Two VMs that need 100 and 800 in turn, each for half an hour, now both low: nothing is hot, but will be.
struct Wave {
    Wave() {
        h1 = scene.host("h1");
        h2 = scene.host("h2");
        a = scene.vm("a", h1, 200.0);
        b = scene.vm("b", h1, 250.0);
        cluster = scene.build();
        past = History(2, 12, 300.0);
        for (int i = 0; i < 12; ++i) {
            const bool high = (i / 2) % 2 == 0;
            past.push(std::array{high ? 600.0 : 200.0, high ? 610.0 : 250.0});
        }
    }
    Scene scene;
    HostId h1, h2;
    VmId a, b;
    std::optional<Cluster> cluster;
    History past;
};

TEST(Improvement, SpreadPartsWhatWillRunShortTogether) {
    const Wave wave;
    const Proposal proposal = propose(*wave.cluster, wave.past, "spread");
    ASSERT_EQ(proposal.moves.size(), 1U);
    const Move& move = proposal.moves[0];
    EXPECT_EQ(move.reason.code, ReasonCode::lower_contention);
    EXPECT_EQ(move.reason.host, wave.h1);
    EXPECT_FALSE(move.reason.vm.valid());
    EXPECT_GT(move.reason.value, 0.0);
    EXPECT_LE(move.reason.value, move.reason.limit);  // no more than there was; h2 lacks nothing
    EXPECT_DOUBLE_EQ(move.relief_mhz, move.reason.value);
    EXPECT_NE(describe(move.reason, *wave.cluster).find("h1 is expected to be short of"), std::string::npos);
    EXPECT_EQ(moves_text(propose(*wave.cluster, wave.past, "spread:search=0"), *wave.cluster), "");
}

TEST(Improvement, WhatIsWorthLessThanItsMigrationStays) {
    Wave wave;
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 200.0, 5000.0);  // half of a host's memory goes with half of its CPU: 500 MHz
    scene.vm("b", h1, 250.0, 5000.0);
    const Cluster heavy = scene.build();
    EXPECT_EQ(moves_text(propose(heavy, wave.past, "spread"), heavy), "");
}

TEST(Improvement, ACalmClusterIsLeftAlone) {
    Scene scene;
    const HostId h1 = scene.host("h1");
    scene.host("h2");
    scene.vm("a", h1, 250.0);
    scene.vm("b", h1, 250.0);
    const Cluster cluster = scene.build();
    EXPECT_EQ(moves_text(propose(cluster, "spread"), cluster), "");
}

TEST(Improvement, TheMovesThatMakeRoomSayForWhom) {
    std::size_t together = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE(seed);
        const RandomCluster input = random_cluster(seed);
        const Proposal proposal = propose(input.cluster, input.history, "spread");
        for (const Move& move : proposal.moves) {
            if (move.reason.code != ReasonCode::lower_contention || !move.reason.vm.valid()) continue;
            const Move* first = move_of(proposal, move.reason.vm);
            ASSERT_NE(first, nullptr);
            EXPECT_EQ(first->reason.code, ReasonCode::lower_contention);
            EXPECT_EQ(first->reason.value, move.reason.value);
            EXPECT_EQ(move.relief_mhz, 0.0);
            ++together;
        }
    }
    EXPECT_GT(together, 0U);
}

}  // namespace
}  // namespace ballast::test
