// SPDX-License-Identifier: Apache-2.0
#include "cli/history_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ballast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

MigrationRecord migration(std::int64_t id, double at_s, const std::string& vm, const std::string& from,
                          const std::string& to, std::int64_t plan) {
    MigrationRecord m;
    m.id = id;
    m.plan_id = plan;
    m.vm = {vm, "uuid-" + vm};
    m.source.name = from;
    m.destination.name = to;
    m.state = MigrationState::done;
    m.created_unix_s = at_s;
    m.updated_unix_s = at_s + 5.0;
    m.reason = from + " is to be emptied";
    m.note = "as planned";
    m.duration_s = 4.25;
    m.downtime_s = 0.125;
    return m;
}

// Plan 1 moved a and b off h1, which then went to sleep; plan 2 was refused as a whole; plan 3 moved a on, in vain.
JournalPast past() {
    JournalPast all;
    all.plans = {{3, 3000.0, "spread:enter=0.8", "failed", 1},
                 {2, 2000.0, "consolidate", "all refused", 4},
                 {1, 1000.0, "consolidate:low=0.5", "done", 3}};
    MigrationRecord failed = migration(3, 3001.0, "a", "h2", "h3", 3);
    failed.state = MigrationState::rolled_back;
    failed.note = "aborted after 300 s";
    failed.duration_s = failed.downtime_s = std::numeric_limits<double>::quiet_NaN();
    all.migrations = {failed, migration(2, 1002.0, "b", "h1", "h2", 1), migration(1, 1001.0, "a", "h1", "h2", 1)};
    SwitchRecord sleep;
    sleep.id = 1;
    sleep.plan_id = 1;
    sleep.host.name = "h1";
    sleep.state = SwitchState::done;
    sleep.created_unix_s = 1010.0;
    sleep.reason = "h1 is empty";
    all.switches = {sleep};
    return all;
}

std::vector<std::int64_t> ids(const std::vector<MigrationRecord>& records) {
    std::vector<std::int64_t> result;
    for (const MigrationRecord& record : records) result.push_back(record.id);
    return result;
}

TEST(HistoryView, FiltersByVmAndByHost) {
    const JournalPast of_b = select(past(), {"b", "", 50});
    EXPECT_THAT(ids(of_b.migrations), ElementsAre(2));
    EXPECT_TRUE(of_b.switches.empty());
    ASSERT_EQ(of_b.plans.size(), 1U);
    EXPECT_EQ(of_b.plans[0].id, 1);
    const JournalPast of_h1 = select(past(), {"", "h1", 50});
    EXPECT_THAT(ids(of_h1.migrations), ElementsAre(2, 1));
    EXPECT_EQ(of_h1.switches.size(), 1U);
    EXPECT_THAT(ids(select(past(), {"", "h3", 50}).migrations), ElementsAre(3)) << "as a destination";
}

TEST(HistoryView, TheLimitKeepsTheNewestOfBothKinds) {
    const JournalPast two = select(past(), {"", "", 2});
    EXPECT_THAT(ids(two.migrations), ElementsAre(3));
    EXPECT_EQ(two.switches.size(), 1U);
    EXPECT_EQ(two.plans.size(), 3U) << "plan 2 is as new, plan 1 has the switch";
    EXPECT_EQ(select(past(), {"", "", 1}).plans.size(), 1U);
}

TEST(HistoryView, TheTableIsNewestFirstAndSaysWhy) {
    const std::string text = show_past(past());
    EXPECT_LT(text.find("migrate a  h2 -> h3"), text.find("sleep h1"));
    EXPECT_LT(text.find("sleep h1"), text.find("migrate b  h1 -> h2"));
    EXPECT_THAT(text, HasSubstr("h1 is to be emptied"));
    EXPECT_THAT(text, HasSubstr("aborted after 300 s"));
    EXPECT_THAT(text, HasSubstr("plan 2 (consolidate, 4 actions), of which nothing was begun: all refused"));
    EXPECT_THAT(text, Not(HasSubstr("enter=0.8"))) << "the policy's name is enough";
    EXPECT_EQ(show_past({}), "Nothing was carried out.\n");
}

TEST(HistoryView, TheJsonHasEverythingAndNullForWhatWasNotMeasured) {
    const auto json = nlohmann::json::parse(to_json(past()));
    EXPECT_EQ(json["plans"].size(), 3U);
    EXPECT_EQ(json["migrations"][0]["state"], "rolled-back");
    EXPECT_TRUE(json["migrations"][0]["duration_s"].is_null());
    EXPECT_EQ(json["migrations"][1]["downtime_s"], 0.125);
    EXPECT_EQ(json["switches"][0]["kind"], "sleep");
    EXPECT_TRUE(json["switches"][0]["duration_s"].is_null());
}

}  // namespace
}  // namespace ballast
