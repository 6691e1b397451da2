// SPDX-License-Identifier: Apache-2.0
#include "core/checker.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

namespace ballast {

namespace {

// Which actions are certainly done before another one starts: the transitive closure of `after`, one bit row each.
class Precedence {
  public:
    explicit Precedence(const Plan& plan) : words_((plan.actions.size() + 63) / 64) {
        rows_.assign(plan.actions.size() * words_, 0);
        for (std::size_t a = 0; a < plan.actions.size(); ++a) {
            for (const ActionId before : plan.actions[a].after) {
                for (std::size_t w = 0; w < words_; ++w) rows_[a * words_ + w] |= rows_[before.index() * words_ + w];
                rows_[a * words_ + before.index() / 64] |= std::uint64_t{1} << (before.index() % 64);
            }
        }
    }
    [[nodiscard]] bool precedes(std::size_t first, std::size_t second) const {
        return ((rows_[second * words_ + first / 64] >> (first % 64)) & 1U) != 0;
    }

  private:
    std::size_t words_;
    std::vector<std::uint64_t> rows_;
};

class Checker {
  public:
    Checker(const Cluster& cluster, const Plan& plan) : cluster_(cluster), plan_(plan) {}

    std::vector<Violation> run() {
        // Later checks index by what the first one has verified.
        if (!references_are_sound()) return std::move(violations_);
        precedence_.emplace(plan_);
        trace_each_vm();
        if (!violations_.empty()) return std::move(violations_);
        for (std::size_t a = 0; a < plan_.actions.size(); ++a) {
            if (plan_.actions[a].kind == ActionKind::migrate) {
                check_vm_may_move(a);
                check_destination(a);
                check_capacity(a);
                check_vcpus(a);
                check_rules(a);
            } else {
                check_power(a);
            }
        }
        check_affinity_afterwards();
        std::stable_sort(violations_.begin(), violations_.end(),
                         [](const Violation& a, const Violation& b) { return a.action < b.action; });
        return std::move(violations_);
    }

  private:
    void report(std::size_t action, std::string message) {
        violations_.push_back({ActionId(action), "action " + std::to_string(action) + ": " + std::move(message)});
    }
    [[nodiscard]] const std::string& vm_name(VmId vm) const { return cluster_.spec(vm).name; }
    [[nodiscard]] const std::string& host_name(HostId host) const { return cluster_.spec(host).name; }

    bool references_are_sound() {
        const auto host_ok = [&](HostId h) { return h.valid() && h.index() < cluster_.host_count(); };
        for (std::size_t a = 0; a < plan_.actions.size(); ++a) {
            const Action& action = plan_.actions[a];
            const bool migrate = action.kind == ActionKind::migrate;
            if (!host_ok(action.host)) report(a, "names no host of this cluster");
            if (migrate && !host_ok(action.from)) report(a, "names no source host of this cluster");
            if (migrate && (!action.vm.valid() || action.vm.index() >= cluster_.vm_count())) {
                report(a, "names no VM of this cluster");
            }
            for (const ActionId before : action.after) {
                if (!before.valid() || before.index() >= a)
                    report(a, "waits for an action that does not come before it");
            }
        }
        return violations_.empty();
    }

    // Every VM's moves form a chain from where it is, each waiting for the one before.
    void trace_each_vm() {
        for (std::size_t a = 0; a < plan_.actions.size(); ++a) {
            const Action& action = plan_.actions[a];
            if (action.kind != ActionKind::migrate) continue;
            const HostId now = final_host(action.vm);
            std::vector<std::size_t>& moves = moves_[action.vm];
            if (action.from == action.host) report(a, "moves " + vm_name(action.vm) + " to the host it is on");
            if (action.from != now) {
                report(a, "moves " + vm_name(action.vm) + " from " + host_name(action.from) + ", but it is on " +
                              host_name(now));
            }
            if (!moves.empty() && !precedence_->precedes(moves.back(), a)) {
                report(a, "moves " + vm_name(action.vm) + " again without waiting for its move before");
            }
            moves.push_back(a);
            arrivals_[action.host].push_back(a);
            departures_[action.from].push_back(a);
        }
    }

