// SPDX-License-Identifier: Apache-2.0
#include "executor/program.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<std::string> shell(const std::string& script) { return {"sh", "-c", script}; }

TEST(Program, GivesBackWhatItPrintedAndHowItEnded) {
    const ProgramResult result = value(run_program(shell("echo out; echo err >&2; exit 3"), 10.0));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.output, "out\nerr\n");
    EXPECT_FALSE(result.timed_out);
}

TEST(Program, ArgumentsAreNobodysShellCode) {
    EXPECT_EQ(value(run_program({"printf", "%s|", "a b", "$(id)", ";", "'"}, 10.0)).output, "a b|$(id)|;|'|");
}

TEST(Program, OneThatIsNotThereIsSaidSo) {
    const auto result = run_program({"no-such-program-here"}, 10.0);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("cannot run no-such-program-here: No such file"));
}

TEST(Program, HasNoInputAndNoneOfOurFiles) {
    const int ours = open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as a library may
    ASSERT_GE(ours, 0);
    const ProgramResult result = value(run_program(shell("cat; ls /proc/self/fd | wc -l"), 10.0));
    close(ours);
    EXPECT_EQ(result.output, "4\n") << "0, 1, 2 and the one that ls reads the folder with";
}

TEST(Program, IsEndedWithAllItStartedWhenItsTimeIsOver) {
    // The child ignores the polite request, and tells us its number first.
    ProgramResult result;
    const double took_s = seconds_of([&] {
        result = value(run_program(shell("trap '' TERM; (trap '' TERM; sleep 60) & echo $!; wait; sleep 60"), 0.3));
    });
    EXPECT_TRUE(result.timed_out);
    EXPECT_LT(took_s, 0.3 + 2.0 * kill_grace_s);
    const pid_t grandchild = std::stoi(result.output);
    for (int i = 0; i < 100 && kill(grandchild, 0) == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_NE(kill(grandchild, 0), 0) << "it lives on";
}

TEST(Program, OneThatEndsPolitelyIsNotWaitedForAnyLonger) {
    const double took_s = seconds_of([] { EXPECT_TRUE(value(run_program({"sleep", "60"}, 0.2)).timed_out); });
    EXPECT_LT(took_s, kill_grace_s);
}

TEST(Program, HugeOutputIsReadAndThrownAway) {
    const ProgramResult result = value(run_program(shell("head -c 50000000 /dev/zero | tr '\\0' x"), 30.0));
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.output.size(), output_bytes_max);
}

TEST(Program, AnEndlessWriterIsStopped) { EXPECT_TRUE(value(run_program({"yes"}, 0.3)).timed_out); }

TEST(Program, ADaemonItLeavesBehindHoldsNobodyUp) {
    ProgramResult result;
    const double took_s = seconds_of([&] { result = value(run_program(shell("sleep 5 & echo $!"), 10.0)); });
    EXPECT_LT(took_s, 3.0) << "though the daemon has inherited the output";
    const pid_t daemon = std::stoi(result.output);
    EXPECT_EQ(kill(daemon, 0), 0) << "it was left on purpose";
    kill(daemon, SIGKILL);
}

TEST(Program, AnOutputThatIsClosedEarlyDoesNotSpin) {
    const double took_s =
        seconds_of([] { EXPECT_EQ(value(run_program(shell("exec >&- 2>&-; sleep 0.3; exit 7"), 10.0)).exit_code, 7); });
    EXPECT_GE(took_s, 0.29);
}

TEST(Program, ErrorsAreOneLineThatATerminalTakesAsText) {
    const auto failed = run_or_fail(shell("echo first; printf 'no \\033[2J session\\n\\n'; exit 2"), 10.0);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "sh ended with exit code 2: no  [2J session");
    EXPECT_THAT(run_or_fail(shell("kill -9 $$"), 10.0).error().message, HasSubstr("was ended by signal 9"));
    const auto late = run_or_fail({"sleep", "60"}, 1.0);
    EXPECT_EQ(late.error().kind, ErrorKind::unreachable);
    EXPECT_EQ(late.error().message, "sleep did not end within 1 s and was killed");
}

}  // namespace
}  // namespace ballast
