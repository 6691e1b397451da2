// SPDX-License-Identifier: Apache-2.0
// Simulations at the same time, as `ballast simulate --jobs` runs them: they share a policy and its options, and
// nothing that one of them changes. scripts/test-tsan runs these under ThreadSanitizer.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "scheduler/policy.hpp"
#include "simulator/cloudsim/simulate.hpp"
#include "simulator/parallel.hpp"
#include "simulator/result.hpp"
#include "simulator/simulate.hpp"
#include "simulator/trace/memory_source.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

MemoryTraceSource small_day(std::uint64_t seed) {
    Rng rng(seed);
    Trace trace;
    trace.name = "day " + std::to_string(seed);
    trace.interval_s = 300.0;
    for (int vm = 0; vm < 16; ++vm) trace.vm_names.push_back("vm" + std::to_string(vm));
    for (std::size_t i = 0; i < 24 * trace.vm_names.size(); ++i) {
        trace.cpu_percent.push_back(static_cast<float>(rng.below(101)));
    }
    return MemoryTraceSource(std::move(trace));
}

using Simulation = std::function<Result<SimulationResult>(TraceSource& trace)>;

// As JSON, without what depends on the machine.
std::string results(const std::vector<Simulation>& simulations, std::size_t threads) {
    constexpr std::size_t days = 2;
    std::vector<SimulationResult> all(simulations.size() * days);
    const Status status = for_each_index(all.size(), threads, [&](std::size_t i) -> Status {
        MemoryTraceSource trace = small_day(i % days);
        Result<SimulationResult> result = simulations[i / days](trace);
        if (!result) return tl::unexpected(result.error());
        all[i] = std::move(*result);
        return {};
    });
    EXPECT_TRUE(status) << status.error().message;
    for (SimulationResult& result : all) result.wall_s = 0.0, result.peak_rss_bytes = 0;
    return to_json(all);
}

void expect_same_whatever_the_threads(const std::vector<Simulation>& simulations) {
    const std::string one_at_a_time = results(simulations, 1);
    for (const std::size_t threads : {2U, 8U}) EXPECT_EQ(results(simulations, threads), one_at_a_time) << threads;
}

TEST(ConcurrentRuns, OwnRules) {
    SimulationOptions options = test::simple_options(8);
    std::vector<std::unique_ptr<Policy>> policies;
    for (const char* specification : {"spread", "consolidate"})
        policies.push_back(std::move(*make_policy(specification)));
    policies.push_back(nullptr);
    std::vector<Simulation> simulations;
    for (const auto& policy : policies) {
        simulations.push_back(
            [&options, &policy](TraceSource& trace) { return simulate(trace, options, policy.get()); });
    }
    expect_same_whatever_the_threads(simulations);
}

TEST(ConcurrentRuns, ReferenceWorld) {
    cloudsim::Options options = cloudsim::default_options();
    options.hosts = 16;
    std::vector<cloudsim::FamilyPolicy> policies;
    for (const char* specification : {"dvfs", "thr-rs", "iqr-mu", "mad-mc", "lr-mmt"}) {
        policies.push_back(*cloudsim::parse_family_policy(specification));
    }
    std::vector<Simulation> simulations;
    for (const cloudsim::FamilyPolicy& policy : policies) {
        simulations.push_back(
            [&options, &policy](TraceSource& trace) { return cloudsim::simulate(trace, options, policy); });
    }
    expect_same_whatever_the_threads(simulations);
}

}  // namespace
}  // namespace ballast
