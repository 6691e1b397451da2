// SPDX-License-Identifier: Apache-2.0
#include "core/id_set.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace ballast {
namespace {

std::string parsed(std::string_view text) {
    const auto set = IdSet::parse(text);
    return set ? set->text() : "none";
}

TEST(IdSet, ReadsLibvirtsNotation) {
    EXPECT_EQ(parsed("0-3,^2,8"), "0-1,3,8");
    EXPECT_EQ(parsed("8, 1-2,3"), "1-3,8") << "neighbours are one range";
    EXPECT_EQ(parsed("4-7,0-10"), "0-10");
    EXPECT_EQ(parsed("1,^1"), "");
    for (const char* text : {"", "a", "3-1", "1,", "1-", "-1", "1--2", "65536", "99999999999999999999"}) {
        EXPECT_EQ(parsed(text), "none") << text;
    }
}

TEST(IdSet, KnowsWhatIsMissing) {
    const IdSet host = *IdSet::parse("0-7");
    const IdSet pinned = *IdSet::parse("6-9");
    EXPECT_FALSE(host.contains(pinned));
    EXPECT_EQ(pinned.without(host).text(), "8-9");
    EXPECT_TRUE(host.contains(IdSet()));
    EXPECT_TRUE(host.contains(*IdSet::parse("0,3,7")));
}

// The same as a set of numbers, whatever is added and taken away in whatever order.
RC_GTEST_PROP(IdSet, IsASetOfNumbers, ()) {
    IdSet set;
    std::set<unsigned> numbers;
    std::string text;
    for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
        const unsigned first = *rc::gen::inRange(0U, 40U);
        const unsigned last = first + *rc::gen::inRange(0U, 10U);
        const bool takes_away = !text.empty() && *rc::gen::arbitrary<bool>();
        text += (text.empty() ? std::string() : std::string(",")) + (takes_away ? "^" : "") + std::to_string(first) +
                "-" + std::to_string(last);
        for (unsigned n = first; n <= last; ++n) takes_away ? void(numbers.erase(n)) : void(numbers.insert(n));
    }
    for (const unsigned n : numbers) set.add(n);
    RC_ASSERT(IdSet::parse(text) == set);
    if (!set.empty()) RC_ASSERT(IdSet::parse(set.text()) == set);
}

}  // namespace
}  // namespace ballast
