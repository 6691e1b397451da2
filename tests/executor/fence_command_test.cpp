// SPDX-License-Identifier: Apache-2.0
#include "executor/fence_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/folder.hpp"

namespace ballast {
namespace {

using testing::HasSubstr;

class FenceCommand : public testing::Test {
  protected:
    FenceAnswer ask(const std::string& script, double timeout_s = fence_timeout_s) {
        folder.script("fence", script);
        return fence_by_command({folder.file("fence"), "--off"}, timeout_s)({"h2; exit 0", "qemu+tls://h2/system", ""});
    }
    test::Folder folder;
};

TEST_F(FenceCommand, IsToldWhomAndSaysThatItIsOff) {
    const FenceAnswer answer = ask("printf '%s|' \"$@\" >" + folder.file("asked") + "; echo Chassis Power is off");
    EXPECT_TRUE(answer.off);
    EXPECT_THAT(answer.text, testing::EndsWith("/fence ended with exit code 0: Chassis Power is off"));
    EXPECT_EQ(folder.read("asked"), "--off|h2; exit 0|qemu+tls://h2/system|");
}

TEST_F(FenceCommand, AnyOtherEndIsNotKnown) {
    const FenceAnswer refused = ask("echo no answer from h2-bmc; exit 1");
    EXPECT_FALSE(refused.off);
    EXPECT_THAT(refused.text, HasSubstr("ended with exit code 1: no answer from h2-bmc"));
    EXPECT_FALSE(ask("exit 2").off);
    EXPECT_FALSE(ask("kill -KILL $$").off);
    const FenceAnswer none = fence_by_command({"/nonexistent/fence"})({"h2", "", ""});
    EXPECT_FALSE(none.off);
    EXPECT_THAT(none.text, HasSubstr("cannot run /nonexistent/fence"));
}

TEST_F(FenceCommand, OneThatIsToldToEndHasNotFenced) {
    const FenceAnswer late = ask("trap 'exit 0' TERM; sleep 60 & wait", 0.2);
    EXPECT_FALSE(late.off);
    EXPECT_THAT(late.text, HasSubstr("did not end within"));
}

}  // namespace
}  // namespace ballast
