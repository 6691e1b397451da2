// SPDX-License-Identifier: Apache-2.0
// Ballast's own policies in the reference world.
#include <gtest/gtest.h>

#include <map>

#include "scheduler/policy.hpp"
#include "simulator/cloudsim/replay.hpp"
#include "simulator/trace/open.hpp"
#include "tests/clusters.hpp"

namespace ballast::test {
namespace {

struct Run {
    cloudsim::Figures figures;
    std::size_t returned_within_an_hour = 0;  // VMs that went back to where they had come from
};

Run run(const std::string& trace_file, const std::string& specification) {
    struct LastMove {
        double time_s;
        cloudsim::HostIndex from;
    };
    std::map<cloudsim::VmIndex, LastMove> last;
    Run result;
    cloudsim::ReplayHooks hooks;
    hooks.migration = [&](double time_s, cloudsim::VmIndex vm, cloudsim::HostIndex from, cloudsim::HostIndex to) {
        const auto before = last.find(vm);
        if (before != last.end() && before->second.from == to && time_s - before->second.time_s < 3600.0) {
            ++result.returned_within_an_hour;
        }
        last[vm] = {time_s, from};
    };
    const auto trace = value(open_trace(std::string(BALLAST_SOURCE_DIR) + trace_file));
    const auto policy = value(make_policy(specification));
    result.figures = value(cloudsim::replay(*trace, cloudsim::default_options(), *policy, hooks));
    return result;
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
        const Run result = run(day.trace_file, "consolidate");
        EXPECT_LT(result.figures.energy_kwh, 1.25 * day.fluid_kwh);
        EXPECT_LT(result.figures.energy_kwh * result.figures.sla, day.least_esv / 20.0);
        EXPECT_EQ(result.returned_within_an_hour, 0U);
    }
}

// Nothing is hot in this world while every VM has a host of its own; spread leaves it alone.
TEST(ReferencePolicies, SpreadMovesNothing) {
    EXPECT_EQ(run(march_3.trace_file, "spread").figures.migrations, 0U);
}

}  // namespace
}  // namespace ballast::test
