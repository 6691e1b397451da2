// SPDX-License-Identifier: Apache-2.0
// What the operator should know about rules (those that rest, ended, or cannot all be kept), on stderr, each line once
// however often a cluster is looked at.
#pragma once

#include <set>
#include <string>

#include "core/cluster.hpp"

namespace ballast {

class RuleWarnings {
  public:
    void report(const Cluster& cluster);

  private:
    void say(const std::string& warning);

    std::set<std::string> said_;
};

}  // namespace ballast
