// SPDX-License-Identifier: Apache-2.0
#include "executor/veto_command.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "executor/program.hpp"

namespace ballast {

namespace {

constexpr std::size_t reason_bytes_max = 200;

// The first line with something in it, without what a terminal would obey.
std::string first_line(std::string_view output) {
    const std::size_t begin = output.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    output.remove_prefix(begin);
    std::string line(output.substr(0, std::min(output.find_first_of("\r\n"), reason_bytes_max)));
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    return line;
}

std::optional<std::string> ask(const std::vector<std::string>& argv, double timeout_s) {
    const Result<ProgramResult> answer = run_program(argv, timeout_s);
    if (!answer) return "vetoed, because " + answer.error().message;
    if (answer->timed_out || answer->signal != 0) return "vetoed, because " + how_it_ended(argv, *answer, timeout_s);
    if (answer->exit_code == 0) return std::nullopt;
    const std::string reason = first_line(answer->output);
    return "vetoed by " + argv[0] + ": " + (reason.empty() ? "exit code " + std::to_string(answer->exit_code) : reason);
}

}  // namespace

Veto veto_by_command(std::string program, double timeout_s) {
    return [program = std::move(program), timeout_s](const MigrationRequest& request) {
        return ask({program, request.vm.name, request.source.name, request.destination.name}, timeout_s);
    };
}

}  // namespace ballast
