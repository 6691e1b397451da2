// SPDX-License-Identifier: Apache-2.0
// Links of 100 MiB/s. In the simple model nothing is dirtied, preparing takes 3 s and resuming 2 s.
#include "simulator/transfers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "core/random.hpp"
#include "worlds.hpp"

namespace ballast {
namespace {

using namespace test;

constexpr double mib = bytes_per_mib;

struct Job {
    double start_s;
    std::size_t from;
    std::size_t to;
    double memory_mib;
};

// Runs `jobs` (ascending start) to their ends; the cost of each.
std::vector<MigrationCost> run(Transfers& transfers, const std::vector<Job>& jobs) {
    struct Next {
        double at_s;
        std::uint32_t version;
    };
    std::map<Transfers::Slot, Next> next;
    std::map<Transfers::Slot, std::size_t> job_of;
    std::vector<MigrationCost> costs(jobs.size());
    const auto note = [&] {
        for (const Transfers::Due& due : transfers.due()) next[due.slot] = {due.at_s, due.version};
        transfers.clear_due();
    };
    std::size_t started = 0;
    while (started < jobs.size() || !next.empty()) {
        auto first = next.begin();
        for (auto it = next.begin(); it != next.end(); ++it) {
            if (it->second.at_s < first->second.at_s) first = it;
        }
        if (started < jobs.size() && (next.empty() || jobs[started].start_s <= first->second.at_s)) {
            const Job& job = jobs[started];
            const auto slot = transfers.start(job.start_s, HostId(job.from), HostId(job.to), job.memory_mib * mib);
            job_of[slot] = started++;
            note();
            continue;
        }
        const auto [slot, due] = *first;
        EXPECT_TRUE(transfers.current(slot, due.version));
        next.erase(first);
        if (transfers.advance(due.at_s, slot) == Transfers::Step::arrived) {
            costs[job_of[slot]] = transfers.cost(due.at_s, slot);
        }
        note();
    }
    return costs;
}

Transfers links(const MigrationModel& model, std::vector<double> mib_per_s) {
    for (double& link : mib_per_s) link *= mib;
    return {model, std::move(mib_per_s)};
}

// Whatever the model and the memory: alone, a migration takes what the one-migration model says.
TEST(Transfers, AloneItIsTheMigrationModel) {
    Rng rng(3);
    for (int round = 0; round < 500; ++round) {
        MigrationModel model;
        model.bandwidth_bytes_per_s = (1.0 + 200.0 * rng.uniform()) * mib;
        model.dirty_bytes_per_s = 150.0 * rng.uniform() * mib;  // often more than the bandwidth
        model.working_set_fraction = rng.uniform();
        model.downtime_limit_s = 2.0 * rng.uniform();
        model.rounds_max = static_cast<int>(rng.below(12));
        const double memory_mib = 1.0 + 5000.0 * rng.uniform();
        Transfers transfers(model, {model.bandwidth_bytes_per_s, model.bandwidth_bytes_per_s * 2.0});
        const MigrationCost cost = run(transfers, {{7.0, 0, 1, memory_mib}})[0];
        const MigrationCost expected = migration_cost(model, memory_mib * mib);
        EXPECT_NEAR(cost.duration_s, expected.duration_s, 1e-9 * expected.duration_s);
        EXPECT_NEAR(cost.bytes, expected.bytes, 1e-9 * expected.bytes);
        EXPECT_NEAR(cost.downtime_s, expected.downtime_s, 1e-9 * expected.duration_s);
    }
}

// The example of transfers.hpp: both prepare until 3 s and 8 s. The first has sent 500 MiB at 8 s, then both have
// 50 MiB/s: it is through at 18 s, the second has 500 MiB left and is through at 23 s; 2 s more each.
TEST(Transfers, TwoThatLeaveOneHostShareItsLink) {
    Transfers transfers = links(simple_migration(), {100, 100, 100});
    const auto costs = run(transfers, {{0.0, 0, 1, 1000.0}, {5.0, 0, 2, 1000.0}});
    EXPECT_NEAR(costs[0].duration_s, 20.0, 1e-9);
    EXPECT_NEAR(costs[1].duration_s, 20.0, 1e-9);
    EXPECT_NEAR(costs[0].bytes, 1000.0 * mib, 1.0);
    EXPECT_NEAR(costs[1].downtime_s, 2.0, 1e-9);
}

TEST(Transfers, LinksOfOtherHostsAreNotTouched) {
    Transfers transfers = links(simple_migration(), {100, 100, 100, 100});
    for (const MigrationCost& cost : run(transfers, {{0.0, 0, 1, 1000.0}, {0.0, 2, 3, 1000.0}})) {
        EXPECT_NEAR(cost.duration_s, 15.0, 1e-9);
    }
}

// The source could give 100 MiB/s, the destination 25: 40 s of copying. A link faster than the model's bandwidth
// carries two at full speed.
TEST(Transfers, TheSlowerEndDecidesAndTheModelIsTheLimit) {
    Transfers slow = links(simple_migration(), {100, 25});
    EXPECT_NEAR(run(slow, {{0.0, 0, 1, 1000.0}})[0].duration_s, 45.0, 1e-9);
    Transfers fast = links(simple_migration(), {300, 300, 300});
    for (const MigrationCost& cost : run(fast, {{0.0, 0, 1, 1000.0}, {0.0, 0, 2, 1000.0}})) {
        EXPECT_NEAR(cost.duration_s, 15.0, 1e-9);
    }
}

// A slower copy gives the guest more time to write: 10 MiB/s dirty, limit 0.3 s, two at 50 MiB/s each.
// 1000 MiB in 20 s, 200 dirty in 4 s, 40 in 0.8 s, 8 <= 15: stop; 0.16 s and 2 s to resume. 1248 MiB.
TEST(Transfers, SharingCostsBytesToo) {
    MigrationModel model = simple_migration();
    model.dirty_bytes_per_s = 10.0 * mib;
    model.working_set_fraction = 1.0;
    Transfers transfers = links(model, {100, 100, 100});
    for (const MigrationCost& cost : run(transfers, {{0.0, 0, 1, 1000.0}, {0.0, 0, 2, 1000.0}})) {
        EXPECT_NEAR(cost.bytes, 1248.0 * mib, 1.0);
        EXPECT_NEAR(cost.duration_s, 3.0 + 20.0 + 4.0 + 0.8 + 0.16 + 2.0, 1e-9);
        EXPECT_NEAR(cost.downtime_s, 2.16, 1e-9);
    }
}

// Cancelled after 3 s of preparing and 4 s of copying; its share goes back to the other, which has 800 MiB left at 7 s
// (4 s at 50 MiB/s), that is 8 s.
TEST(Transfers, ACancelledOneHasSentWhatItHasSentAndGivesItsShareBack) {
    Transfers transfers = links(simple_migration(), {100, 100, 100});
    const auto kept = transfers.start(0.0, HostId(0), HostId(1), 1000.0 * mib);
    const auto gone = transfers.start(0.0, HostId(0), HostId(2), 1000.0 * mib);
    EXPECT_EQ(transfers.advance(3.0, kept), Transfers::Step::copies_on);
    EXPECT_EQ(transfers.advance(3.0, gone), Transfers::Step::copies_on);
    transfers.clear_due();
    transfers.cancel(7.0, gone);
    EXPECT_NEAR(transfers.cost(7.0, gone).bytes, 200.0 * mib, 1.0);
    EXPECT_EQ(transfers.cost(7.0, gone).downtime_s, 0.0);
    ASSERT_EQ(transfers.due().size(), 1U);
    EXPECT_EQ(transfers.due()[0].slot, kept);
    EXPECT_NEAR(transfers.due()[0].at_s, 15.0, 1e-9);
}

}  // namespace
}  // namespace ballast
