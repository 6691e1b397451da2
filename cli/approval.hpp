// SPDX-License-Identifier: Apache-2.0
// Whether what was decided is only said, asked about, or done.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

enum class Mode { advise, confirm, automatic };

// "advise", "confirm" or "auto".
[[nodiscard]] std::string_view name(Mode mode);

// The way back. Errors: usage, also for confirm without a terminal to ask on.
[[nodiscard]] Result<Mode> parse_mode(const std::string& mode);

// False for anything but a yes that comes in time: what was decided for the cluster as it was then must not be carried
// out in a cluster that has changed since.
[[nodiscard]] bool ask_on_terminal();

}  // namespace ballast
