// SPDX-License-Identifier: Apache-2.0
// What holds whatever a plan does: worlds under random plans, most of them half nonsense.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "core/random.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

// Checks every stretch as it comes and adds up the time.
class Auditor : public Observer {
  public:
    Auditor(std::size_t hosts, std::size_t vms) : host_s(hosts), vm_s(vms) {}

    void on_host(const HostStretch& s) override {
        EXPECT_GE(s.given_mhz, 0.0);
        EXPECT_LE(s.given_mhz, s.asked_mhz * (1.0 + 1e-9));
        EXPECT_LE(s.given_mhz, s.usable_mhz * (1.0 + 1e-9));
        if (s.power != PowerState::on) {
            EXPECT_EQ(s.asked_mhz, 0.0) << "only a host that is on works";
        }
        host_s[s.host.index()] += s.duration_s;
        host_given_ += s.given_mhz * s.duration_s;
    }
    [[nodiscard]] bool wants_every_vm() const override { return true; }
    void on_vm(const VmStretch& s) override {
        EXPECT_GE(s.given_mhz, 0.0);
        EXPECT_LE(s.given_mhz, s.asked_mhz);
        vm_s[s.vm.index()] += s.duration_s;
        vm_given_ += s.given_mhz * s.duration_s;
    }
    void on_migration_start(const Migration& m) override {
        EXPECT_TRUE(in_flight_.insert(m.vm.index()).second) << "one migration per VM at a time";
    }
    void on_migration_end(const Migration& m) override { EXPECT_EQ(in_flight_.erase(m.vm.index()), 1U); }

    void expect_vms_get_no_more_than_hosts_give() const { EXPECT_LE(vm_given_, host_given_ * (1.0 + 1e-9)); }

    std::vector<double> host_s;
    std::vector<double> vm_s;

  private:
    std::set<std::size_t> in_flight_;
    double host_given_ = 0.0;
    double vm_given_ = 0.0;
};

Plan random_plan(const Snapshot& seen, Rng& rng) {
    Plan plan;
    const std::size_t count = rng.below(8);
    std::set<std::size_t> moved;
    for (std::size_t i = 0; i < count; ++i) {
        Action action;
        const std::uint64_t kind = rng.below(4);
        action.host = HostId(rng.below(seen.cluster.host_count()));
        if (kind == 0) action.kind = ActionKind::power_on;
        if (kind == 1) action.kind = ActionKind::power_off;
        if (action.kind == ActionKind::migrate) {
            action.vm = VmId(rng.below(seen.cluster.vm_count()));
            const VmState& vm = seen.cluster.state(action.vm);
            action.from = vm.host;
            if (!vm.sampled || vm.host == action.host || !moved.insert(action.vm.index()).second) continue;
        }
        const std::uint64_t depends = rng.below(2);
        if (depends == 1 && !plan.actions.empty()) action.after.emplace_back(rng.below(plan.actions.size()));
        plan.actions.push_back(action);
    }
    return plan;
}

MemoryTraceSource random_trace(std::size_t vms, std::size_t intervals, double interval_s, Rng& rng) {
    Trace trace;
    trace.name = "random";
    trace.interval_s = interval_s;
    for (std::size_t v = 0; v < vms; ++v) trace.vm_names.push_back("vm" + std::to_string(v));
    for (std::size_t i = 0; i < vms * intervals; ++i) trace.cpu_percent.push_back(static_cast<float>(rng.below(101)));
    return MemoryTraceSource(std::move(trace));
}

void expect_memory_fits(World& world) {
    const Snapshot seen = value(world.observe());
    for (std::size_t h = 0; h < seen.cluster.host_count(); ++h) {
        const HostId host(h);
        EXPECT_TRUE(
            fits(Resource::memory, seen.cluster.used(host).memory_bytes(), seen.cluster.usable(host).memory_bytes()));
        if (seen.cluster.state(host).power != PowerState::on) {
            EXPECT_EQ(seen.cluster.used(host), ResourceVector()) << "a host that is not on holds nothing";
        }
    }
}

class RandomPlans : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomPlans, KeepTheBooksBalanced) {
    Rng rng(GetParam());
    constexpr std::size_t hosts = 8;
    constexpr std::size_t vms = 9;
    constexpr std::size_t intervals = 120;
    const double interval_s = GetParam() % 2 == 0 ? 7.0 : 100.0;  // shorter and longer than a migration (15 s)
    MemoryTraceSource trace = random_trace(vms, intervals, interval_s, rng);
    Auditor audit(hosts, vms);
    MeasuredWorld run(trace, simple_options(hosts), {&audit});
    while (!run.world.finished()) {
        run.begin();
        value(run.execute(random_plan(value(run.world.observe()), rng)));
        run.world.pass_interval();
        expect_memory_fits(run.world);
    }
    const double total_s = intervals * interval_s;
    for (const double s : audit.host_s) EXPECT_NEAR(s, total_s, 1e-6);
    for (const double s : audit.vm_s) EXPECT_NEAR(s, total_s, 1e-6) << "a VM is on exactly one host at any time";
    audit.expect_vms_get_no_more_than_hosts_give();

    EXPECT_GE(run.energy.kwh() * 3.6e6, hosts * total_s * 10.0);   // all asleep
    EXPECT_LE(run.energy.kwh() * 3.6e6, hosts * total_s * 200.0);  // all at full load
    const SlaFigures sla = run.sla.figures();
    for (const double fraction : {sla.slatah, sla.pdm, sla.overall, sla.average}) {
        EXPECT_GE(fraction, 0.0);
        EXPECT_LE(fraction, 1.0);
    }
    EXPECT_LE(sla.pdm, sla.overall + 1e-12);
    EXPECT_GT(run.migrations.started, 0U);  // the plans did something
    EXPECT_GT(run.power.starts, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPlans, testing::Range<std::uint64_t>(1, 31));

}  // namespace
}  // namespace ballast
