// SPDX-License-Identifier: Apache-2.0
// One query whose answer has one value per host.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/result.hpp"
#include "metrics/prometheus/client.hpp"

namespace ballast {

struct HostQuery {
    std::string key;         // in the configuration, for errors: "watts"
    std::string expression;  // PromQL
};

// The value of every host (by name) that the answer has one for; `label` names the host (values_by_host()). Errors:
// those of PrometheusClient::query(); failed, if several series are one host's.
[[nodiscard]] Result<std::map<std::string, double>> ask_for_hosts(const PrometheusClient& client,
                                                                  const HostQuery& query, const std::string& label,
                                                                  const std::set<std::string>& hosts);

}  // namespace ballast
