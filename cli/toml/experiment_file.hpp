// SPDX-License-Identifier: Apache-2.0
// The experiment of `ballast sweep EXPERIMENT.toml`. Every key is explained in configs/experiments/planetlab.toml.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "simulator/experiment/grid.hpp"

namespace ballast {

struct ExperimentFile {
    Experiment experiment;  // `world` and the traces' contents are left empty
    std::string preset;     // "default", "cloudsim" or a preset file
    std::string hosts;      // a hosts file, or empty
};

// Policies are checked: their names, options and values. Files are named as in the experiment; nothing is opened.
// Errors: usage, "file:line:column: problem".
[[nodiscard]] Result<ExperimentFile> load_experiment(const std::string& path);
[[nodiscard]] Result<ExperimentFile> parse_experiment(std::string_view text, const std::string& name);

}  // namespace ballast
