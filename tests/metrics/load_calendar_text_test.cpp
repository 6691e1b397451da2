// SPDX-License-Identifier: Apache-2.0
#include "metrics/load_calendar_text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

constexpr double hour_s = 3600.0;
constexpr double start_s = 1000.0 * 7.0 * 24.0 * hour_s;

// Two VMs, seen for so many hours.
LoadCalendar learnt(int hours) {
    LoadCalendar calendar;
    ClusterBuilder builder;
    const HostId h1 = builder.add_host(test::host("h1", 1000, 8192));
    builder.add_vm(test::vm("a", 1024), test::on(h1, 1.0 / 3.0));
    builder.add_vm(test::vm("b", 1024), test::on(h1, 20.0));
    const Cluster cluster = test::value(std::move(builder).build());
    for (int h = 0; h < hours; ++h) calendar.learn(cluster, start_s + h * hour_s);
    return calendar;
}

std::string signed_text(const std::string& text) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3U;
    char end[32];
    std::snprintf(end, sizeof end, "end %llx\n", static_cast<unsigned long long>(hash));
    return text + end;
}

TEST(LoadCalendarText, ReadsBackWhatItWroteAndGoesOnLearning) {
    for (const int hours : {0, 1, 2, 30, 200}) {
        const LoadCalendar original = learnt(hours);
        const std::string text = to_text(original);
        const LoadCalendar copy = test::value(load_calendar_from_text(text));
        EXPECT_EQ(to_text(copy), text);
        EXPECT_EQ(copy.weeks().size(), hours > 0 ? 2U : 0U);
        if (hours < 30) continue;
        const double later_s = start_s + (hours + 5) * hour_s;
        EXPECT_EQ(copy.weeks().at("uuid-a").expected_mhz(later_s), original.weeks().at("uuid-a").expected_mhz(later_s));
        WeekOfLoad one = original.weeks().at("uuid-b");
        WeekOfLoad other = copy.weeks().at("uuid-b");
        for (WeekOfLoad* week : {&one, &other}) week->add(later_s, 77.0);
        EXPECT_EQ(one.expected_mhz(later_s), other.expected_mhz(later_s));
    }
}

TEST(LoadCalendarText, WhatIsCutOrChangedIsNoticed) {
    const std::string good = to_text(learnt(30));
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(load_calendar_from_text(std::string_view(good).substr(0, length))) << length;
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        EXPECT_FALSE(load_calendar_from_text(bad)) << at;
    }
    EXPECT_FALSE(load_calendar_from_text(good + "x"));
}

// With a checksum that is right, so that it is the line that is refused.
TEST(LoadCalendarText, ALineMustBeTheWeekOfOneMoreVm) {
    const std::string head = "ballast-weeks 1\n";
    const std::string line = "vm u 10 5 1 9 2.5 0 0";
    EXPECT_TRUE(load_calendar_from_text(signed_text(head + line + "\n")));
    const std::vector<std::string> damaged = {line,
                                              line + "\n" + line + "\n",
                                              line + " \n",
                                              line + " 1\n",
                                              "vm  10 5 1 9 2.5 0 0\n",
                                              "host u 10 5 1 9 2.5 0 0\n",
                                              "vm u 10 5 1 9 2.5 0\n",
                                              "vm u 10 -5 1 9 2.5 0 0\n",
                                              "vm u 10 5 1 9 nan 0 0\n",
                                              "vm u 10 5 1 9 inf 0 0\n",
                                              "vm u 10 5 1 9 2.5 0 2\n",
                                              "vm u -2 5 1 9 2.5 0 0\n",
                                              "vm u 1e3 5 1 9 2.5 0 0\n",
                                              "vm u 10 5 1 9 2.5x 0 0\n"};
    for (const std::string& bad : damaged) {
        const auto result = load_calendar_from_text(signed_text(head + bad));
        ASSERT_FALSE(result) << bad;
        EXPECT_EQ(result.error().kind, ErrorKind::usage);
        EXPECT_NE(result.error().message.find("line "), std::string::npos);
    }
    std::string full = line;
    for (int hour = 0; hour < 168; ++hour) full += hour == 3 ? " -" : " 1.5";
    EXPECT_TRUE(load_calendar_from_text(signed_text(head + full + "\n")));
    EXPECT_FALSE(load_calendar_from_text(signed_text(head + full + " 1\n")));
    EXPECT_EQ(load_calendar_from_text(signed_text("ballast-weeks 2\n")).error().message,
              "line 1: \"ballast-weeks 1\" is expected");
}

}  // namespace
}  // namespace ballast
