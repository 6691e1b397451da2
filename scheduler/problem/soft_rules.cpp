// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <map>

#include "scheduler/problem/goals.hpp"

namespace ballast {

namespace {

class SoftRules final : public Goal {
  public:
    SoftRules(const Cluster& cluster, const Placement& placement) : cluster_(cluster), placement_(placement) {}

    [[nodiscard]] double of_rule(RuleId id) const override {
        const Rule& rule = cluster_.rule(id);
        return rule.soft() ? rule.weight * static_cast<double>(broken(rule)) : 0.0;
    }

  private:
    [[nodiscard]] std::size_t broken(const Rule& rule) const {
        switch (rule.kind) {
            case RuleKind::pin: return rule.vms.size() - listed(rule);
            case RuleKind::forbid: return listed(rule);
            case RuleKind::affinity: return apart(rule);
            case RuleKind::anti_affinity: return too_many(rule);
            case RuleKind::ignore_vm:
            case RuleKind::ignore_host:
            case RuleKind::cpu_compatible:
            case RuleKind::freeze: return 0;
        }
        return 0;
    }

    [[nodiscard]] std::size_t listed(const Rule& rule) const {
        return static_cast<std::size_t>(std::count_if(rule.vms.begin(), rule.vms.end(), [&](VmId vm) {
            return std::binary_search(rule.hosts.begin(), rule.hosts.end(), placement_.host_of(vm));
        }));
    }

    [[nodiscard]] std::size_t apart(const Rule& rule) const {
        std::map<HostId, std::size_t> on;
        std::size_t most = 0;
        for (const VmId vm : rule.vms) most = std::max(most, ++on[placement_.host_of(vm)]);
        return rule.vms.size() - most;
    }

    [[nodiscard]] std::size_t too_many(const Rule& rule) const {
        std::map<std::uint32_t, std::size_t> in;
        std::size_t count = 0;
        for (const VmId vm : rule.vms) {
            const std::size_t there = ++in[cluster_.inventory().domain(placement_.host_of(vm), rule.per)];
            if (there > rule.at_most) ++count;
        }
        return count;
    }

    const Cluster& cluster_;
    const Placement& placement_;
};

}  // namespace

std::unique_ptr<Goal> soft_rules_goal(const Cluster& cluster, const Placement& placement) {
    return std::make_unique<SoftRules>(cluster, placement);
}

}  // namespace ballast
