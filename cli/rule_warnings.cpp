// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_warnings.hpp"

#include "cli/output.hpp"
#include "scheduler/conflicts.hpp"

namespace ballast {

void RuleWarnings::report(const Cluster& cluster) {
    for (const std::string& warning : cluster.inventory().rule_warnings()) {
        say(warning);
    }
    for (const Conflict& conflict : find_conflicts(cluster)) say(describe(conflict, cluster));
}

void RuleWarnings::say(const std::string& warning) {
    if (said_.insert(warning).second) note("ballast: warning: " + warning);
}

}  // namespace ballast