    // What is kept of this VM or host; nothing for most.
    template <typename Id>
    [[nodiscard]] static const std::vector<std::size_t>& of(Id id, const std::map<Id, std::vector<std::size_t>>& map) {
        static const std::vector<std::size_t> none;
        const auto it = map.find(id);
        return it == map.end() ? none : it->second;
    }
    // The migrations of this VM so far, in order.
    [[nodiscard]] const std::vector<std::size_t>& moves_of(VmId vm) const { return of(vm, moves_); }
    [[nodiscard]] HostId final_host(VmId vm) const {
        const std::vector<std::size_t>& moves = moves_of(vm);
        return moves.empty() ? cluster_.state(vm).host : plan_.actions[moves.back()].host;
    }

    void check_vm_may_move(std::size_t a) {
        const VmId vm = plan_.actions[a].vm;
        const VmSpec& spec = cluster_.spec(vm);
        if (!spec.immovable_because.empty()) report(a, spec.name + " cannot be moved: " + spec.immovable_because);
        if (const VmState& state = cluster_.state(vm); !state.sampled) {
            const bool silent = state.host.valid() && !cluster_.state(state.host).reachable;
            report(a, spec.name + " has no fresh sample, " +
                          (silent ? "because " + host_name(state.host) + " does not answer"
                                  : "so nothing may be decided about it"));
        }
        if (const auto rule = cluster_.inventory().ignored_by(vm)) {
            const bool freeze = cluster_.rule(*rule).kind == RuleKind::freeze;
            report(a, "rule \"" + cluster_.rule(*rule).name + "\" " +
                          (freeze ? "freezes " + spec.name : "says that " + spec.name + " is never moved"));
        }
    }

    void check_destination(std::size_t a) {
        const Action& action = plan_.actions[a];
        for (const HostId id : {action.from, action.host}) {
            if (!cluster_.state(id).reachable) report(a, host_name(id) + " does not answer");
            if (const auto rule = cluster_.inventory().ignored_by(id)) {
                report(a, "rule \"" + cluster_.rule(*rule).name + "\" says that " + host_name(id) + " is left alone");
            }
        }
        const HostState& to = cluster_.state(action.host);
        if (to.maintenance) report(a, host_name(action.host) + " is in maintenance");
        if (to.power != PowerState::on && !woken_before(action.host, a))
            report(a, host_name(action.host) + " is not on");
        check_cpu(a);
        check_needs(a);
        // A shortened path counts from the VM's first host: that is where its CPU and its device state come from.
        const std::uint64_t from_version = cluster_.spec(action.from).hypervisor_version;
        const std::uint64_t to_version = cluster_.spec(action.host).hypervisor_version;
        if (from_version != 0 && to_version != 0 && to_version < from_version) {
            report(a, host_name(action.host) + " has an older hypervisor than " + host_name(action.from));
        }
    }

    [[nodiscard]] bool woken_before(HostId host, std::size_t a) const {
        for (std::size_t b = 0; b < a; ++b) {
            const Action& action = plan_.actions[b];
            if (action.kind == ActionKind::power_on && action.host == host && precedence_->precedes(b, a)) return true;
        }
        return false;
    }

