// SPDX-License-Identifier: Apache-2.0
// How the cost of one decision grows from 1,000 to 1,000,000 VMs. A synthetic cluster of ten VMs per host lives through
// evenly spaced intervals of a day: demand follows a daily wave with a phase and noise of its own for every VM, the
// moves of each decision are carried out, and the next decision sees them. One JSON line per size and policy, in CPU
// milliseconds per interval: `snapshot` (Cluster::make and one history row), `propose` (the policy alone) and `decide`
// (policy, sequencing and check: what the loop calls).
//
//   scale_bench VMS INTERVALS POLICY      e.g. scale_bench 1000000 12 consolidate
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include "scheduler/engine.hpp"

namespace ballast {
namespace {

constexpr double gib = 1024.0 * bytes_per_mib;
constexpr std::size_t vms_per_host = 10;
constexpr double host_mhz = 80'000.0;

double cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

// What may fail only by an error in this file.
template <typename T>
T value(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "scale_bench: %s\n", result.error().message.c_str());
        std::exit(1);
    }
    return std::move(*result);
}

struct Load {
    std::vector<double> mean_mhz;  // by VM
    std::vector<double> phase;
};

Cluster make_cluster(std::size_t vm_count, Rng& rng, Load& load) {
    ClusterBuilder builder;
    const PowerCurve curve = value(find_power_curve("dell-r740"));
    for (std::size_t h = 0; h < vm_count / vms_per_host; ++h) {
        HostSpec spec;
        spec.name = "h";
        spec.name += std::to_string(h);
        spec.capacity = ResourceVector(host_mhz, 256.0 * gib);
        spec.power = HostPower{};
        spec.power->curve = curve;
        spec.power->controllable = true;
        const HostId host = builder.add_host(std::move(spec));
        const double busy = 0.15 + 0.35 * rng.uniform();  // some hosts are low at night, some hot at noon
        for (std::size_t v = 0; v < vms_per_host; ++v) {
            VmSpec vm;
            vm.name = "v";
            vm.name += std::to_string(h * vms_per_host + v);
            vm.memory_bytes = static_cast<double>(4 + 4 * rng.below(6)) * gib;  // 4 to 24 GiB
            VmState state;
            state.host = host;
            load.mean_mhz.push_back(busy * host_mhz / vms_per_host * (0.4 + 1.2 * rng.uniform()));
            load.phase.push_back(0.2 * rng.uniform());
            builder.add_vm(std::move(vm), state);
        }
    }
    return value(std::move(builder).build());
}

std::vector<double> demands(const Load& load, double day_fraction, Rng& rng) {
    constexpr double tau = 6.283185307179586;
    std::vector<double> mhz(load.mean_mhz.size());
    for (std::size_t v = 0; v < mhz.size(); ++v) {
        const double wave = 1.0 - 0.6 * std::cos(tau * (day_fraction + load.phase[v]));
        mhz[v] = load.mean_mhz[v] * wave * (0.85 + 0.3 * rng.uniform());
    }
    return mhz;
}

// After the plan: VMs moved, hosts asleep or on.
void carry_out(const Proposal& proposal, ClusterState& state, History& history) {
    for (const Move& move : proposal.moves) {
        state.vms[move.vm.index()].host = move.to;
        history.set_last_move_age(move.vm, 0.0);
    }
    for (const HostVerdict& verdict : proposal.hosts) {
        if (verdict.action == HostAction::sleep) state.hosts[verdict.host.index()].power = PowerState::asleep;
        if (verdict.action == HostAction::wake) state.hosts[verdict.host.index()].power = PowerState::on;
    }
}

void run(std::size_t vm_count, std::size_t intervals, const char* specification) {
    Rng rng(1);
    Load load;
    Cluster cluster = make_cluster(vm_count, rng, load);
    History history(vm_count, 12, 300.0);
    const auto policy = value(make_policy(specification));
    const MigrationModel model;
    double snapshot_ms = 0.0;
    double propose_ms = 0.0;
    double decide_ms = 0.0;
    std::size_t moves = 0;
    for (std::size_t i = 0; i < intervals; ++i) {
        ClusterState state = cluster.state();
        const std::vector<double> mhz = demands(load, static_cast<double>(i) / static_cast<double>(intervals), rng);
        for (std::size_t v = 0; v < vm_count; ++v) state.vms[v].demand = ResourceVector(mhz[v], 0.0);
        const double begin = cpu_ms();
        history.push(mhz);
        cluster = value(Cluster::make(cluster.shared_inventory(), std::move(state)));
        const double seen = cpu_ms();
        const Proposal alone = policy->propose({cluster, history, model}, rng);
        const double proposed = cpu_ms();
        const Decision decision = value(decide({cluster, history, model}, *policy, rng));
        const double decided = cpu_ms();
        snapshot_ms += seen - begin;
        propose_ms += proposed - seen;
        decide_ms += decided - proposed;
        moves += decision.proposal.moves.size();
        ClusterState next = cluster.state();
        carry_out(decision.proposal, next, history);
        cluster = value(Cluster::make(cluster.shared_inventory(), std::move(next)));
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto n = static_cast<double>(intervals);
    std::printf(
        "{\"vms\":%zu,\"hosts\":%zu,\"policy\":\"%s\",\"intervals\":%zu,\"snapshot_ms\":%.3f,\"propose_ms\":%.3f,"
        "\"decide_ms\":%.3f,\"moves\":%zu,\"peak_rss_mib\":%ld}\n",
        vm_count, vm_count / vms_per_host, specification, intervals, snapshot_ms / n, propose_ms / n, decide_ms / n,
        moves, usage.ru_maxrss / 1024);
}

}  // namespace
}  // namespace ballast

int main(int argc, char** argv) {
    const long vms = argc == 4 ? std::atol(argv[1]) : 0;
    const long intervals = argc == 4 ? std::atol(argv[2]) : 0;
    if (vms < 20 || intervals < 1) {
        std::fputs("usage: scale_bench VMS INTERVALS POLICY (at least 20 VMs and one interval)\n", stderr);
        return 2;
    }
    ballast::run(static_cast<std::size_t>(vms), static_cast<std::size_t>(intervals), argv[3]);
    return 0;
}
