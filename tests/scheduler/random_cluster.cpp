// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/random_cluster.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "tests/scheduler/scene.hpp"

namespace ballast::test {

namespace {

struct HostDraft {
    HostSpec spec;
    HostState state;
};
struct VmDraft {
    VmSpec spec;
    VmState state;
    std::size_t host = 0;
    std::vector<double> past;
    double age_s = History::never;
};

class Maker {
  public:
    Maker(std::uint64_t seed, const RandomShape& shape)
        : rng_(seed), extra_(seed + 1'000'000), moods_(seed + 2'000'000), shape_(shape) {}

    RandomCluster make() {
        const std::size_t host_count = 2 + rng_.below(shape_.hosts_max - 1);
        const std::size_t vm_count = 1 + rng_.below(shape_.vms_max);
        for (std::size_t h = 0; h < host_count; ++h) make_host(h);
        for (std::size_t v = 0; v < vm_count; ++v) make_vm(v);
        for (std::size_t r = rng_.below(6); r > 0; --r) make_rule(r);
        if (shape_.rich) enrich();
        return assemble();
    }

  private:
    // Draws from a source of its own, so that what it adds to leaves the rest as it is.
    bool extra_chance(std::uint64_t one_in) { return extra_.below(one_in) == 0; }

    void enrich() {
        for (HostDraft& draft : hosts_) enrich(draft.spec);
        for (VmDraft& draft : vms_) enrich(draft.spec);
        for (std::uint64_t n = extra_.below(3); n > 0; --n) add_apart(n);
        for (RuleSpec& rule : rules_) {
            const bool may_be_soft = rule.kind != RuleKind::ignore_vm && rule.kind != RuleKind::ignore_host &&
                                     rule.kind != RuleKind::cpu_compatible;
            if (may_be_soft && extra_chance(2)) rule.weight = static_cast<double>(1 + extra_.below(3));
        }
        if (extra_chance(4)) add_freeze();
        if (moods_.below(2) == 0) unsettle();
    }

    // Priorities, and signs of want, drawn from a third source.
    void unsettle() {
        for (VmDraft& draft : vms_) {
            draft.spec.priority = all_priorities[moods_.below(3)];
            if (moods_.below(6) == 0) draft.state.pressure.cpu_wait = static_cast<double>(moods_.below(5)) / 10.0;
            if (moods_.below(10) == 0) draft.state.pressure = {std::nullopt, 5e6, 1e6};
        }
        for (HostDraft& draft : hosts_) {
            if (moods_.below(8) == 0) draft.state.pressure.memory_some = static_cast<double>(moods_.below(4)) / 10.0;
        }
    }

    void enrich(HostSpec& spec) {
        if (extra_chance(2)) spec.rack = "r" + std::to_string(extra_.below(3));
        if (extra_chance(2)) spec.zone = "z" + std::to_string(extra_.below(2));
        if (extra_chance(5)) {
            spec.cpus = static_cast<std::uint32_t>(2 + extra_.below(8));
            spec.cpu_overcommit = 2.0;
        }
        if (extra_chance(4)) spec.provides = {"network:br" + std::to_string(extra_.below(2))};
        if (extra_chance(4)) spec.provides.emplace_back("storage:nas1");
    }

    void enrich(VmSpec& spec) {
        spec.vcpus = static_cast<std::uint32_t>(1 + extra_.below(4));
        if (extra_chance(5)) spec.needs = {"network:br" + std::to_string(extra_.below(2))};
        if (extra_chance(8)) spec.needs.emplace_back("storage:nas" + std::to_string(1 + extra_.below(2)));
        for (const char* label : {"red", "green"}) {
            if (extra_chance(4)) spec.labels.emplace_back(label);
        }
    }

    // Of a VM and a host; in force, because it always is.
    void add_freeze() {
        RuleSpec rule;
        rule.kind = RuleKind::freeze;
        rule.name = "nothing happens here";
        rule.vms = {"v" + std::to_string(extra_.below(vms_.size()))};
        rule.hosts = {"h" + std::to_string(extra_.below(hosts_.size()))};
        rules_.push_back(std::move(rule));
    }

    // At most so many of the VMs with a label per domain.
    void add_apart(std::uint64_t n) {
        RuleSpec rule;
        rule.kind = RuleKind::anti_affinity;
        rule.name = "apart " + std::to_string(n);
        rule.vm_labels = {extra_chance(2) ? "red" : "green"};
        rule.at_most = static_cast<std::uint32_t>(1 + extra_.below(4));
        rule.per = all_fault_domains[extra_.below(3)];
        rules_.push_back(std::move(rule));
    }

    bool chance(std::uint64_t one_in) { return rng_.below(one_in) == 0; }
    double whole(std::uint64_t from, std::uint64_t to) {
        return shape_.scale * static_cast<double>(from + rng_.below(to - from + 1));
    }

