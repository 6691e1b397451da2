// SPDX-License-Identifier: Apache-2.0
#include "executor/hold_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/executor/scratch.hpp"

namespace ballast {
namespace {

using testing::HasSubstr;

TEST(HoldFile, HoldsWhileTheFileExistsAndSaysItsFirstLine) {
    const test::Scratch scratch;
    const HoldFile hold(scratch.file("hold"));
    EXPECT_FALSE(hold.because());
    std::ofstream(hold.path()) << "storage work, Anna\tuntil noon\nmore\n";
    EXPECT_EQ(hold.because(), "on hold by " + hold.path() + ": storage work, Anna until noon");
    std::ofstream(hold.path(), std::ios::trunc);
    EXPECT_EQ(hold.because(), "on hold by " + hold.path());
    std::remove(hold.path().c_str());
    EXPECT_FALSE(hold.because());
}

TEST(HoldFile, ASignalMakesTheFileAndTakesItAway) {
    const test::Scratch scratch;
    HoldFile hold(scratch.file("hold"));
    hold.set();
    EXPECT_EQ(hold.because(), "on hold by " + hold.path() + ": by signal");
    EXPECT_TRUE(HoldFile(hold.path()).because()) << "other programs see it, too";
    hold.release();
    EXPECT_FALSE(hold.because());
}

TEST(HoldFile, ASignalLeavesAPersonsReasonAlone) {
    const test::Scratch scratch;
    HoldFile hold(scratch.file("hold"));
    std::ofstream(hold.path()) << "storage work\n";
    hold.set();
    EXPECT_EQ(hold.because(), "on hold by " + hold.path() + ": storage work");
    std::remove(hold.path().c_str());
    EXPECT_FALSE(hold.because());
}

TEST(HoldFile, WithoutAPlaceForTheFileASignalHoldsAllTheSame) {
    const test::Scratch scratch;
    HoldFile hold(scratch.file("no-such-folder/hold"));
    EXPECT_FALSE(hold.because());
    hold.set();
    EXPECT_THAT(hold.because().value_or(""), HasSubstr("could not be made"));
    hold.release();
    EXPECT_FALSE(hold.because());
}

TEST(HoldFile, WhatCannotBeLookedForHolds) {
    const HoldFile hold("/" + std::string(300, 'x'));  // ENAMETOOLONG, also for root
    EXPECT_THAT(hold.because().value_or(""), HasSubstr("cannot be looked for: File name too long"));
}

TEST(HoldFile, AnythingOfThatNameHoldsAndNothingBlocks) {
    const test::Scratch scratch;
    const HoldFile hold(scratch.file("hold"));
    ASSERT_EQ(mkfifo(hold.path().c_str(), 0600), 0);
    EXPECT_TRUE(hold.because());
}

}  // namespace
}  // namespace ballast
