// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/host_values.hpp"

#include <array>

namespace ballast {

namespace {

// The host that the label's value names; empty = none.
std::string host_named(const std::string& value, const std::set<std::string>& hosts) {
    const std::string without_port = value.substr(0, value.rfind(':'));
    const std::string without_domain = without_port.substr(0, without_port.find('.'));
    for (const std::string& name : std::array{value, without_port, without_domain}) {
        if (hosts.contains(name)) return name;
    }
    return {};
}

}  // namespace

HostValues values_by_host(const std::vector<PrometheusSample>& samples, const std::string& label,
                          const std::set<std::string>& hosts) {
    HostValues values;
    for (const PrometheusSample& sample : samples) {
        const auto labelled = sample.labels.find(label);
        if (labelled == sample.labels.end()) continue;
        const std::string host = host_named(labelled->second, hosts);
        if (host.empty()) continue;
        if (!values.by_host.emplace(host, sample.value).second) values.ambiguous.insert(host);
    }
    for (const std::string& host : values.ambiguous) values.by_host.erase(host);
    return values;
}

}  // namespace ballast
