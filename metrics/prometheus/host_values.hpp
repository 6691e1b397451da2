// SPDX-License-Identifier: Apache-2.0
// Which sample is which host's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "metrics/prometheus/answer.hpp"

namespace ballast {

struct HostValues {
    std::map<std::string, double> by_host;  // by the host's name
    std::set<std::string> ambiguous;        // hosts that several samples fit: these have no value
};

// A sample is the host's whose name its label `label` has: as it is ("h1"), before a port ("h1:9100"), or before the
// domain ("h1.example.org:9100"), in this order. Samples that fit no host are passed over. O(samples log hosts).
[[nodiscard]] HostValues values_by_host(const std::vector<PrometheusSample>& samples, const std::string& label,
                                        const std::set<std::string>& hosts);

}  // namespace ballast
