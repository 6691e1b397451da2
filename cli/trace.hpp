// SPDX-License-Identifier: Apache-2.0
// The parts of `ballast trace`.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "core/result.hpp"

namespace ballast {

void declare_trace_info(CLI::App& trace, CommonOptions& common, CommandAction& selected);
void declare_trace_convert(CLI::App& trace, CommonOptions& common, CommandAction& selected);
void declare_trace_import(CLI::App& trace, CommonOptions& common, CommandAction& selected);

// Refuses to overwrite what is not a Ballast trace: mistaking output for input must not cost the only copy.
[[nodiscard]] Status check_trace_output(const std::string& path);

}  // namespace ballast
