// SPDX-License-Identifier: Apache-2.0
// The parts of `ballast sweep`.
#pragma once

#include "cli/command.hpp"

namespace ballast {

// Where a sweep keeps, inside its folder, what it is about.
inline constexpr const char* sweep_manifest_name = "/experiment.json";

void declare_sweep_merge(CLI::App& sweep, CommonOptions& common, CommandAction& selected);

}  // namespace ballast
