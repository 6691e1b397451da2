// SPDX-License-Identifier: Apache-2.0
#include "scheduler/repair.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "scheduler/host_index.hpp"

namespace ballast {

namespace {

class Repair {
  public:
    Repair(Draft& draft, const Level& level, Packer* packer) : draft_(draft), level_(level), packer_(packer) {}

    void run() {
        std::vector<RuleId> rules;
        for (std::size_t r = 0; r < draft_.cluster().inventory().rules().size(); ++r) rules.emplace_back(r);
        std::stable_sort(rules.begin(), rules.end(), [&](RuleId a, RuleId b) {
            const Rule& first = draft_.cluster().rule(a);
            const Rule& second = draft_.cluster().rule(b);
            return first.soft() != second.soft() ? second.soft() : first.weight > second.weight;
        });
        // What moves makes room for others.
        std::size_t before = 0;
        do {
            before = draft_.move_count();
            for (const RuleId rule : rules) mend(rule);
        } while (draft_.move_count() > before);
    }

  private:
    [[nodiscard]] HostId host_of(VmId vm) const { return draft_.placement().host_of(vm); }
    [[nodiscard]] Priority priority(VmId vm) const { return draft_.cluster().spec(vm).priority; }
    [[nodiscard]] double memory(VmId vm) const { return draft_.cluster().inventory().memory_bytes(vm); }

    void mend(RuleId id) {
        failures_ = 0;
        switch (draft_.cluster().rule(id).kind) {
            case RuleKind::pin:
            case RuleKind::forbid: return leave_forbidden_hosts(id);
            case RuleKind::anti_affinity: return part(id);
            case RuleKind::affinity: return unite(id);
            case RuleKind::ignore_vm:
            case RuleKind::ignore_host:
            case RuleKind::cpu_compatible:
            case RuleKind::freeze: return;
        }
    }

    void leave_forbidden_hosts(RuleId id) {
        const Rule& rule = draft_.cluster().rule(id);
        for (const VmId vm : rule.vms) {
            const bool listed = std::binary_search(rule.hosts.begin(), rule.hosts.end(), host_of(vm));
            if (listed == (rule.kind == RuleKind::forbid)) move_away(vm, id);
        }
    }

    void part(RuleId id) {
        const Rule& rule = draft_.cluster().rule(id);
        const Inventory& inventory = draft_.cluster().inventory();
        std::map<std::uint32_t, std::vector<VmId>> domains;
        for (const VmId vm : rule.vms) domains[inventory.domain(host_of(vm), rule.per)].push_back(vm);
        for (auto& [domain, vms] : domains) {
            std::stable_sort(vms.begin(), vms.end(), [&](VmId a, VmId b) {
                if (priority(a) != priority(b)) return priority(a) < priority(b);
                return memory(a) < memory(b);
            });
            std::size_t left = vms.size();
            for (std::size_t v = 0; v < vms.size() && left > rule.at_most; ++v) {
                move_away(vms[v], id);
                if (inventory.domain(host_of(vms[v]), rule.per) != domain) --left;
            }
        }
    }

