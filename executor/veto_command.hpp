// SPDX-License-Identifier: Apache-2.0
// A veto by the operator's own program: PROGRAM VM SOURCE DESTINATION, by name, without a shell. Exit code 0 lets the
// migration begin; any other refuses it, with the first line that the program printed as the reason. What cannot be
// started, or does not end in time, refuses as well.
#pragma once

#include <string>

#include "executor/veto.hpp"

namespace ballast {

inline constexpr double veto_timeout_s = 30.0;

[[nodiscard]] Veto veto_by_command(std::string program, double timeout_s = veto_timeout_s);

}  // namespace ballast
