// SPDX-License-Identifier: Apache-2.0
// Ballast's own policies in the reference world.
#include <gtest/gtest.h>

#include "scheduler/policy.hpp"
#include "simulator/cloudsim/replay.hpp"
#include "simulator/observers/returns.hpp"
#include "simulator/trace/open.hpp"
#include "tests/clusters.hpp"

namespace ballast::test {
namespace {

struct Run {
    cloudsim::Figures figures;
    std::size_t back = 0;  // migrations to a host the VM had left within the hour before
};

Run run(const std::string& trace_file, const std::string& specification) {
    const auto trace = value(open_trace(std::string(BALLAST_SOURCE_DIR) + trace_file));
    const auto policy = value(make_policy(specification));
    ReturnCounter returns(trace->info().vms.size());
    cloudsim::ReplayHooks hooks;
    hooks.migration = [&](double time_s, auto vm, auto from, auto to) {
        returns.on_migration_start({VmId(vm), HostId(from), HostId(to), time_s, {}});
    };
    const cloudsim::Figures figures = value(cloudsim::replay(*trace, cloudsim::default_options(), *policy, hooks));
    return {figures, returns.returns};
}

// The fluid bound: all demand of the day on the most efficient hosts, full all the time. `least_esv`: of the family's
// migrating policies in tests/data/cloudsim/reference.csv, that of iqr-mmt.
struct Day {
    const char* trace_file;
    double fluid_kwh;
    double least_esv;
};
const Day march_3 = {"/simulator/data/planetlab-20110303.tar.xz", 95.7, 188.856 * 3.1466e-5};
const Day march_6 = {"/tests/data/cloudsim/planetlab-20110306.tar.xz", 71.1, 144.045 * 3.5118e-5};

TEST(ReferencePolicies, ConsolidateIsNearTheFluidBoundAndFarBelowTheFamilysViolations) {
    for (const Day& day : {march_3, march_6}) {
        SCOPED_TRACE(day.trace_file);
        const auto [figures, back] = run(day.trace_file, "consolidate");
        EXPECT_EQ(back, 0U);  // no ping-pong
        EXPECT_LT(figures.energy_kwh, 1.25 * day.fluid_kwh);
        EXPECT_LT(figures.energy_kwh * figures.sla, day.least_esv / 20.0);
    }
}

// Nothing is hot in this world while every VM has a host of its own; spread leaves it alone.
TEST(ReferencePolicies, SpreadMovesNothing) { EXPECT_EQ(run(march_3.trace_file, "spread").figures.migrations, 0U); }

}  // namespace
}  // namespace ballast::test
