// SPDX-License-Identifier: Apache-2.0
// The hosts of a simulation (simulate --hosts HOSTS.toml): host groups, VM types, and the models' parameters. Every key
// is explained in configs/hosts/planetlab.toml.
#pragma once

#include <string>

#include "core/result.hpp"
#include "simulator/workload.hpp"

namespace ballast {

// Reads a hosts file into `options`, which keeps what the file does not set. Errors: "file:line:column: problem".
[[nodiscard]] Status load_hosts_file(const std::string& path, SimulationOptions& options);

}  // namespace ballast
