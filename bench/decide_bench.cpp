// SPDX-License-Identifier: Apache-2.0
// How long one decision takes: decide() as a whole, that is policy, sequencing and the independent check, on clusters
// of equal hosts with ten VMs each. The scenes:
//   spread_hot            every tenth host is at about 90 % and is relieved
//   spread_steady         every host is at about 40 %: nothing to do
//   consolidate_emptying  every host is at about 20 % and there is room: hosts are emptied
//   consolidate_steady    every host is at about 20 %, but memory is full everywhere: every host is tried in vain
//   consolidate_rules     the same with a rule for every VM
// One decision makes at most 64 moves (the default). Argument: hosts. Counters: hosts, vms, moves.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/engine.hpp"

namespace ballast {
namespace {

constexpr std::size_t vms_per_host = 10;
constexpr double host_mhz = 80'000.0;
constexpr double gib = 1024.0 * bytes_per_mib;
constexpr double host_memory_bytes = 256.0 * gib;
constexpr std::size_t samples = 12;

struct SceneShape {
    double load;                 // mean of every host, fraction of its CPU
    double hot_load;             // of every tenth host
    double vm_memory_bytes;      // ten of them are on every host
    bool anti_affinity = false;  // VMs of neighbouring hosts are kept apart, two by two
};

constexpr SceneShape hot{0.40, 0.90, 12.0 * gib};
constexpr SceneShape calm{0.40, 0.40, 12.0 * gib};
constexpr SceneShape roomy{0.20, 0.20, 8.0 * gib};
constexpr SceneShape packed{0.20, 0.20, 24.0 * gib};  // 240 of 256 GiB taken: no eleventh VM fits
constexpr SceneShape ruled{0.20, 0.20, 24.0 * gib, true};

// What may fail only by an error in this file.
template <typename T>
T value(Result<T> result) {
    if (!result) std::abort();
    return std::move(*result);
}

std::string numbered(const char* prefix, std::size_t number) {
    std::string name = prefix;
    name += std::to_string(number);
    return name;
}

HostSpec make_host(std::size_t index) {
    HostSpec spec;
    spec.name = numbered("h", index);
    spec.capacity = ResourceVector(host_mhz, host_memory_bytes);
    spec.cpu = {"x86_64", "Intel", "Skylake-Server-IBRS"};
    spec.hypervisor_version = 7002022;
    spec.power = HostPower{};
    const std::vector<double> watts = {100, 120, 140, 160, 180, 200, 220, 240, 260, 280, 300};
    spec.power->curve = value(PowerCurve::make(watts));
    spec.power->controllable = true;
    return spec;
}

Cluster make_cluster(std::size_t host_count, const SceneShape& shape) {
    ClusterBuilder builder;
    Rng rng(1);
    for (std::size_t h = 0; h < host_count; ++h) {
        const HostId host = builder.add_host(make_host(h));
        const double load = h % 10 == 0 ? shape.hot_load : shape.load;
        for (std::size_t v = 0; v < vms_per_host; ++v) {
            VmSpec spec;
            spec.name = numbered("v", h * vms_per_host + v);
            spec.memory_bytes = shape.vm_memory_bytes;
            spec.cpu = {"x86_64", "kvm64", GuestCpuMode::explicit_model};
            VmState state;
            state.host = host;
            const double share = 0.9 + 0.2 * rng.uniform();
            state.demand = ResourceVector(share * load * host_mhz / static_cast<double>(vms_per_host), 0.0);
            builder.add_vm(std::move(spec), state);
        }
    }
    for (std::size_t v = 0; shape.anti_affinity && v < host_count * vms_per_host; ++v) {
        if (v / vms_per_host % 2 != 0) continue;  // its partner is on the next host
        RuleSpec rule;
        rule.kind = RuleKind::anti_affinity;
        rule.name = numbered("apart ", v);
        rule.vms = {numbered("v", v), numbered("v", v + vms_per_host)};
        builder.add_rule(std::move(rule));
    }
    return value(std::move(builder).build());
}

// A past in which every VM always needed what it needs now.
History steady_history(const Cluster& cluster) {
    History history(cluster.vm_count(), samples, 300.0);
    std::vector<double> row;
    for (const VmState& vm : cluster.state().vms) row.push_back(vm.demand.cpu_mhz());
    for (std::size_t i = 0; i < samples; ++i) history.push(row);
    return history;
}

void decide_once(benchmark::State& state, const char* specification, const SceneShape& shape) {
    const Cluster cluster = make_cluster(static_cast<std::size_t>(state.range(0)), shape);
    const History history = steady_history(cluster);
    const auto policy = value(make_policy(specification));
    const MigrationModel model;
    Rng rng(1);
    std::size_t moves = 0;
    for (auto _ : state) {
        const auto decision = decide({cluster, history, model}, *policy, rng);
        if (!decision) {
            state.SkipWithError(decision.error().message.c_str());
            return;
        }
        moves = decision->proposal.moves.size();
    }
    state.counters["hosts"] = static_cast<double>(cluster.host_count());
    state.counters["vms"] = static_cast<double>(cluster.vm_count());
    state.counters["moves"] = static_cast<double>(moves);
}

BENCHMARK_CAPTURE(decide_once, spread_hot, "spread", hot)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decide_once, spread_steady, "spread", calm)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decide_once, consolidate_emptying, "consolidate", roomy)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decide_once, consolidate_steady, "consolidate", packed)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decide_once, consolidate_rules, "consolidate", ruled)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ballast