    void check_cpu(std::size_t a) {
        const Action& action = plan_.actions[a];
        const GuestCpu& guest = cluster_.spec(action.vm).cpu;
        const HostCpu& from = cluster_.spec(action.from).cpu;
        const HostCpu& to = cluster_.spec(action.host).cpu;
        const auto known_and_different = [](const std::string& x, const std::string& y) {
            return !x.empty() && !y.empty() && x != y;
        };
        const bool runs_32_bit_guest =
            (to.arch == "x86_64" && guest.arch == "i686") || (to.arch == "aarch64" && guest.arch == "armv7l");
        if (known_and_different(guest.arch, to.arch) && !runs_32_bit_guest) {
            report(a, vm_name(action.vm) + " is a " + guest.arch + " guest and " + host_name(action.host) + " is " +
                          to.arch);
        }
        if (guest.mode == GuestCpuMode::explicit_model && declared_compatible(guest.model, action)) return;
        if (known_and_different(from.vendor, to.vendor)) {
            report(a, host_name(action.host) + " has a CPU by " + to.vendor + ", " + host_name(action.from) + " by " +
                          from.vendor);
        } else if (guest.mode == GuestCpuMode::host_bound && known_and_different(from.model, to.model)) {
            report(a, vm_name(action.vm) + " is bound to the CPU model " + from.model + " and " +
                          host_name(action.host) + " has " + to.model);
        }
    }

    // What the VM needs of a kind of which the host lists something must be on that list.
    void check_needs(std::size_t a) {
        const Action& action = plan_.actions[a];
        const std::vector<std::string>& provides = cluster_.spec(action.host).provides;
        for (const std::string& need : cluster_.spec(action.vm).needs) {
            const std::string kind = need.substr(0, need.find(':') + 1);
            const bool lists_kind = std::any_of(provides.begin(), provides.end(),
                                                [&](const std::string& thing) { return thing.starts_with(kind); });
            if (!lists_kind || std::find(provides.begin(), provides.end(), need) != provides.end()) continue;
            report(a, vm_name(action.vm) + " needs \"" + need + "\", which " + host_name(action.host) +
                          " does not provide");
        }
    }

    [[nodiscard]] bool declared_compatible(const std::string& model, const Action& action) const {
        if (model.empty()) return false;
        const auto covers = [](const Rule& rule, HostId host) {
            return rule.hosts.empty() || std::binary_search(rule.hosts.begin(), rule.hosts.end(), host);
        };
        const auto rules = cluster_.inventory().rules();
        return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
            return rule.kind == RuleKind::cpu_compatible && rule.cpu_model == model && covers(rule, action.from) &&
                   covers(rule, action.host);
        });
    }

    // The bound of checker.hpp on the destination's use while `a` arrives.
    [[nodiscard]] ResourceVector use_bound(std::size_t a) const {
        const std::vector<std::size_t>& departures = of(plan_.actions[a].host, departures_);
        std::vector<bool> counted(departures.size(), false);
        // What is certain to have left the host before `action` starts, each departure counted once.
        const auto gone_before = [&](std::size_t action) {
            ResourceVector gone;
            for (std::size_t d = 0; d < departures.size(); ++d) {
                if (counted[d] || !precedence_->precedes(departures[d], action)) continue;
                counted[d] = true;
                gone += cluster_.footprint(plan_.actions[departures[d]].vm);
            }
            return gone;
        };
        ResourceVector use = cluster_.used(plan_.actions[a].host) + cluster_.footprint(plan_.actions[a].vm);
        use -= gone_before(a);
        for (const std::size_t other : of(plan_.actions[a].host, arrivals_)) {
            if (other == a || precedence_->precedes(a, other)) continue;
            const ResourceVector added = cluster_.footprint(plan_.actions[other].vm) - gone_before(other);
            for (const Resource r : all_resources) {
                const bool certain = precedence_->precedes(other, a);
                use[r] += certain ? added[r] : std::max(0.0, added[r]);
            }
        }
        return use;
    }

    void check_capacity(std::size_t a) {
        const HostId host = plan_.actions[a].host;
        const ResourceVector use = use_bound(a);
        const ResourceVector usable = cluster_.usable(host);
        for (const Resource r : all_resources) {
            if (fits(r, use[r], usable[r])) continue;
            const double unit = r == Resource::cpu ? 1.0 : bytes_per_mib;
            std::array<char, 160> numbers{};
            std::snprintf(numbers.data(), numbers.size(), ": up to %.1f of %.1f %s", use[r] / unit, usable[r] / unit,
                          r == Resource::cpu ? "MHz" : (r == Resource::memory ? "MiB" : "MiB/s"));
            report(a, host_name(host) + " could run out of " + std::string(name(r)) + " when " +
                          vm_name(plan_.actions[a].vm) + " arrives" + numbers.data());
        }
    }

