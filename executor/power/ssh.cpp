// SPDX-License-Identifier: Apache-2.0
#include "executor/power/ssh.hpp"

#include "executor/program.hpp"

namespace ballast::power {

namespace {

constexpr int ssh_itself_failed = 255;

}  // namespace

// BatchMode: never ask anybody for a password or about a host key. The host's shell joins the words again, so words
// with spaces are for the operator to quote, as with ssh itself.
std::vector<std::string> SshSwitch::ssh(const std::vector<std::string>& command) const {
    std::vector<std::string> argv = {"ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "--", options_.address};
    argv.insert(argv.end(), command.begin(), command.end());
    return argv;
}

Status SshSwitch::sleep() {
    const std::vector<std::string> argv = ssh(options_.sleep);
    const auto result = run_program(argv, options_.timeout_s);
    if (!result) return tl::unexpected(result.error());
    if (!result->timed_out && result->exit_code == 0) return {};
    // A host that is asleep does not end a connection: that ssh hangs or is cut off is how success may look.
    return fail(ErrorKind::unreachable, text() + ": " + how_it_ended(argv, *result, options_.timeout_s));
}

Status SshSwitch::wake() {
    return fail(ErrorKind::usage, text() + ": ssh wakes nobody; give the host a \"mac\" to be woken by Wake-on-LAN");
}

Result<PowerSight> SshSwitch::look() {
    const std::vector<std::string> argv = ssh({"true"});
    const auto result = run_program(argv, options_.timeout_s);
    if (!result) return tl::unexpected(result.error());
    const bool came_in = !result->timed_out && result->exit_code != ssh_itself_failed;
    return came_in ? PowerSight::on : PowerSight::unknown;
}

}  // namespace ballast::power
