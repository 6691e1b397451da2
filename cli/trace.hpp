// SPDX-License-Identifier: Apache-2.0
// The parts of `ballast trace`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cli/command.hpp"
#include "core/result.hpp"

namespace ballast {

void declare_trace_info(CLI::App& trace, CommonOptions& common, CommandAction& selected);
void declare_trace_convert(CLI::App& trace, CommonOptions& common, CommandAction& selected);
void declare_trace_import(CLI::App& trace, CommonOptions& common, CommandAction& selected);

// "WHAT  12 %, 3 s left" on a terminal, a few times a second.
[[nodiscard]] std::function<void(std::uint64_t done, std::uint64_t all)> timed_progress(std::string what);

// Refuses to overwrite what is not a Ballast trace: mistaking output for input must not cost the only copy.
[[nodiscard]] Status check_trace_output(const std::string& path);

}  // namespace ballast
