// SPDX-License-Identifier: Apache-2.0
// The operator's rules while a recording is replayed: which are in force changes with the time of the recording, and a
// rule may name VMs that do not run at the moment, or are not in the recording.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/rules.hpp"

namespace ballast {

class RuleClock {
  public:
    // `start_unix_s`: when the replay begins. `known_vms`: every VM that a rule may name.
    RuleClock(std::vector<RuleSpec> rules, double start_unix_s, std::set<std::string> known_vms);

    [[nodiscard]] bool has_rules() const { return !rules_.empty(); }
    // Unix time, `now_s` seconds after the begin.
    [[nodiscard]] double unix_time_s(double now_s) const { return start_unix_s_ + now_s; }
    // Whether a rule, an exception or a freeze window has begun or ended since the last call (or the begin).
    // O(rules).
    [[nodiscard]] bool has_turned(double now_s);
    // The rules as they concern the VMs that run. Errors: usage, for a VM that nobody knows.
    [[nodiscard]] Result<std::vector<RuleSpec>> rules_for(const std::set<std::string>& running, double now_s) const;

  private:
    // By rule and exception: whether it holds at that time.
    [[nodiscard]] std::vector<bool> holding(double now_s) const;

    std::vector<RuleSpec> rules_;
    double start_unix_s_;
    std::set<std::string> known_vms_;
    std::vector<bool> holding_;  // at the last call of has_turned()
};

}  // namespace ballast
