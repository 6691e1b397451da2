// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/interleaving.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace ballast::test {

namespace {

enum class Phase : char { waiting, running, done };
using Phases = std::vector<Phase>;

class Walk {
  public:
    Walk(const Cluster& cluster, const Plan& plan) : cluster_(cluster), plan_(plan) {}

    std::string run() {
        visit(Phases(plan_.actions.size(), Phase::waiting));
        return problem_;
    }

  private:
    void visit(const Phases& phases) {
        if (!problem_.empty() || !seen_.insert(phases).second) return;
        look_at(phases);
        for (std::size_t a = 0; a < phases.size(); ++a) {
            const auto& after = plan_.actions[a].after;
            const bool may_start =
                std::all_of(after.begin(), after.end(), [&](ActionId b) { return phases[b.index()] == Phase::done; });
            if (phases[a] == Phase::done || (phases[a] == Phase::waiting && !may_start)) continue;
            Phases next = phases;
            next[a] = phases[a] == Phase::waiting ? Phase::running : Phase::done;
            visit(next);
        }
    }

    // Who is on which host: a VM on its way is on both.
    void look_at(const Phases& phases) {
        std::vector<std::set<VmId>> on(cluster_.host_count());
        std::vector<bool> arriving(cluster_.host_count(), false);
        for (std::size_t v = 0; v < cluster_.vm_count(); ++v) {
            HostId at = cluster_.state(VmId(v)).host;
            bool travelling = false;
            for (std::size_t a = 0; a < phases.size(); ++a) {
                const Action& action = plan_.actions[a];
                if (action.kind != ActionKind::migrate || action.vm != VmId(v)) continue;
                if (phases[a] == Phase::waiting) continue;
                if (travelling || action.from != at) problem_ = "a VM moves twice at once or from where it is not";
                if (phases[a] == Phase::running) {
                    travelling = true;
                    on[action.host.index()].insert(VmId(v));
                    arriving[action.host.index()] = true;
                } else {
                    at = action.host;
                }
            }
            on[at.index()].insert(VmId(v));
        }
        check_hosts(on, arriving);
        check_apart(on);
        check_power(phases, on);
    }

    void check_hosts(const std::vector<std::set<VmId>>& on, const std::vector<bool>& arriving) {
        for (std::size_t h = 0; h < on.size(); ++h) {
            if (!arriving[h]) continue;
            const HostId host(h);
            std::uint64_t vcpus = 0;
            for (const VmId vm : on[h]) vcpus += cluster_.spec(vm).vcpus;
            if (vcpus > cluster_.inventory().vcpus_max(host)) problem_ = cluster_.spec(host).name + " is overcommitted";
            ResourceVector use = cluster_.state(host).overhead;
            for (const VmId vm : on[h]) use += cluster_.footprint(vm);
            for (const Resource r : all_resources) {
                if (!fits(r, use[r], cluster_.usable(host)[r])) problem_ = cluster_.spec(host).name + " is overfull";
            }
        }
    }

    // Nowhere more VMs of a rule than it allows per domain, or than there were at the begin.
    void check_apart(const std::vector<std::set<VmId>>& on) {
        for (const Rule& rule : cluster_.inventory().rules()) {
            if (rule.kind != RuleKind::anti_affinity || rule.soft()) continue;
            std::map<std::uint32_t, std::set<VmId>> now;
            std::map<std::uint32_t, std::size_t> before;
            for (const VmId vm : rule.vms) {
                ++before[cluster_.inventory().domain(cluster_.state(vm).host, rule.per)];
                for (std::size_t h = 0; h < on.size(); ++h) {
                    if (on[h].count(vm) > 0) now[cluster_.inventory().domain(HostId(h), rule.per)].insert(vm);
                }
            }
            for (const auto& [domain, vms] : now) {
                if (vms.size() > rule.at_most && vms.size() > before[domain]) problem_ = rule.name + " is broken";
            }
        }
    }

    void check_power(const Phases& phases, const std::vector<std::set<VmId>>& on) {
        for (std::size_t a = 0; a < phases.size(); ++a) {
            const Action& action = plan_.actions[a];
            const bool has_vms = !on[action.host.index()].empty();
            if (action.kind == ActionKind::power_off && phases[a] != Phase::waiting && has_vms) {
                problem_ = cluster_.spec(action.host).name + " goes to sleep with VMs on it";
            }
            if (action.kind == ActionKind::power_on && phases[a] != Phase::done && has_vms) {
                problem_ = cluster_.spec(action.host).name + " has VMs before it is on";
            }
        }
    }

    const Cluster& cluster_;
    const Plan& plan_;
    std::set<Phases> seen_;
    std::string problem_;
};

}  // namespace

std::string first_bad_state(const Cluster& cluster, const Plan& plan) {
    EXPECT_LE(plan.actions.size(), interleaving_actions_max);
    return Walk(cluster, plan).run();
}

}  // namespace ballast::test
