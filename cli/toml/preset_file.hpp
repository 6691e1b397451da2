// SPDX-License-Identifier: Apache-2.0
// The reference world of a file (simulate --preset FILE.toml). Every key is explained in configs/presets/cloudsim.toml.
#pragma once

#include <string>

#include "core/result.hpp"
#include "simulator/cloudsim/options.hpp"

namespace ballast {

// Reads a preset into `options`, which keeps what the file does not set. Errors: "file:line:column: problem".
[[nodiscard]] Status load_preset_file(const std::string& path, cloudsim::Options& options);

}  // namespace ballast
