// SPDX-License-Identifier: Apache-2.0
// Runs another program, by its argument list and never by a shell, for a limited time and with limited output.
//
// It has a process group of its own, no input, none of our open files, and one pipe for what it prints. When the time
// is over the whole group is asked to end and, if it does not, killed: a script's children go with it. What a program
// leaves behind on purpose when it ends by itself (a daemon) is let be.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"

namespace ballast {

struct ProgramResult {
    int exit_code = 0;       // -1 if a signal ended it
    int signal = 0;          // 0 = none
    bool timed_out = false;  // it was ended by us
    std::string output;      // stdout and stderr as they came, at most output_bytes_max
};

inline constexpr std::size_t output_bytes_max = 64 * 1024;  // what is more is read and thrown away
inline constexpr double kill_grace_s = 2.0;                 // between asking and killing

// Error: it could not be started.
[[nodiscard]] Result<ProgramResult> run_program(const std::vector<std::string>& argv, double timeout_s);

// The same where only success counts. The error has the program's name, how it ended and the last line it printed.
[[nodiscard]] Result<std::string> run_or_fail(const std::vector<std::string>& argv, double timeout_s);

// How a program that did not succeed ended, in one line: "ipmitool ended with exit code 1: Unable to establish …".
[[nodiscard]] std::string how_it_ended(const std::vector<std::string>& argv, const ProgramResult& result,
                                       double timeout_s);

}  // namespace ballast