    // The same bound on the number of virtual CPUs.
    void check_vcpus(std::size_t a) {
        const HostId host = plan_.actions[a].host;
        const HostSpec& spec = cluster_.spec(host);
        if (spec.cpus == 0 || spec.cpu_overcommit <= 0.0) return;
        const auto vcpus_of = [&](std::size_t b) {
            return static_cast<std::int64_t>(cluster_.spec(plan_.actions[b].vm).vcpus);
        };
        std::set<std::size_t> counted;
        const auto gone_before = [&](std::size_t action) {
            std::int64_t gone = 0;
            for (const std::size_t departure : of(host, departures_)) {
                if (precedence_->precedes(departure, action) && counted.insert(departure).second)
                    gone += vcpus_of(departure);
            }
            return gone;
        };
        std::int64_t use = vcpus_of(a);
        for (const VmId vm : cluster_.vms_on(host)) use += cluster_.spec(vm).vcpus;
        use -= gone_before(a);
        for (const std::size_t other : of(host, arrivals_)) {
            if (other == a || precedence_->precedes(a, other)) continue;
            const std::int64_t added = vcpus_of(other) - gone_before(other);
            use += precedence_->precedes(other, a) ? added : std::max<std::int64_t>(0, added);
        }
        if (static_cast<double>(use) <= spec.cpus * spec.cpu_overcommit + 1e-9) return;
        std::array<char, 64> limit{};
        std::snprintf(limit.data(), limit.size(), "%.1f", spec.cpus * spec.cpu_overcommit);
        report(a, host_name(host) + " could have " + std::to_string(use) + " virtual CPUs when " +
                      vm_name(plan_.actions[a].vm) + " arrives, and its cpu_overcommit allows " + limit.data());
    }

    void check_rules(std::size_t a) {
        const Action& action = plan_.actions[a];
        for (const RuleId id : cluster_.inventory().rules_of(action.vm)) {
            const Rule& rule = cluster_.rule(id);
            if (rule.soft()) continue;
            const bool listed = std::binary_search(rule.hosts.begin(), rule.hosts.end(), action.host);
            if (rule.kind == RuleKind::pin && !listed) {
                report(a, "rule \"" + rule.name + "\" pins " + vm_name(action.vm) + " to other hosts than " +
                              host_name(action.host));
            }
            if (rule.kind == RuleKind::forbid && listed) {
                report(a, "rule \"" + rule.name + "\" forbids " + host_name(action.host) + " to " + vm_name(action.vm));
            }
            if (rule.kind == RuleKind::anti_affinity) check_apart(a, rule);
        }
    }

    [[nodiscard]] std::uint32_t domain_of(HostId host, const Rule& rule) const {
        return cluster_.inventory().domain(host, rule.per);
    }

    void check_apart(std::size_t a, const Rule& rule) {
        const Action& action = plan_.actions[a];
        if (domain_of(action.from, rule) == domain_of(action.host, rule)) return;
        std::vector<VmId> others;
        for (const VmId other : rule.vms) {
            if (other != action.vm && may_be_there(other, rule, a)) others.push_back(other);
        }
        if (others.size() < rule.at_most) return;
        if (rule.at_most == 1 && rule.per == FaultDomain::host) {
            report(a, "rule \"" + rule.name + "\" keeps " + vm_name(action.vm) + " apart from " +
                          vm_name(others.front()) + ", which can be on " + host_name(action.host) + " at that time");
            return;
        }
        report(a, "rule \"" + rule.name + "\" allows " + std::to_string(rule.at_most) + " of its VMs per " +
                      std::string(name(rule.per)) + "; with " + vm_name(action.vm) + " " +
                      std::to_string(others.size() + 1) + " can be in that of " + host_name(action.host));
    }

