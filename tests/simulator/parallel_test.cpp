// SPDX-License-Identifier: Apache-2.0
#include "simulator/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace ballast {
namespace {

TEST(ForEachIndex, CallsEachIndexOnceWhateverTheThreads) {
    for (const std::size_t threads : {0U, 1U, 2U, 8U, 200U}) {
        std::vector<std::atomic<int>> calls(100);
        const Status status = for_each_index(calls.size(), threads, [&](std::size_t i) -> Status {
            ++calls[i];
            return {};
        });
        EXPECT_TRUE(status);
        for (const std::atomic<int>& count : calls) EXPECT_EQ(count, 1) << threads << " threads";
    }
}

TEST(ForEachIndex, NothingToDoIsDone) {
    EXPECT_TRUE(for_each_index(0, 4, [](std::size_t) -> Status { return fail(ErrorKind::failed, "called"); }));
}

TEST(ForEachIndex, AfterAnErrorNothingBegins) {
    int calls = 0;
    const Status status = for_each_index(10, 1, [&](std::size_t i) -> Status {
        ++calls;
        if (i == 3) return fail(ErrorKind::usage, "three");
        return {};
    });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "three");
    EXPECT_EQ(status.error().kind, ErrorKind::usage);
    EXPECT_EQ(calls, 4);
}

// Both fail: 0 waits until 1 has failed, and is still the one reported.
TEST(ForEachIndex, TheErrorOfTheLowestIndexIsReported) {
    std::atomic<bool> second_failed{false};
    const Status status = for_each_index(2, 2, [&](std::size_t i) -> Status {
        if (i == 1) {
            second_failed = true;
            return fail(ErrorKind::failed, "one");
        }
        while (!second_failed) {
        }
        return fail(ErrorKind::failed, "zero");
    });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "zero");
}

TEST(ForEachIndex, AnExceptionIsAnError) {
    const Status status =
        for_each_index(3, 2, [](std::size_t) -> Status { throw std::runtime_error("out of something"); });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "internal error: out of something");
}

}  // namespace
}  // namespace ballast
