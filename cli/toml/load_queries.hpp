// SPDX-License-Identifier: Apache-2.0
// The queries of `ballast trace import --format prometheus --queries FILE.toml`. Every key is explained in
// docs/formats/trace.md.
#pragma once

#include <string>
#include <string_view>

#include "cli/prometheus_import.hpp"
#include "cli/toml/prometheus_settings.hpp"
#include "core/result.hpp"

namespace ballast {

struct LoadQueriesFile {
    PrometheusAccess access;  // without the URL
    VmLoadQueries queries;
};

// Errors: usage, "file:line:column: problem".
[[nodiscard]] Result<LoadQueriesFile> load_load_queries(const std::string& path);
[[nodiscard]] Result<LoadQueriesFile> parse_load_queries(std::string_view text, const std::string& name);

}  // namespace ballast