    void unite(RuleId id) {
        const Rule& rule = draft_.cluster().rule(id);
        using ByPriority = std::array<double, std::size(all_priorities)>;  // highest first
        std::map<HostId, ByPriority> bytes;
        for (const VmId vm : rule.vms) {
            const auto rank = std::size(all_priorities) - 1 - static_cast<std::size_t>(priority(vm));
            bytes[host_of(vm)][rank] += memory(vm);
        }
        if (bytes.size() < 2) return;
        const auto most = std::max_element(bytes.begin(), bytes.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        for (const VmId vm : rule.vms) {
            const UnitId unit = draft_.units().unit_of(vm);
            if (host_of(vm) == most->first || !may_go(vm, unit)) continue;
            if (const auto refused = draft_.feasibility().arriving(unit, most->first, level_)) {
                draft_.stay(unit, *refused, most->first);
            } else {
                move(unit, most->first, id);
            }
        }
    }

    // Says why not.
    [[nodiscard]] bool may_go(VmId vm, UnitId unit) {
        if (draft_.moved(unit) || failures_ >= patience) return false;
        std::optional<Reason> reason;
        if (const auto block = draft_.blocked(unit, Urgency::relief)) reason = block->reason;
        if (!reason && !draft_.may_move(draft_.units().members(unit).size())) reason = draft_.move_limit();
        if (draft_.cluster().state(host_of(vm)).maintenance) return false;  // relief has done what can be done
        if (reason) draft_.stay(unit, *reason);
        return !reason;
    }

    void move_away(VmId vm, RuleId rule) {
        const UnitId unit = draft_.units().unit_of(vm);
        if (!may_go(vm, unit)) return;
        if (!hosts_) hosts_.emplace(draft_.placement(), draft_.feasibility(), draft_.feasibility().open_hosts());
        const Rule& broken = draft_.cluster().rule(rule);
        const bool refused_if_broken = !broken.soft() && broken.kind != RuleKind::anti_affinity;
        const HostId to = refused_if_broken ? allowed_host(unit, vm) : keeping_host(unit, vm, rule);
        if (to.valid()) return move(unit, to, rule);
        ++failures_;
        const auto refusal = hosts_->closest(unit, host_of(vm), level_);
        Reason reason;
        reason.code = ReasonCode::no_destination;
        if (refusal.position != HostIndex::none) reason = refusal.reason;
        draft_.stay(unit, reason, reason.host);
    }

    // A hard pin or forbid rule refuses every host on which it would still be broken.
    [[nodiscard]] HostId allowed_host(UnitId unit, VmId vm) const {
        const std::size_t to = hosts_->lowest_peak(unit, host_of(vm), level_);
        return to == HostIndex::none ? HostId() : hosts_->host(to);
    }

    // Soft rules, and anti-affinity within the VM's own domain, refuse only what breaks them more: here it is asked
    // whether the rule is kept.
    [[nodiscard]] HostId keeping_host(UnitId unit, VmId vm, RuleId id) const {
        const Rule& rule = draft_.cluster().rule(id);
        const Inventory& inventory = draft_.cluster().inventory();
        const auto is_kept = [&](HostId host) {
            const bool listed = std::binary_search(rule.hosts.begin(), rule.hosts.end(), host);
            if (rule.kind == RuleKind::pin) return listed;
            if (rule.kind == RuleKind::forbid) return !listed;
            const auto there = std::count_if(rule.vms.begin(), rule.vms.end(), [&](VmId other) {
                return draft_.units().unit_of(other) == unit ||
                       inventory.domain(host_of(other), rule.per) == inventory.domain(host, rule.per);
            });
            return static_cast<std::size_t>(there) <= rule.at_most;
        };
        const ResourceVector need = draft_.feasibility().need(unit);
        HostId best;
        double best_peak = 0.0;
        for (const HostId host : draft_.feasibility().open_hosts()) {
            if (host == host_of(vm) || !is_kept(host)) continue;
            if (draft_.feasibility().arriving(unit, need, host, level_)) continue;
            const double peak = draft_.placement().peak_utilisation(host, need);
            if (best.valid() && peak >= best_peak) continue;
            best = host;
            best_peak = peak;
        }
        return best;
    }

    void move(UnitId unit, HostId to, RuleId rule) {
        const HostId from = host_of(draft_.units().members(unit).front());
        Reason reason;
        reason.code = ReasonCode::repair_rule;
        reason.host = from;
        reason.rule = rule;
        if (packer_ != nullptr) {
            packer_->move(unit, to, reason, 0.0);
        } else {
            draft_.move(unit, to, reason, 0.0);
        }
        if (!hosts_) return;
        const auto open = draft_.feasibility().open_hosts();
        for (const HostId host : {from, to}) {
            const auto found = std::lower_bound(open.begin(), open.end(), host);
            if (found != open.end() && *found == host) hosts_->update(static_cast<std::size_t>(found - open.begin()));
        }
    }

    // After so many VMs of a rule for which no host was found the others are not tried: the search looks at all hosts.
    static constexpr std::size_t patience = 16;

    Draft& draft_;
    std::size_t failures_ = 0;  // of the rule that is being mended
    Level level_;
    Packer* packer_;
    std::optional<HostIndex> hosts_;  // the open ones, by id; made when first needed
};

}  // namespace

bool repair(Draft& draft, const Level& level, Packer* packer) {
    const std::size_t before = draft.move_count();
    Repair(draft, level, packer).run();
    return draft.move_count() > before;
}

}  // namespace ballast
