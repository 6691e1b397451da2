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

// What the world is made from; all are as on the command line, empty = not given.
struct WorldOptions {
    std::string preset = "default";  // "default", "cloudsim", or the path of a preset file
    std::string hosts;               // a hosts file
    std::string snapshot;            // a snapshot of a real cluster
};

// Errors: usage, for files that cannot be read or do not go together.
[[nodiscard]] Result<SimulationSetup> load_setup(const WorldOptions& world, std::uint64_t seed);

// What a run keeps beside its figures.
struct Keep {
    bool timeline = false;
    bool moves = false;  // of the default world only
};

// Runs one policy on a trace. May be called from any thread, again and again.
using PolicyRun = std::function<Result<ReportRun>(TraceSource& trace, const Keep& keep, const Progress& progress)>;

// Errors: usage, for a policy that the setup's world does not have. `setup` is copied.
[[nodiscard]] Result<PolicyRun> prepare_policy(const SimulationSetup& setup, const std::string& specification);

}  // namespace ballast
