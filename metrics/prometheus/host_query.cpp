// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/host_query.hpp"

#include <utility>

#include "metrics/prometheus/host_values.hpp"

namespace ballast {

Result<std::map<std::string, double>> ask_for_hosts(const PrometheusClient& client, const HostQuery& query,
                                                    const std::string& label, const std::set<std::string>& hosts) {
    const Result<std::vector<PrometheusSample>> samples = client.query(query.expression);
    if (!samples) return tl::unexpected(samples.error());
    HostValues values = values_by_host(*samples, label, hosts);
    if (!values.ambiguous.empty()) {
        return fail(ErrorKind::failed, "the query \"" + query.key + "\" of [prometheus] gives several series for " +
                                           *values.ambiguous.begin() + "; sum them by its label " + label);
    }
    return std::move(values.by_host);
}

}  // namespace ballast
