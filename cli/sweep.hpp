// SPDX-License-Identifier: Apache-2.0
// The parts of `ballast sweep`.
#pragma once

#include "cli/command.hpp"

namespace ballast {

void declare_sweep_merge(CLI::App& sweep, CommonOptions& common, CommandAction& selected);

}  // namespace ballast
