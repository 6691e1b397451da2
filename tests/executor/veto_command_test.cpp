// SPDX-License-Identifier: Apache-2.0
#include "executor/veto_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/folder.hpp"

namespace ballast {
namespace {

using testing::HasSubstr;

class VetoCommand : public testing::Test {
  protected:
    std::optional<std::string> ask(const std::string& script, double timeout_s = veto_timeout_s) {
        MigrationRequest request;
        request.vm.name = "db 1; exit 0";  // no shell may see this
        request.source.name = "h1";
        request.destination.name = "h2";
        folder.script("veto", script);
        return veto_by_command(folder.file("veto"), timeout_s)(request);
    }
    test::Folder folder;
};

TEST_F(VetoCommand, IsToldWhoAndWhereAndMayAgree) {
    EXPECT_EQ(ask("printf '%s|' \"$@\" >" + folder.file("asked")), std::nullopt);
    EXPECT_EQ(folder.read("asked"), "db 1; exit 0|h1|h2|");
}

TEST_F(VetoCommand, RefusesWithItsFirstLine) {
    EXPECT_THAT(ask("echo; echo 'backup until 04:00'; echo more; exit 3").value_or(""),
                testing::AllOf(HasSubstr("vetoed by "), testing::EndsWith("/veto: backup until 04:00")));
    EXPECT_THAT(ask("exit 7").value_or(""), testing::EndsWith("/veto: exit code 7"));
    EXPECT_THAT(ask("printf 'a\\033[2Jb'; exit 1").value_or(""), testing::EndsWith(": a [2Jb"));
}

TEST_F(VetoCommand, WhatGivesNoAnswerRefuses) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(ask("sleep 60", 0.2).value_or(""), HasSubstr("did not end within"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
    EXPECT_THAT(ask("kill -KILL $$").value_or(""), HasSubstr("was ended by signal 9"));
    EXPECT_THAT(veto_by_command("/nonexistent/veto")({}).value_or(""), HasSubstr("/nonexistent/veto"));
}

}  // namespace
}  // namespace ballast