    // Whether `vm` has a stay in the domain to which `a` leads that it neither leaves before `a` nor begins after it.
    [[nodiscard]] bool may_be_there(VmId vm, const Rule& rule, std::size_t a) const {
        const std::uint32_t domain = domain_of(plan_.actions[a].host, rule);
        bool inside = domain_of(cluster_.state(vm).host, rule) == domain;
        bool begins_after = false;
        for (const std::size_t move : moves_of(vm)) {
            const bool next_inside = domain_of(plan_.actions[move].host, rule) == domain;
            if (inside && !next_inside && !begins_after && !precedence_->precedes(move, a)) return true;
            if (!inside && next_inside) begins_after = precedence_->precedes(a, move);
            inside = next_inside;
        }
        return inside && !begins_after;
    }

    void check_power(std::size_t a) {
        const Action& action = plan_.actions[a];
        const std::string& host = host_name(action.host);
        if (const auto rule = cluster_.inventory().ignored_by(action.host)) {
            report(a, "rule \"" + cluster_.rule(*rule).name + "\" says that " + host + " is left alone");
        }
        if (const auto rule = cluster_.inventory().power_frozen_by(action.host)) {
            report(a, "rule \"" + cluster_.rule(*rule).name + "\" keeps " + host + " from being put to sleep or woken");
        }
        if (!cluster_.state(action.host).reachable && cluster_.state(action.host).power == PowerState::on) {
            report(a, host + " does not answer, so its power must not be touched");
        }
        if (action.kind == ActionKind::power_on) return;
        for (const VmId vm : cluster_.vms_on(action.host)) {
            const auto& moves = moves_of(vm);
            if (moves.empty() || !precedence_->precedes(moves.front(), a)) {
                report(a, vm_name(vm) + " can still be on " + host + " when it goes to sleep");
            }
        }
        for (const std::size_t arrival : of(action.host, arrivals_)) {
            report(a, vm_name(plan_.actions[arrival].vm) + " moves to " + host + ", which goes to sleep");
        }
    }

    // The pairs of a group that share a host must not become fewer. For a group that is together now that means
    // together afterwards; one that is apart may be brought closer, one VM at a time.
    void check_affinity_afterwards() {
        for (const Rule& rule : cluster_.inventory().rules()) {
            if (rule.kind != RuleKind::affinity || rule.soft()) continue;
            if (std::none_of(rule.vms.begin(), rule.vms.end(), [&](VmId vm) { return moves_.contains(vm); })) continue;
            const auto before = pairs_together(rule, [&](VmId vm) { return cluster_.state(vm).host; });
            const auto after = pairs_together(rule, [&](VmId vm) { return final_host(vm); });
            if (after >= before) continue;
            const auto moved =
                std::find_if(rule.vms.begin(), rule.vms.end(), [&](VmId vm) { return !moves_of(vm).empty(); });
            report(moves_of(*moved).back(), "rule \"" + rule.name + "\" keeps " + vm_name(*moved) +
                                                " on one host with its group, and the plan ends with "
                                                "more of them apart");
        }
    }

    template <typename HostOf>
    static std::size_t pairs_together(const Rule& rule, const HostOf& host_of) {
        std::size_t pairs = 0;
        for (std::size_t i = 0; i < rule.vms.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) pairs += host_of(rule.vms[i]) == host_of(rule.vms[j]) ? 1 : 0;
        }
        return pairs;
    }

    const Cluster& cluster_;
    const Plan& plan_;
    std::optional<Precedence> precedence_;
    std::map<VmId, std::vector<std::size_t>> moves_;         // by VM that moves: its migrations in order
    std::map<HostId, std::vector<std::size_t>> arrivals_;    // by host: migrations to it
    std::map<HostId, std::vector<std::size_t>> departures_;  // by host: migrations from it
    std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> check_plan(const Cluster& cluster, const Plan& plan) { return Checker(cluster, plan).run(); }

}  // namespace ballast
