// SPDX-License-Identifier: Apache-2.0
// What a run is called on the page.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "simulator/report/report.hpp"

namespace ballast {

// One per run, all different: the policy's name; for runs of the same policy also what tells them apart (trace, seed,
// options); and a number where that is not enough.
[[nodiscard]] std::vector<std::string> run_labels(std::span<const ReportRun> runs);

// The run that others of the same trace are compared with: the first "none", or else the first. Needs such a run.
[[nodiscard]] const ReportRun& baseline_of(std::span<const ReportRun> runs, const std::string& trace);

}  // namespace ballast
