// SPDX-License-Identifier: Apache-2.0
#include "executor/power/command.hpp"

#include "executor/program.hpp"

namespace ballast::power {

Status CommandSwitch::sleep() {
    const auto said = run_or_fail(options_.sleep, options_.timeout_s);
    if (!said) return tl::unexpected(said.error());
    return {};
}

Status CommandSwitch::wake() {
    const auto said = run_or_fail(options_.wake, options_.timeout_s);
    if (!said) return tl::unexpected(said.error());
    return {};
}

Result<PowerSight> CommandSwitch::look() {
    if (options_.status.empty()) return PowerSight::unknown;
    const auto result = run_program(options_.status, options_.timeout_s);
    if (!result) return tl::unexpected(result.error());
    if (!result->timed_out && result->exit_code == 0) return PowerSight::on;
    if (!result->timed_out && result->exit_code == 1) return PowerSight::asleep;
    return fail(ErrorKind::unreachable, how_it_ended(options_.status, *result, options_.timeout_s));
}

}  // namespace ballast::power
