// SPDX-License-Identifier: Apache-2.0
// The answer of Prometheus's /api/v1/query to an expression that gives an instant vector. From another machine, so
// nothing in it is trusted.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace ballast {

struct PrometheusSample {
    std::map<std::string, std::string> labels;
    double value = 0.0;        // finite
    double unix_time_s = 0.0;  // of the evaluation
};

inline constexpr std::size_t prometheus_samples_max = 200'000;

// The samples in the answer's order; those whose value is not finite (Prometheus has NaN and Inf) are left out. Errors,
// one line: it is no such answer, its status is "error" (with what Prometheus says), or it has more samples than
// prometheus_samples_max. O(bytes).
[[nodiscard]] Result<std::vector<PrometheusSample>> parse_vector_answer(std::string_view json);

}  // namespace ballast
