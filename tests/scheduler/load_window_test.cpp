// SPDX-License-Identifier: Apache-2.0
#include "scheduler/load_window.hpp"

#include <limits>

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct LoadWindowTest : testing::Test {
    LoadWindowTest() {
        HostState busy;
        busy.overhead = ResourceVector(100.0, 0.0);
        h1 = scene.host("h1", 1000.0, 10000.0, busy);
        h2 = scene.host("h2");
        scene.vm("a", h1, 500.0);
        scene.vm("b", h1, 200.0);
        scene.vm("c", h2, 10.0);
    }
    static History history(const std::vector<std::vector<double>>& oldest_first) {
        History result(3, 8, 300.0);
        for (const auto& row : oldest_first) result.push(row);
        return result;
    }
    Scene scene;
    HostId h1, h2;
};

TEST(SamplesOf, AreAsManyAsFillTheTimeButAtLeastOne) {
    const History five_minutes(1, 8, 300.0);
    const History ten_seconds(1, 8, 10.0);
    EXPECT_EQ(samples_of(30.0, five_minutes), 1U);
    EXPECT_EQ(samples_of(301.0, five_minutes), 2U);
    EXPECT_EQ(samples_of(30.0, ten_seconds), 3U);
    EXPECT_EQ(samples_of(0.0, ten_seconds), 0U);
    EXPECT_EQ(samples_of(30.0, History()), 1U);  // no history: it has no period
}

TEST_F(LoadWindowTest, CountsTheNewestRunOnly) {
    const Cluster cluster = scene.build();
    // h1 with its 100 MHz overhead: 0.9, 0.3, 0.85, 0.81
    const History past = history({{600, 200, 0}, {100, 100, 0}, {550, 200, 0}, {510, 200, 0}});
    EXPECT_EQ(LoadWindow(cluster, past, 4).samples_above(h1, 0.8), 2U);
    EXPECT_EQ(LoadWindow(cluster, past, 1).samples_above(h1, 0.8), 1U);
    EXPECT_EQ(LoadWindow(cluster, past, 9).samples_below(h2, 0.3), 4U);  // no more than there are
    EXPECT_EQ(LoadWindow(cluster, past, 4).samples_below(h1, 0.3), 0U);
}

TEST_F(LoadWindowTest, AMissingSampleNeverInventsALoadAndNeverProvesALowOne) {
    const Cluster cluster = scene.build();
    // a alone: 0.1 + 0.75 = 0.85 is above 0.8 whatever b did; 0.1 + 0.2 is not known to be all there was
    const LoadWindow high(cluster, history({{750, missing, 0}}), 3);
    EXPECT_EQ(high.samples_above(h1, 0.8), 1U);
    const LoadWindow low(cluster, history({{100, missing, 0}}), 3);
    EXPECT_EQ(low.samples_below(h1, 0.9), 0U);
    EXPECT_EQ(low.samples_below(h2, 0.9), 1U);
}

TEST_F(LoadWindowTest, NeedIsTheHigherOfNowAndTheMean) {
    const Cluster cluster = scene.build();
    const History past = history({{9000, 100, 0}, {900, 100, missing}, {700, 100, 30}});
    const LoadWindow window(cluster, past, 2);
    EXPECT_DOUBLE_EQ(window.need_mhz(VmId(0)), 800.0);  // mean of 900 and 700, above 500 now
    EXPECT_DOUBLE_EQ(window.need_mhz(VmId(1)), 200.0);  // now, above the mean of 100
    EXPECT_DOUBLE_EQ(window.need_mhz(VmId(2)), 30.0);   // the only sample there is
    EXPECT_DOUBLE_EQ(window.need_mhz(h1), 1100.0);      // with the 100 of its own
}

}  // namespace
}  // namespace ballast::test
