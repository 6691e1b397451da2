// SPDX-License-Identifier: Apache-2.0
// What a folder of results is about: DIR/experiment.json.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "simulator/experiment/grid.hpp"

namespace ballast {

// The experiment's traces, and its cells, so that a merge knows what is missing.
struct Manifest {
    std::string name;
    std::string preset;
    std::vector<TraceId> traces;  // none in the folders of early versions, which did not look at a trace's contents
    std::vector<Cell> cells;
};
[[nodiscard]] std::string manifest_to_json(const Manifest& manifest);
// Errors: usage, if it is damaged.
[[nodiscard]] Result<Manifest> manifest_from_json(const std::string& text, const std::string& file);

[[nodiscard]] std::string manifest_path(const std::string& folder);

// Makes the folder, and this experiment its owner. Any number of processes may do so at the same moment, on any number
// of machines: the manifest appears whole or not at all, and only once (link(2), which on NFS too fails for all but
// one). So the shards of one experiment all succeed, and of two experiments one is refused. Errors: refused, if the
// folder holds something else, with what has changed; usage, if its manifest is damaged; failed.
[[nodiscard]] Status claim_folder(const std::string& folder, const Manifest& manifest);

}  // namespace ballast
