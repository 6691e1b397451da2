// SPDX-License-Identifier: Apache-2.0
#include "core/stays.hpp"

#include <gtest/gtest.h>

namespace ballast {
namespace {

Reason because(ReasonCode code) {
    Reason reason;
    reason.code = code;
    return reason;
}

TEST(Stays, AreGivenInTheOrderOfTheVmsWithTheirReasons) {
    Stays stays;
    stays.insert({VmId(5), because(ReasonCode::pinned), HostId(2)});
    const WhyId cooldown = stays.add(because(ReasonCode::cooldown));
    stays.set(VmId(3), cooldown);
    stays.set(VmId(0), cooldown);
    std::vector<std::pair<VmId, ReasonCode>> seen;
    for (const Stay& stay : stays) seen.emplace_back(stay.vm, stay.reason.code);
    const std::vector<std::pair<VmId, ReasonCode>> expected = {
        {VmId(0), ReasonCode::cooldown}, {VmId(3), ReasonCode::cooldown}, {VmId(5), ReasonCode::pinned}};
    EXPECT_EQ(seen, expected);
    EXPECT_FALSE((*stays.begin()).best.valid());
    EXPECT_EQ(stays.size(), 3U);
    ASSERT_TRUE(stays.find(VmId(5)));
    EXPECT_EQ(stays.find(VmId(5))->best, HostId(2));
    EXPECT_FALSE(stays.find(VmId(4)));
    EXPECT_FALSE(stays.find(VmId(6)));
}

TEST(Stays, TheLastThatIsSaidOfAVmHoldsAndMayBeTakenBack) {
    Stays stays = {{VmId(1), because(ReasonCode::pinned), {}}, {VmId(1), because(ReasonCode::cooldown), {}}};
    EXPECT_EQ(stays.size(), 1U);
    EXPECT_EQ((*stays.begin()).reason.code, ReasonCode::cooldown);
    stays.erase(VmId(1));
    stays.erase(VmId(7));
    EXPECT_EQ(stays.size(), 0U);
    EXPECT_FALSE(stays.contains(VmId(1)));
    EXPECT_TRUE(stays.begin() == stays.end());
}

TEST(StaysDeathTest, NoVmIsABrokenInvariant) {
    Stays stays;
    EXPECT_DEATH(stays.insert({VmId(), {}, {}}), "a VM stays");
}

}  // namespace
}  // namespace ballast
