// SPDX-License-Identifier: Apache-2.0
// What an experiment's runs say together.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "simulator/experiment/grid.hpp"
#include "simulator/experiment/manifest.hpp"
#include "simulator/experiment/result_file.hpp"
#include "simulator/experiment/statistics.hpp"

namespace ballast {

// All runs of a folder's result files, in order of file and line; torn last lines do not count.
[[nodiscard]] Result<std::vector<RunRecord>> read_runs(const std::string& folder);

// One policy with its options on one trace, over the seeds.
struct SweepGroup {
    std::string trace;
    std::string policy;
    Estimate energy_kwh;
    Estimate migrations;
    Estimate slav;
    Estimate downtime_s;
    bool on_front =
        false;  // no other group of the trace has less energy and no more slav, or less slav and no more energy
};

struct Merged {
    std::string name;
    std::string preset;
    std::vector<SweepGroup> groups;  // in the grid's order; only those that have a run
    std::vector<Cell> missing;
};

// Errors: usage, for a cell that has two results (says where) and for a result that belongs to no cell.
[[nodiscard]] Result<Merged> merge(const Manifest& manifest, std::span<const RunRecord> runs);

// Which of the points (x, y), both the smaller the better, no other point beats. Equal points are both on the front.
// O(n log n).
[[nodiscard]] std::vector<bool> pareto_front(std::span<const std::pair<double, double>> points);

// {"experiment":…,"preset":…,"groups":[…],"missing":[…]}, one line. Without an interval its half width is null.
[[nodiscard]] std::string to_json(const Merged& merged);

}  // namespace ballast
