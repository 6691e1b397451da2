// SPDX-License-Identifier: Apache-2.0
// The report of one or more runs: a single HTML page with a table that compares them and charts over time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulator/observers/moves.hpp"
#include "simulator/result.hpp"
#include "simulator/tariff.hpp"
#include "simulator/timeline.hpp"

namespace ballast {

struct ReportRun {
    SimulationResult result;
    Timeline timeline;
    std::vector<SimulatedMove> moves;  // not in the report
};

// UTF-8. The page loads nothing (its content security policy forbids it), works from a file, and shows the table
// without JavaScript too. Energy is compared with the first run of the same trace named "none"; without one, with the
// first run of the trace. With a tariff the table has the cost. Names may be anything: they are escaped. The same runs
// give the same bytes. At most about 0.8 MB per run (Timeline's limits), 0.2 MB for one day.
[[nodiscard]] std::string html_report(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff = {});

}  // namespace ballast
