// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulate.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "simulator/trace/planetlab.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

// The least a proposal has to say: a decision about every VM and a verdict on every host.
Proposal propose_move(const PolicyInput& input, const std::string& policy, const std::optional<Move>& move) {
    Proposal proposal;
    proposal.policy = policy;
    if (move) proposal.moves.push_back(*move);
    for (std::size_t v = 0; v < input.cluster.vm_count(); ++v) {
        if (move && move->vm == VmId(v)) continue;
        proposal.stays.insert({VmId(v), {}, {}});
    }
    for (std::size_t h = 0; h < input.cluster.host_count(); ++h) {
        HostVerdict& verdict = proposal.hosts.emplace_back();
        verdict.host = HostId(h);
    }
    return proposal;
}

class StayPolicy : public Policy {
  public:
    [[nodiscard]] std::string specification() const override { return "stay:enter=0.8,mode=calm"; }
    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng&) const override {
        EXPECT_EQ(input.history.cpu_mhz(VmId(0), 0), input.cluster.state(VmId(0)).demand.cpu_mhz());
        return propose_move(input, specification(), std::nullopt);
    }
};

// Moves one random VM to a random host that has room for it.
class RandomPolicy : public Policy {
  public:
    [[nodiscard]] std::string specification() const override { return "random"; }
    [[nodiscard]] Proposal propose(const PolicyInput& input, Rng& rng) const override {
        Move move;
        move.vm = VmId(rng.below(input.cluster.vm_count()));
        move.to = HostId(rng.below(input.cluster.host_count()));
        move.from = input.cluster.state(move.vm).host;
        const ResourceVector after = input.cluster.used(move.to) + input.cluster.footprint(move.vm);
        const ResourceVector usable = input.cluster.usable(move.to);
        const bool room = fits(Resource::cpu, after.cpu_mhz(), usable.cpu_mhz()) &&
                          fits(Resource::memory, after.memory_bytes(), usable.memory_bytes());
        move.cost = migration_cost(input.migration_model, input.cluster.spec(move.vm).memory_bytes);
        const bool moves = room && move.from != move.to && input.cluster.state(move.vm).sampled;
        return propose_move(input, specification(), moves ? std::optional(move) : std::nullopt);
    }
};

Result<SimulationResult> run(MemoryTraceSource trace, const SimulationOptions& options, const Policy* policy,
                             const Progress& progress = {}) {
    return simulate(trace, options, policy, progress);
}

// Everything but what the run itself cost.
std::string figures(SimulationResult result) {
    result.wall_s = 0.0;
    result.peak_rss_bytes = 0;
    return to_json(std::vector{result});
}

MemoryTraceSource waves(double interval_s = 60.0) {
    Trace trace;
    trace.name = "waves";
    trace.interval_s = interval_s;
    for (std::size_t v = 0; v < 10; ++v) trace.vm_names.push_back("vm" + std::to_string(v));
    for (std::size_t i = 0; i < 100 * 10; ++i) trace.cpu_percent.push_back(static_cast<float>((i * 37) % 61));
    return MemoryTraceSource(std::move(trace));
}

TEST(Simulate, WithoutAPolicyNothingMoves) {
    // 80 % and 40 % of 1000 MHz on one host of 1000 MHz for 100 s, the other host idle: 200 W + 100 W.
    const SimulationResult result = value(run(trace_of(100.0, {{80, 40}}), simple_options(2), nullptr));
    EXPECT_EQ(result.trace, "tiny");
    EXPECT_EQ(result.policy, "none");
    EXPECT_TRUE(result.options.empty());
    EXPECT_EQ(result.hosts, 2U);
    EXPECT_EQ(result.vms, 2U);
    EXPECT_EQ(result.intervals, 1U);
    EXPECT_NEAR(result.energy_kwh, 300.0 * 100.0 / 3.6e6, 1e-12);
    EXPECT_EQ(result.migrations, 0U);
    EXPECT_EQ(result.sla.slatah, 1.0);
    EXPECT_EQ(result.sla.pdm, 0.0);
    EXPECT_NEAR(result.sla.overall, 200.0 / 1200.0, 1e-12);
    EXPECT_NEAR(result.contention_vm_hours, 2.0 * 100.0 / 3600.0, 1e-12);
    EXPECT_GT(result.peak_rss_bytes, 1'000'000U);
}

TEST(Simulate, APolicyThatStaysIsTheBaseline) {
    MemoryTraceSource trace = waves();
    const StayPolicy stay;
    SimulationResult result = value(simulate(trace, simple_options(4), &stay));
    EXPECT_EQ(result.policy, "stay");
    EXPECT_EQ(result.options, (std::vector<std::pair<std::string, std::string>>{{"enter", "0.8"}, {"mode", "calm"}}));
    result.policy = "none";
    result.options.clear();
    EXPECT_EQ(figures(result), figures(value(simulate(trace, simple_options(4), nullptr))));
}

