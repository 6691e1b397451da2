// SPDX-License-Identifier: Apache-2.0
// Work that may be killed: see the world's points in fake_hypervisor.hpp.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace ballast::test {

// Runs `work` in a child process. True if it lived to the end, false if it was killed at its point.
template <typename Work>
bool survives(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
        EXPECT_EQ(WTERMSIG(status), SIGKILL);
        return false;
    }
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return true;
}

}  // namespace ballast::test
