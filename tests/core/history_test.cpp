// SPDX-License-Identifier: Apache-2.0
#include "core/history.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ballast {
namespace {

TEST(History, KeepsTheNewestSamplesOfEachVm) {
    History history(2, 3, 15.0);
    EXPECT_EQ(history.sample_count(), 0U);
    for (const double t : {1.0, 2.0, 3.0, 4.0}) history.push(std::array{t, 10.0 * t});
    ASSERT_EQ(history.sample_count(), 3U);
    EXPECT_EQ(history.cpu_mhz(VmId(0), 0), 4.0);  // newest
    EXPECT_EQ(history.cpu_mhz(VmId(0), 2), 2.0);  // oldest kept: 1.0 was dropped
    EXPECT_EQ(history.cpu_mhz(VmId(1), 1), 30.0);
    EXPECT_EQ(history.row(2)[1], 20.0);
}

// A snapshot keeps what it saw, whatever is pushed afterwards, and shares the rows that are still in the window.
TEST(History, ACopySharesItsSamplesAndDoesNotChange) {
    History history(1, 2, 15.0);
    history.push(std::array{1.0});
    history.push(std::array{2.0});
    const History copy = history;
    EXPECT_EQ(copy.row(0).data(), history.row(0).data());
    for (const double t : {3.0, 4.0, 5.0}) history.push(std::array{t});
    EXPECT_EQ(copy.cpu_mhz(VmId(0), 0), 2.0);
    EXPECT_EQ(copy.cpu_mhz(VmId(0), 1), 1.0);
    EXPECT_EQ(history.cpu_mhz(VmId(0), 1), 4.0);
}

TEST(History, RemembersWhenAVmMoved) {
    History history(2, 1, 15.0);
    EXPECT_EQ(history.last_move_age_s(VmId(1)), History::never);
    history.set_last_move_age(VmId(1), 90.0);
    EXPECT_EQ(history.last_move_age_s(VmId(1)), 90.0);
    EXPECT_EQ(history.last_move_age_s(VmId(0)), History::never);
}

TEST(History, AgesGrowWithTheTimeTheyCountFrom) {
    History history(2, 1, 15.0);
    history.set_last_move(VmId(1), 100.0);
    History later = history;
    later.set_now(160.0);
    EXPECT_EQ(later.last_move_age_s(VmId(1)), 60.0);
    EXPECT_EQ(later.last_move_age_s(VmId(0)), History::never);
    history.set_last_move(VmId(0), 150.0);  // the copy does not change
    EXPECT_EQ(later.last_move_age_s(VmId(0)), History::never);
}

TEST(HistoryDeathTest, ASampleThatWasNeverTakenIsABrokenInvariant) {
    History history(1, 2, 15.0);
    history.push(std::array{1.0});
    EXPECT_DEATH(static_cast<void>(history.cpu_mhz(VmId(0), 1)), "no sample is that old");
}

}  // namespace
}  // namespace ballast
