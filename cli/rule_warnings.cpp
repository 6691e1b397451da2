// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_warnings.hpp"

#include "cli/output.hpp"

namespace ballast {

void RuleWarnings::report(const Cluster& cluster) {
    for (const std::string& warning : cluster.inventory().rule_warnings()) {
        if (said_.insert(warning).second) note("ballast: warning: " + warning);
    }
}

}  // namespace ballast
