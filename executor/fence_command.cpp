// SPDX-License-Identifier: Apache-2.0
#include "executor/fence_command.hpp"

#include <utility>

#include "executor/program.hpp"

namespace ballast {

Fence fence_by_command(std::vector<std::string> argv, double timeout_s) {
    return [argv = std::move(argv), timeout_s](const HostEndpoint& host) -> FenceAnswer {
        std::vector<std::string> asked = argv;
        asked.insert(asked.end(), {host.name, host.uri});
        const Result<ProgramResult> answer = run_program(asked, timeout_s);
        if (!answer) return {false, answer.error().message};
        // One that ends well because it was told to end has not finished.
        const bool off = !answer->timed_out && answer->signal == 0 && answer->exit_code == 0;
        return {off, how_it_ended(asked, *answer, timeout_s)};
    };
}

}  // namespace ballast
