// SPDX-License-Identifier: Apache-2.0
// What `simulate` and `sweep` have in common: a world, chosen by --preset, and policies to run in it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "simulator/cloudsim/options.hpp"
#include "simulator/report/report.hpp"
#include "simulator/simulate.hpp"

namespace ballast {

struct SimulationSetup {
    SimulationOptions options;                   // of Ballast's own world
    std::optional<cloudsim::Options> reference;  // set: the run is in the reference world
};

// Not one of the built-in presets.
[[nodiscard]] inline bool is_preset_file(const std::string& preset) {
    return preset != "default" && preset != "cloudsim";
}

// `preset`: "default", "cloudsim", or the path of a preset file; `hosts`: a hosts file, or empty. Errors: usage.
[[nodiscard]] Result<SimulationSetup> load_setup(const std::string& preset, const std::string& hosts,
                                                 std::uint64_t seed);

// Runs one policy on a trace; fills the time line if `timeline`. May be called from any thread, again and again.
using PolicyRun = std::function<Result<ReportRun>(TraceSource& trace, bool timeline, const Progress& progress)>;

// Errors: usage, for a policy that the setup's world does not have. `setup` is copied.
[[nodiscard]] Result<PolicyRun> prepare_policy(const SimulationSetup& setup, const std::string& specification);

}  // namespace ballast
