// SPDX-License-Identifier: Apache-2.0
// A cluster in the making for scheduler tests, and what a policy says about it. CPU in MHz, memory in MiB.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/checker.hpp"
#include "scheduler/engine.hpp"
#include "tests/clusters.hpp"

namespace ballast::test {

// Hosts of 1000 MHz and 10000 MiB, VMs of 1000 MiB, unless said otherwise.
struct Scene {
    ClusterBuilder builder;

    HostId host(const std::string& name, double cpu_mhz = 1000.0, double memory_mib = 10000.0, HostState state = {}) {
        return builder.add_host(test::host(name, cpu_mhz, memory_mib), state);
    }
    // A host that Ballast can put to sleep: `idle` W at no load, `peak` W at full load, linear; asleep 8 W.
    HostId green_host(const std::string& name, double idle, double peak, PowerState power = PowerState::on,
                      double cpu_mhz = 1000.0) {
        HostSpec spec = test::host(name, cpu_mhz, 10000.0);
        std::vector<double> table;
        for (int i = 0; i <= 10; ++i) table.push_back(idle + (peak - idle) * i / 10.0);
        spec.power = HostPower{};
        spec.power->curve = value(PowerCurve::make(table));
        spec.power->controllable = true;
        HostState state;
        state.power = power;
        return builder.add_host(std::move(spec), state);
    }
    HostId racked_host(const std::string& name, const std::string& rack) {
        HostSpec spec = test::host(name, 1000.0, 10000.0);
        spec.rack = rack;
        return builder.add_host(std::move(spec));
    }
    VmId vm(const std::string& name, HostId host, double cpu_mhz, double memory_mib = 1000.0) {
        return builder.add_vm(test::vm(name, memory_mib), on(host, cpu_mhz));
    }
    void rule(RuleKind kind, std::vector<std::string> vms, std::vector<std::string> hosts = {}) {
        RuleSpec spec;
        spec.kind = kind;
        spec.name = std::string(name(kind)) + "-" + std::to_string(rules_++);
        spec.vms = std::move(vms);
        spec.hosts = std::move(hosts);
        builder.add_rule(spec);
    }
    void soft_rule(RuleKind kind, std::vector<std::string> vms, std::vector<std::string> hosts, double weight) {
        RuleSpec spec;
        spec.kind = kind;
        spec.name = "soft-" + std::to_string(rules_++);
        spec.vms = std::move(vms);
        spec.hosts = std::move(hosts);
        spec.weight = weight;
        builder.add_rule(spec);
    }
    // At most so many of these VMs per domain.
    void apart(std::vector<std::string> vms, std::uint32_t at_most, FaultDomain per) {
        RuleSpec spec;
        spec.kind = RuleKind::anti_affinity;
        spec.name = "apart-" + std::to_string(rules_++);
        spec.vms = std::move(vms);
        spec.at_most = at_most;
        spec.per = per;
        builder.add_rule(spec);
    }
    Cluster build() { return value(std::move(builder).build()); }

  private:
    int rules_ = 0;
};

// A past in which every VM always needed what it needs now.
inline History steady_history(const Cluster& cluster, std::size_t samples = 12) {
    History history(cluster.vm_count(), std::max<std::size_t>(samples, 1), 300.0);
    std::vector<double> row;
    for (const VmState& vm : cluster.state().vms) row.push_back(vm.demand.cpu_mhz());
    for (std::size_t i = 0; i < samples; ++i) history.push(row);
    return history;
}

inline Proposal propose(const Cluster& cluster, const History& history, const std::string& policy) {
    const MigrationModel model;
    Rng rng(1);
    return value(make_policy(policy))->propose({cluster, history, model}, rng);
}
inline Proposal propose(const Cluster& cluster, const std::string& policy) {
    return propose(cluster, steady_history(cluster), policy);
}

// The move of this VM, or nothing.
inline const Move* move_of(const Proposal& proposal, VmId vm) {
    const auto it =
        std::find_if(proposal.moves.begin(), proposal.moves.end(), [&](const Move& m) { return m.vm == vm; });
    return it == proposal.moves.end() ? nullptr : &*it;
}
inline Stay stay_of(const Proposal& proposal, VmId vm) {
    for (const Stay& stay : proposal.stays) {
        if (stay.vm == vm) return stay;
    }
    ADD_FAILURE() << "VM " << vm.index() << " has no stay";
    std::abort();
}

// "vm>host vm>host …" in the order of the proposal; "" = no moves.
inline std::string moves_text(const Proposal& proposal, const Cluster& cluster) {
    std::string text;
    for (const Move& move : proposal.moves) {
        text += (text.empty() ? "" : " ") + cluster.spec(move.vm).name + ">" + cluster.spec(move.to).name;
    }
    return text;
}

// The cluster after the proposal has been carried out: VMs moved, hosts asleep or on.
inline Cluster carried_out(const Cluster& cluster, const Proposal& proposal) {
    ClusterState state = cluster.state();
    for (const Move& move : proposal.moves) state.vms[move.vm.index()].host = move.to;
    for (const HostVerdict& verdict : proposal.hosts) {
        if (verdict.action == HostAction::sleep) state.hosts[verdict.host.index()].power = PowerState::asleep;
        if (verdict.action == HostAction::wake) state.hosts[verdict.host.index()].power = PowerState::waking;
    }
    return value(Cluster::make(cluster.shared_inventory(), std::move(state)));
}

inline void remember_moves(History& history, const Proposal& proposal) {
    for (const Move& move : proposal.moves) {
        history.add(PastMove{move.vm, history.now_s(), move.from, move.to, false, false});
    }
}

// A proposal that only moves, for tests of the sequencer.
inline Proposal moving(const Cluster& cluster, const std::vector<std::pair<VmId, HostId>>& moves) {
    Proposal proposal;
    proposal.policy = "test";
    for (const auto& [vm, to] : moves) {
        Move move;
        move.vm = vm;
        move.from = cluster.state(vm).host;
        move.to = to;
        move.reason.code = ReasonCode::relieve_overload;
        proposal.moves.push_back(move);
    }
    for (std::size_t h = 0; h < cluster.host_count(); ++h) proposal.hosts.push_back({HostId(h), HostAction::none, {}});
    return proposal;
}

inline std::string first_violation(const Cluster& cluster, const Plan& plan) {
    const auto violations = check_plan(cluster, plan);
    return violations.empty() ? std::string() : violations.front().message;
}

}  // namespace ballast::test
