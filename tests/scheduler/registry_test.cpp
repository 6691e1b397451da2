// SPDX-License-Identifier: Apache-2.0
#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

std::string specification(const std::string& text) { return value(make_policy(text))->specification(); }

// The message of the error, which must be a usage error.
std::string error(const std::string& text) {
    const auto policy = make_policy(text);
    if (policy) return "no error";
    EXPECT_EQ(policy.error().kind, ErrorKind::usage);
    EXPECT_EQ(policy.error().message.find('\n'), std::string::npos);
    return policy.error().message;
}

TEST(Registry, ListsEveryPolicySortedByName) {
    const auto catalogue = policy_catalogue();
    std::vector<std::string> names;
    for (const PolicyHelp& policy : catalogue) names.emplace_back(policy.name);
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_EQ(names, (std::vector<std::string>{"auto", "consolidate", "drain", "neat", "onedrs", "ovirt-even",
                                               "ovirt-power-saving", "proxlb", "proxmox-crs", "spread",
                                               "watcher-balance", "watcher-consolidation", "watcher-stabilization",
                                               "xo-density", "xo-performance"}));
    for (const PolicyHelp& policy : catalogue) {
        EXPECT_EQ(specification(std::string(policy.name)).find(std::string(policy.name)), 0U);
        for (const PolicyOptionHelp& option : policy.options) {
            EXPECT_LE(option.min, option.default_value) << option.key;
            EXPECT_LE(option.default_value, option.max) << option.key;
            EXPECT_FALSE(option.help.empty());
        }
    }
}

TEST(Registry, WritesEveryOptionAndReadsItBack) {
    EXPECT_EQ(specification("spread"),
              "spread:enter=0.98,exit=0.85,memory=1,cpu_wait=0.1,memory_stall=0.1,cpu_weight=1,memory_weight=1,"
              "network_weight=1,disk_weight=1,sustain=30,cooldown=1800,no_return=3600,"
              "daily_moves=12,moves=64,search=1000");
    EXPECT_EQ(specification("consolidate"),
              "consolidate:low=0.6,target=0.95,margin=1,enter=0.98,memory=1,cpu_wait=0.1,memory_stall=0.1,"
              "cpu_fullness=1,memory_fullness=0,network_fullness=0,disk_fullness=0,headroom=0.1,spare=0,ahead=3600,min_"
              "saving=1,"
              "stable=3600,sustain=30,cooldown=1800,no_return=3600,daily_moves=12,host_rest=1800,daily_sleeps=12,"
              "moves=1000");
    const std::string changed = specification("spread:moves=1000,enter=0.9");
    EXPECT_EQ(changed,
              "spread:enter=0.9,exit=0.85,memory=1,cpu_wait=0.1,memory_stall=0.1,cpu_weight=1,memory_weight=1,"
              "network_weight=1,disk_weight=1,sustain=30,cooldown=1800,no_return=3600,"
              "daily_moves=12,moves=1000,search=1000");
    EXPECT_EQ(specification(changed), changed);
}

TEST(Registry, RefusesWhatItDoesNotUnderstand) {
    const std::string known =
        "; known: auto, consolidate, drain, neat, onedrs, ovirt-even, ovirt-power-saving, proxlb, proxmox-crs, spread, "
        "watcher-balance, watcher-consolidation, watcher-stabilization, xo-density, xo-performance";
    EXPECT_EQ(error("sprad"), "unknown policy \"sprad\"" + known);
    EXPECT_EQ(error(""), "unknown policy \"\"" + known);
    EXPECT_EQ(error("spread:"), "policy \"spread\": nothing follows the colon");
    EXPECT_EQ(error("spread:enter"), "policy \"spread\": \"enter\" is not an option; write key=value");
    EXPECT_EQ(error("spread:enter=0.9,"), "policy \"spread\": \"\" is not an option; write key=value");
    EXPECT_EQ(error("spread:low=0.1"),
              "policy \"spread\": there is no option \"low\"; there are: enter, exit, memory, cpu_wait, "
              "memory_stall, cpu_weight, memory_weight, network_weight, disk_weight, sustain, cooldown, "
              "no_return, daily_moves, moves, search");
    EXPECT_EQ(error("spread:enter=0.9,enter=0.8"), "policy \"spread\": option \"enter\" is given twice");
    for (const char* bad : {"", "x", "0.9x", "nan", "inf", " 0.9", "0.9 ", "0x1p0", "+0.9"}) {
        EXPECT_EQ(error(std::string("spread:enter=") + bad),
                  "policy \"spread\": option \"enter\": \"" + std::string(bad) + "\" is not a number");
    }
    EXPECT_EQ(error("spread:enter=1.5"),
              "policy \"spread\": option \"enter\": 1.5 is out of range; 0.05 to 1 (fraction) is possible");
    EXPECT_EQ(error("spread:moves=1.5"), "policy \"spread\": option \"moves\": 1.5 is not a whole number");
}

TEST(Registry, RefusesOptionsThatContradictEachOther) {
    EXPECT_NE(error("spread:enter=0.6,exit=0.6").find("exit must be below enter"), std::string::npos);
    EXPECT_NE(error("consolidate:low=0.95").find("low < target < enter"), std::string::npos);
    EXPECT_NE(error("consolidate:target=0.98").find("low < target < enter"), std::string::npos);
    EXPECT_NE(error("consolidate:target=0.9,headroom=0.9").find("headroom must be below target"), std::string::npos);
}

}  // namespace
}  // namespace ballast::test
