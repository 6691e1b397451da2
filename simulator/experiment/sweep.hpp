// SPDX-License-Identifier: Apache-2.0
// Runs the cells of a shard that have no result yet.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "simulator/experiment/grid.hpp"
#include "simulator/experiment/result_file.hpp"

namespace ballast {

// Called from several threads at once if there are several jobs.
using RunCell = std::function<Result<SimulationResult>(const Cell& cell)>;

struct SweepTotals {
    std::size_t ran = 0;
    std::size_t skipped = 0;  // had a result already
};

// Appends a line to `file` for every cell that is neither in the file nor in `done` (keys of other shards' files).
// `jobs` threads take the cells in order; the lines stand in the order in which the runs ended. `progress`, if given,
// is called after every run, by one thread at a time. Errors: that of the first run that fails, which cell it was; runs
// under way are brought to an end and recorded, so nothing is lost.
[[nodiscard]] Result<SweepTotals> run_cells(
    const std::vector<Cell>& cells, const std::set<std::string>& done, std::size_t jobs, ResultFile& file,
    const RunCell& run, const std::function<void(std::size_t done, std::size_t all)>& progress = {});

// The keys in all result files of the folder. A torn last line does not count: its shard may be writing it right now.
[[nodiscard]] Result<std::set<std::string>> keys_done(const std::string& folder);

}  // namespace ballast