    void make_host(std::size_t h) {
        HostDraft draft;
        const double cpu = whole(2000, 6000);
        const double memory = whole(8000, 32000);
        draft.spec = host("h" + std::to_string(h), cpu, memory);
        if (chance(3)) draft.spec.reserve = ResourceVector(whole(100, 500), whole(100, 1000) * bytes_per_mib);
        if (chance(3)) draft.spec.capacity[Resource::network] = whole(5000, 20000);
        if (chance(2)) draft.spec.cpu = {"x86_64", chance(3) ? "AMD" : "Intel", chance(2) ? "new" : "old"};
        if (chance(2)) draft.spec.hypervisor_version = 7000000 + rng_.below(3) * 1000000;
        if (chance(2)) {
            std::vector<double> table;
            const auto idle = static_cast<double>(50 + rng_.below(100));
            const auto slope = static_cast<double>(1 + rng_.below(20));
            for (int i = 0; i <= 10; ++i) table.push_back(idle + slope * i);
            draft.spec.power = HostPower{};
            draft.spec.power->curve = value(PowerCurve::make(table));
            draft.spec.power->controllable = !chance(4);
        }
        if (shape_.odd_hosts) {
            draft.state.maintenance = chance(10);
            draft.state.reachable = !chance(12);
            if (chance(3)) draft.state.overhead = ResourceVector(whole(10, 100), whole(10, 200) * bytes_per_mib);
            if (chance(8) && h > 0) draft.state.power = chance(3) ? PowerState::waking : PowerState::asleep;
        }
        hosts_.push_back(std::move(draft));
    }

    void make_vm(std::size_t v) {
        VmDraft draft;
        draft.spec = vm("v" + std::to_string(v), whole(200, 3000));
        draft.host = rng_.below(hosts_.size());
        while (hosts_[draft.host].state.power != PowerState::on) draft.host = (draft.host + 1) % hosts_.size();
        if (chance(12)) draft.spec.immovable_because = "a local disk";
        if (chance(6)) draft.spec.cpu = {"x86_64", "", GuestCpuMode::host_bound};
        if (chance(6)) draft.spec.cpu = {"x86_64", "kvm64", GuestCpuMode::explicit_model};
        draft.state.demand = ResourceVector(whole(10, 900), 0.0, chance(3) ? whole(10, 2000) : 0.0);
        draft.state.sampled = !chance(20);
        for (int i = 0; i < 4; ++i) {
            const bool varies = chance(4);
            const double past = varies ? whole(10, 900) : draft.state.demand.cpu_mhz();
            draft.past.push_back(chance(40) ? std::numeric_limits<double>::quiet_NaN() : past);
        }
        if (chance(10)) draft.age_s = static_cast<double>(rng_.below(4000));
        vms_.push_back(std::move(draft));
    }

    std::vector<std::string> some(const std::string& prefix, std::size_t count, std::size_t most) {
        std::vector<std::string> names;
        for (std::size_t n = 2 + rng_.below(most - 1); n > 0; --n) {
            names.push_back(prefix + std::to_string(rng_.below(count)));
        }
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }

    void make_rule(std::size_t r) {
        RuleSpec rule;
        rule.kind = static_cast<RuleKind>(rng_.below(7));
        rule.name = "rule " + std::to_string(r);
        const bool group = rule.kind == RuleKind::affinity || rule.kind == RuleKind::anti_affinity;
        if (rule.kind != RuleKind::ignore_host && rule.kind != RuleKind::cpu_compatible) {
            rule.vms = some("v", vms_.size(), 3);
            if (group && rule.vms.size() < 2) return;
        }
        if (rule.kind == RuleKind::pin || rule.kind == RuleKind::forbid) rule.hosts = some("h", hosts_.size(), 3);
        if (rule.kind == RuleKind::ignore_host) rule.hosts = {"h" + std::to_string(rng_.below(hosts_.size()))};
        if (rule.kind == RuleKind::cpu_compatible) rule.cpu_model = "kvm64";
        // Half of the affinity groups start together; the others are torn.
        if (rule.kind == RuleKind::affinity && chance(2)) {
            std::size_t first = 0;
            for (const std::string& name : rule.vms) {
                VmDraft& member = vms_[std::stoul(name.substr(1))];
                if (name == rule.vms.front()) first = member.host;
                member.host = first;
            }
        }
        rules_.push_back(std::move(rule));
    }

    RandomCluster assemble() {
        const auto order = [&](std::size_t count) {
            std::vector<std::size_t> result;
            for (std::size_t i = 0; i < count; ++i) result.push_back(shape_.permuted ? count - 1 - i : i);
            return result;
        };
        ClusterBuilder builder;
        std::vector<HostId> host_ids(hosts_.size());
        for (const std::size_t h : order(hosts_.size()))
            host_ids[h] = builder.add_host(hosts_[h].spec, hosts_[h].state);
        for (const std::size_t v : order(vms_.size())) {
            VmState state = vms_[v].state;
            state.host = host_ids[vms_[v].host];
            builder.add_vm(vms_[v].spec, state);
        }
        for (const RuleSpec& rule : rules_) builder.add_rule(rule);
        History history(vms_.size(), 8, 300.0);
        for (std::size_t i = 0; i < 4; ++i) {
            std::vector<double> row;
            for (const std::size_t v : order(vms_.size())) row.push_back(vms_[v].past[i]);
            history.push(row);
        }
        const auto ids = order(vms_.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const VmDraft& vm = vms_[ids[i]];
            if (vm.age_s == History::never) continue;
            const HostId from = host_ids[(vm.host + 1) % hosts_.size()];
            history.add(PastMove{VmId(i), -vm.age_s, from, host_ids[vm.host], false, false});
        }
        return {value(std::move(builder).build()), std::move(history)};
    }

    Rng rng_;
    Rng extra_;  // of enrich()
    Rng moods_;  // of unsettle()
    RandomShape shape_;
    std::vector<HostDraft> hosts_;
    std::vector<VmDraft> vms_;
    std::vector<RuleSpec> rules_;
};

}  // namespace

RandomCluster random_cluster(std::uint64_t seed, const RandomShape& shape) { return Maker(seed, shape).make(); }

}  // namespace ballast::test
