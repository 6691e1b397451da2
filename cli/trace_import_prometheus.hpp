// SPDX-License-Identifier: Apache-2.0
// `ballast trace import --format prometheus`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "simulator/trace/import/trace_builder.hpp"

namespace ballast {

struct PrometheusImportArguments {
    std::string url;
    std::string queries;  // file; empty = the default queries, without credentials
    std::string output;
    std::string name;  // of the trace; empty = that of the output
    std::optional<double> interval_s;
    std::optional<double> from_s;   // seconds since 1970; nothing = a day before the end
    std::optional<double> until_s;  // nothing = now
    std::size_t hold_intervals_max = 1;
};

// With progress on a terminal. Errors: usage for what is no address, or a file of queries that is none; those of
// import_from_prometheus() and TraceBuilder::write().
[[nodiscard]] Result<TraceBuilderSummary> import_prometheus_trace(const PrometheusImportArguments& arguments);

}  // namespace ballast
