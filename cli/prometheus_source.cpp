// SPDX-License-Identifier: Apache-2.0
#include "cli/prometheus_source.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "cli/prometheus_access.hpp"
#include "metrics/prometheus/host_pressure.hpp"
#include "metrics/prometheus/host_query.hpp"

namespace ballast {

namespace {

std::set<std::string> names_of(const std::vector<HostOptions>& hosts) {
    std::set<std::string> names;
    for (const HostOptions& host : hosts) names.insert(host.name);
    return names;
}

}  // namespace

Result<WattsOfMany> watts_from_prometheus(const Config& config) {
    if (!config.prometheus || config.prometheus->watts.empty()) return WattsOfMany();
    Result<PrometheusClient> client = prometheus_client(config.prometheus->access);
    if (!client) return tl::unexpected(client.error());
    return [client = std::move(*client), query = HostQuery{"watts", config.prometheus->watts},
            label = config.prometheus->host_label,
            hosts = names_of(config.collector.hosts)] { return ask_for_hosts(client, query, label, hosts); };
}

PressureOfHosts pressure_from_prometheus(const Config& config) {
    if (!config.prometheus || !config.prometheus->pressure.any()) return {};
    // A look does not wait longer for it than for a host.
    PrometheusAccess access = config.prometheus->access;
    access.client.timeout_s = std::min(access.client.timeout_s, config.collector.deadline_s);
    return [client = prometheus_client(access), settings = *config.prometheus,
            hosts = names_of(config.collector.hosts)]() -> Result<std::map<std::string, HostPressure>> {
        if (!client) return tl::unexpected(client.error());
        return ask_for_pressure(*client, settings.pressure, settings.host_label, hosts);
    };
}

}  // namespace ballast
