// SPDX-License-Identifier: Apache-2.0
#include "simulator/rule_clock.hpp"

#include <utility>

#include "metrics/rule_scope.hpp"

namespace ballast {

RuleClock::RuleClock(std::vector<RuleSpec> rules, double start_unix_s, std::set<std::string> known_vms)
    : rules_(std::move(rules)), start_unix_s_(start_unix_s), known_vms_(std::move(known_vms)), holding_(holding(0.0)) {}

std::vector<bool> RuleClock::holding(double now_s) const {
    const double unix_s = unix_time_s(now_s);
    std::vector<bool> holds;
    for (const RuleSpec& rule : rules_) {
        const bool open = rule.kind != RuleKind::freeze || open_until(rule.window, unix_s).has_value();
        holds.push_back(open && in_force(rule, unix_s));
        for (const RuleException& exception : rule.except) {
            holds.push_back(!exception.until_s || unix_s < *exception.until_s);
        }
    }
    return holds;
}

bool RuleClock::has_turned(double now_s) {
    if (rules_.empty()) return false;
    std::vector<bool> now = holding(now_s);
    if (now == holding_) return false;
    holding_ = std::move(now);
    return true;
}

Result<std::vector<RuleSpec>> RuleClock::rules_for(const std::set<std::string>& running, double now_s) const {
    VmSightings sightings;
    sightings.in_cluster = running;
    for (const std::string& vm : known_vms_) {
        if (!running.contains(vm)) sightings.shut_off.insert(vm);
    }
    Result<ScopedRules> scoped = scope_rules(rules_, {}, sightings, unix_time_s(now_s));
    if (!scoped) return tl::unexpected(scoped.error());
    return std::move(scoped->rules);
}

}  // namespace ballast
