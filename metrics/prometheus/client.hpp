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
#include "metrics/prometheus/answer.hpp"

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
    // Of an answer; what is read of it takes some ten times as much.
    static constexpr std::size_t vector_bytes_max = std::size_t{8} * 1024 * 1024;
    static constexpr std::size_t matrix_bytes_max = std::size_t{64} * 1024 * 1024;

    explicit PrometheusClient(PrometheusOptions options);

    // The expression's value now. Errors, one line: unreachable, if there is no answer; failed, if it is none or says
    // so.
    [[nodiscard]] Result<std::vector<PrometheusSample>> query(std::string_view expression) const;

    // Its values at from_s, from_s + step_s … until until_s (seconds since 1970, both included). Prometheus gives at
    // most 11,000 points per series. Errors as above.
    [[nodiscard]] Result<std::vector<PrometheusSeries>> query_range(std::string_view expression, double from_s,
                                                                    double until_s, double step_s) const;

  private:
    using Parameters = std::vector<std::pair<std::string, std::string>>;
    struct Answer {
        long status = 0;  // of HTTP
        std::string body;
    };

    // Posts the parameters to `endpoint` ("/api/v1/query").
    [[nodiscard]] Result<Answer> post(const std::string& endpoint, const Parameters& parameters,
                                      std::size_t bytes_max) const;
    [[nodiscard]] tl::unexpected<Error> error(ErrorKind kind, const std::string& what) const;
    // What an answer that could not be read means.
    [[nodiscard]] tl::unexpected<Error> no_values(const Answer& answer, const Error& unread) const;

    PrometheusOptions options_;
};

}  // namespace ballast
