// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/policy_decider.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "core/check.hpp"
#include "scheduler/engine.hpp"

namespace ballast::cloudsim {

namespace {

constexpr double bytes_per_mb = 1048576.0;

HostSpec host_spec(const Datacenter& dc, HostIndex h, double memory_mb) {
    HostSpec spec;
    spec.name = dc.type(h).name + "-" + std::to_string(h);
    spec.capacity = ResourceVector(dc.total_mips[h], memory_mb * bytes_per_mb);
    HostPower power;
    Result<PowerCurve> curve = PowerCurve::make(dc.type(h).watts);
    BALLAST_CHECK(curve.has_value(), "the reference world's host types have valid power tables");
    power.curve = *curve;
    power.sleep_watts = 0.0;
    power.boot_s = 0.0;
    power.suspend_s = 0.0;
    power.controllable = true;
    spec.power = power;
    return spec;
}

VmSpec vm_spec(const Datacenter& dc, VmIndex vm) {
    VmSpec spec;
    spec.name = "vm-" + std::to_string(vm);
    spec.memory_bytes = dc.memory_mb[vm] * bytes_per_mb;
    return spec;
}

// As the reference moves VMs: their memory once, with half of the destination's bandwidth.
MigrationModel model_of(const Options& options) {
    MigrationModel model;
    model.bandwidth_bytes_per_s = options.host_types.front().bandwidth / (2.0 * 8000.0) * bytes_per_mb;
    model.dirty_bytes_per_s = 0.0;
    model.fixed_overhead_s = 0.0;
    model.resume_s = 0.0;
    return model;
}

}  // namespace

PolicyDecider::PolicyDecider(const Datacenter& datacenter, const Policy& policy, std::uint64_t seed, double period_s)
    : dc_(datacenter), policy_(policy), random_(seed), period_s_(period_s), model_(model_of(datacenter.options)) {
    const double all_mb = std::accumulate(dc_.memory_mb.begin(), dc_.memory_mb.end(), 0.0);
    for (HostIndex h = 0; h < dc_.host_count(); ++h) {
        // A VM on the way takes its memory on both hosts, hence twice.
        const double memory_mb = dc_.options.quirks.memory_ignored_after_start ? 2.0 * all_mb : dc_.type(h).memory_mb;
        hosts_.push_back(host_spec(dc_, h, memory_mb));
    }
}

Result<std::vector<Move>> PolicyDecider::decide(double time_s, std::size_t samples) {
    const Result<Cluster> cluster = look();
    if (!cluster) return tl::unexpected(cluster.error());
    const History history = past(time_s, samples);
    const Result<Decision> decision = ballast::decide({*cluster, history, model_}, policy_, random_);
    if (!decision) return tl::unexpected(decision.error());
    std::erase_if(moves_, [&](const PastMove& move) { return move.time_s < time_s - History::day_s; });
    std::vector<Move> moves;
    for (const Action& action : decision->plan.actions) {
        if (action.kind != ActionKind::migrate) continue;
        const VmIndex vm = vms_[action.vm.index()];
        moves.push_back({vm, static_cast<HostIndex>(action.host.index())});
        moves_.push_back({VmId(vm), time_s, action.from, action.host, false, false});
    }
    return moves;
}

Result<Cluster> PolicyDecider::look() {
    std::vector<VmIndex> vms;
    for (VmIndex vm = 0; vm < dc_.vm_count(); ++vm) {
        if (dc_.host[vm] != no_host) vms.push_back(vm);
    }
    const auto state_of = [&](VmIndex vm) {
        const ResourceVector demand(dc_.request_mips[vm], dc_.memory_mb[vm] * bytes_per_mb);
        return VmState{HostId(dc_.host[vm]), demand, true};
    };
    if (inventory_ && vms == vms_) {
        ClusterState state;
        state.hosts.resize(hosts_.size());
        for (const VmIndex vm : vms_) state.vms.push_back(state_of(vm));
        return Cluster::make(inventory_, std::move(state));
    }
    vms_ = std::move(vms);
    ClusterBuilder builder;
    for (const HostSpec& host : hosts_) builder.add_host(host);
    for (const VmIndex vm : vms_) builder.add_vm(vm_spec(dc_, vm), state_of(vm));
    Result<Cluster> cluster = std::move(builder).build();
    if (cluster) inventory_ = cluster->shared_inventory();
    return cluster;
}

History PolicyDecider::past(double time_s, std::size_t samples) const {
    History history(vms_.size(), dc_.options.history_samples, period_s_);
    std::vector<double> row(vms_.size());
    for (std::size_t age = samples; age-- > 0;) {
        for (std::size_t v = 0; v < vms_.size(); ++v) row[v] = dc_.history_of(vms_[v])[age] * dc_.mips[vms_[v]];
        history.push(row);
    }
    history.set_now(time_s);
    for (PastMove move : moves_) {
        const auto found = std::lower_bound(vms_.begin(), vms_.end(), static_cast<VmIndex>(move.vm.index()));
        if (found == vms_.end() || *found != move.vm.index()) continue;
        move.vm = VmId(static_cast<std::size_t>(found - vms_.begin()));
        history.add(move);
    }
    return history;
}

}  // namespace ballast::cloudsim
