// SPDX-License-Identifier: Apache-2.0
#include "cli/standing_notes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast {
namespace {

std::vector<std::string> lines(const std::vector<StandingNotes::Change>& changes) {
    std::vector<std::string> result;
    for (const auto& change : changes) result.push_back(change.about + "=" + change.text);
    return result;
}

TEST(StandingNotes, SaysWhatBeginsChangesAndEndsOnce) {
    StandingNotes standing;
    EXPECT_THAT(lines(standing.update({{"h1", "silent"}, {"h2", "silent"}})),
                testing::ElementsAre("h1=silent", "h2=silent"));
    EXPECT_THAT(lines(standing.update({{"h1", "silent"}, {"h2", "silent"}})), testing::IsEmpty());
    EXPECT_THAT(lines(standing.update({{"h2", "refuses"}, {"h3", "silent"}})),
                testing::ElementsAre("h1=", "h2=refuses", "h3=silent"));
    EXPECT_THAT(lines(standing.update({})), testing::ElementsAre("h2=", "h3="));
    EXPECT_THAT(lines(standing.update({})), testing::IsEmpty());
}

}  // namespace
}  // namespace ballast