TEST(Simulate, TheSameSeedGivesTheSameBytes) {
    const RandomPolicy policy;
    SimulationOptions options = simple_options(4);
    options.seed = 42;
    const SimulationResult first = value(run(waves(), options, &policy));
    const SimulationResult second = value(run(waves(), options, &policy));
    EXPECT_GT(first.migrations, 10U);
    EXPECT_EQ(figures(first), figures(second));
    options.seed = 43;
    EXPECT_NE(figures(first), figures(value(run(waves(), options, &policy))));
}

// Belief and truth are separate: what the policy is told changes nothing of what it costs.
TEST(Simulate, ChargesWithTheTruth) {
    const RandomPolicy policy;
    SimulationOptions options = simple_options(4);
    const SimulationResult truth = value(run(waves(), options, &policy));
    options.belief.bandwidth_bytes_per_s *= 10.0;
    EXPECT_EQ(figures(truth), figures(value(run(waves(), options, &policy))));
    options.truth.resume_s *= 2.0;  // 4 s of downtime each
    const SimulationResult slower = value(run(waves(), options, &policy));
    EXPECT_EQ(slower.migrations, truth.migrations);
    EXPECT_NEAR(slower.downtime_s, 2.0 * truth.downtime_s, 1e-9);
}

// Migrations of 15 s in intervals of 10 s: World refuses a plan that touches a VM in flight, so a policy that did not
// respect the snapshot's word on it would end the run.
TEST(Simulate, ThePoliciesLeaveVmsInFlightAlone) {
    MemoryTraceSource trace = waves(10.0);
    SimulationOptions options = simple_options(6);
    for (const std::string name : {"spread:cooldown=0,sustain=1", "consolidate:cooldown=0,sustain=1"}) {
        const auto policy = value(make_policy(name));
        const SimulationResult result = value(simulate(trace, options, policy.get()));
        EXPECT_GT(result.migrations, 5U) << name;
        EXPECT_EQ(figures(result), figures(value(simulate(trace, options, policy.get())))) << name;
    }
}

TEST(Simulate, EveryPolicyLeavesVmsInFlightAlone) {
    MemoryTraceSource trace = waves(10.0);
    SimulationOptions options = simple_options(6);
    std::size_t migrations = 0;
    for (const PolicyHelp& help : policy_catalogue()) {
        SCOPED_TRACE(help.name);
        const auto policy = value(make_policy(help.name));
        const SimulationResult result = value(simulate(trace, options, policy.get()));
        EXPECT_EQ(figures(result), figures(value(simulate(trace, options, policy.get()))));
        migrations += result.migrations;
    }
    EXPECT_GT(migrations, 100U);
}

TEST(Simulate, ReportsProgressAfterEveryInterval) {
    std::vector<std::size_t> seen;
    value(run(trace_of(10.0, {{1}, {2}, {3}}), simple_options(1), nullptr, [&](std::size_t done, std::size_t total) {
        EXPECT_EQ(total, 3U);
        seen.push_back(done);
    }));
    EXPECT_EQ(seen, (std::vector<std::size_t>{1, 2, 3}));
}

TEST(Simulate, BadOptionsAreAUsageError) {
    SimulationOptions options = simple_options(1);
    options.hosts[0].memory_bytes = 0.0;
    const auto result = run(waves(), options, nullptr);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
}

// Expected output: a change of any of these figures is a change of the simulator's predictions and needs a reason.
TEST(Simulate, BundledDayWithoutPolicy) {
    MemoryTraceSource trace(
        value(read_planetlab_day(std::string(BALLAST_SOURCE_DIR) + "/simulator/data/planetlab-20110303.tar.xz")));
    const SimulationResult result = value(simulate(trace, SimulationOptions{}, nullptr));
    EXPECT_EQ(result.hosts, 800U);
    EXPECT_EQ(result.vms, 1052U);
    EXPECT_EQ(result.intervals, 288U);
    EXPECT_NEAR(result.energy_kwh / 1759.6902229678706, 1.0, 1e-9);
    EXPECT_EQ(result.migrations, 0U);
    EXPECT_EQ(result.host_shutdowns, 0U);
    EXPECT_EQ(result.sla.slatah, 0.0);  // the configured CPU fits, so no host can be asked for more than it has
    EXPECT_EQ(result.contention_vm_hours, 0.0);

    SimulationOptions overcommitted;
    overcommitted.cpu_overcommit = 4.0;
    const SimulationResult tight = value(simulate(trace, overcommitted, nullptr));
    EXPECT_NEAR(tight.energy_kwh / 1760.8306338950533, 1.0, 1e-9);
    EXPECT_NEAR(tight.sla.slatah / 0.00013755449274135522, 1.0, 1e-9);
    EXPECT_NEAR(tight.sla.overall / 5.4101501040625814e-05, 1.0, 1e-9);
    EXPECT_NEAR(tight.sla.average / 0.053883038618895034, 1.0, 1e-9);
    EXPECT_NEAR(tight.contention_vm_hours, 4.0, 1e-9);
}

}  // namespace
}  // namespace ballast
