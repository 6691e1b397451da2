// SPDX-License-Identifier: Apache-2.0
// What Prometheus answers: to /api/v1/query an instant vector, one sample per series, to /api/v1/query_range a matrix.
// From another machine, so nothing in it is trusted.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace ballast {

using PrometheusLabels = std::map<std::string, std::string>;

struct PrometheusSample {
    PrometheusLabels labels;
    double value = 0.0;        // finite
    double unix_time_s = 0.0;  // of the evaluation
};

struct PrometheusPoint {
    double unix_time_s = 0.0;
    double value = 0.0;  // finite
};

struct PrometheusSeries {
    PrometheusLabels labels;
    std::vector<PrometheusPoint> points;  // times in the answer's order
};

inline constexpr std::size_t prometheus_samples_max = 200'000;   // of a vector
inline constexpr std::size_t prometheus_points_max = 1'000'000;  // of a matrix, all series together

// The samples in the answer's order; those whose value is not finite (Prometheus has NaN and Inf) are left out. Errors,
// one line: it is no such answer, its status is "error" (with what Prometheus says), or it has more samples than
// prometheus_samples_max. O(bytes).
[[nodiscard]] Result<std::vector<PrometheusSample>> parse_vector_answer(std::string_view json);

// Likewise, at most prometheus_points_max. Series without a finite point are there, without points.
[[nodiscard]] Result<std::vector<PrometheusSeries>> parse_matrix_answer(std::string_view json);

}  // namespace ballast
