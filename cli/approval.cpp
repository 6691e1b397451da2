// SPDX-License-Identifier: Apache-2.0
#include "cli/approval.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "cli/output.hpp"
#include "cli/stop.hpp"

namespace ballast {

namespace {

constexpr double answer_max_s = 60.0;  // to a question; later the decision is too old
constexpr double answer_poll_s = 0.25;

}  // namespace

bool ask_on_terminal() {
    tcflush(STDIN_FILENO, TCIFLUSH);  // what was typed before this plan was shown is no answer to it
    std::fputs("Carry this plan out? [y/N] ", stderr);
    pollfd input{STDIN_FILENO, POLLIN, 0};
    for (double waited_s = 0.0; waited_s < answer_max_s; waited_s += answer_poll_s) {
        if (stop_signal().start_nothing_new()) return false;
        if (::poll(&input, 1, static_cast<int>(answer_poll_s * 1000.0)) <= 0) continue;
        std::string answer;
        std::getline(std::cin, answer);
        return answer == "y" || answer == "Y" || answer == "yes";
    }
    note(fmt::format("no answer within {:.0f} s; the cluster may have changed since, so nothing was done",
                     answer_max_s));
    return false;
}

std::string_view name(Mode mode) {
    switch (mode) {
        case Mode::advise: return "advise";
        case Mode::confirm: return "confirm";
        case Mode::automatic: return "auto";
    }
    return "?";
}

Result<Mode> parse_mode(const std::string& mode) {
    if (mode == "advise") return Mode::advise;
    if (mode == "auto") return Mode::automatic;
    if (mode != "confirm") return fail(ErrorKind::usage, "unknown mode \"" + mode + "\"; known: advise, confirm, auto");
    if (isatty(STDIN_FILENO) == 1) return Mode::confirm;
    return fail(ErrorKind::usage,
                "--mode confirm asks a question and needs a terminal; without one use advise or auto");
}

}  // namespace ballast
