// SPDX-License-Identifier: Apache-2.0
#include "simulator/observers/returns.hpp"

#include <gtest/gtest.h>

namespace ballast {
namespace {

TEST(ReturnCounter, CountsWhoIsBackWithinTheHour) {
    ReturnCounter counter(2);
    const auto moves = [&](std::size_t vm, std::size_t from, std::size_t to, double at_s) {
        counter.on_migration_start({VmId(vm), HostId(from), HostId(to), at_s, {}});
        return counter.returns;
    };
    EXPECT_EQ(moves(0, 0, 1, 0.0), 0U);
    EXPECT_EQ(moves(1, 1, 0, 10.0), 0U);    // another VM
    EXPECT_EQ(moves(0, 1, 2, 1000.0), 0U);  // it went on
    EXPECT_EQ(moves(0, 2, 0, 3599.0), 1U);  // back, by a third host
    EXPECT_EQ(moves(0, 0, 1, 4600.0), 1U);  // it had left 1 for an hour
    EXPECT_EQ(moves(1, 0, 1, 3610.0), 1U);  // after an hour
}

}  // namespace
}  // namespace ballast
