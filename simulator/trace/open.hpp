// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/result.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

// Opens a recording: Ballast's own trace file, or a PlanetLab day (a folder, or a tar archive of one), which is read
// into memory. Recognised by content, not by name. Errors: usage, one line; a CSV file gets told about `trace import`.
[[nodiscard]] Result<std::unique_ptr<TraceSource>> open_trace(const std::string& path);

}  // namespace ballast
