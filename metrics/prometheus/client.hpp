// SPDX-License-Identifier: Apache-2.0
// Asks a Prometheus, over HTTP or HTTPS. Thread-safe: every query has a connection of its own. Redirections are not
// followed, answers are limited in time and size.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "metrics/prometheus/vector_answer.hpp"

namespace ballast {

struct PrometheusOptions {
    std::string url;       // "http://127.0.0.1:9090", also with a path before /api; empty = there is none
    std::string user;      // for basic authentication; empty = without
    std::string password;  // not empty only with a user
    std::string ca_file;   // certificates to trust; empty = the system's
    double timeout_s = 5.0;
};

class PrometheusClient {
  public:
    static constexpr std::size_t answer_bytes_max = std::size_t{64} * 1024 * 1024;

    explicit PrometheusClient(PrometheusOptions options);

    // The expression's value now. Errors, one line: unreachable, if there is no answer; failed, if it is none or says
    // so.
    [[nodiscard]] Result<std::vector<PrometheusSample>> query(std::string_view expression) const;

  private:
    PrometheusOptions options_;
};

}  // namespace ballast
