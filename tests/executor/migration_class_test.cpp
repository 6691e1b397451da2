// SPDX-License-Identifier: Apache-2.0
#include "executor/migration_class.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

// The example of migration_control.hpp.
TEST(MigrationControlTest, TheDowntimeClimbsAsTheTimeoutNears) {
    MigrationControl control;
    control.downtime_s_max = 1.3;
    control.timeout_s = 100.0;
    for (const auto& [elapsed_s, downtime_s] : {std::pair(0.0, 0.3),
                                                {20.0, 0.3},
                                                {25.9, 0.3},
                                                {26.0, 0.4},
                                                {50.0, 0.8},
                                                {79.0, 1.2},
                                                {80.0, 1.3},
                                                {150.0, 1.3}}) {
        EXPECT_NEAR(allowed_downtime_s(control, elapsed_s), downtime_s, 1e-12) << elapsed_s;
    }
    EXPECT_EQ(abort_after_s(control), 100.0);
    control.downtime_s_max = 0.1;  // never below what QEMU allows anyway
    EXPECT_EQ(allowed_downtime_s(control, 90.0), 0.3);
}

TEST(MigrationControlTest, ForcingGivesMoreTimeAndMoreDowntime) {
    MigrationControl control;
    control.timeout_s = 100.0;
    control.on_timeout = TimeoutAction::force;
    EXPECT_EQ(allowed_downtime_s(control, 99.9), 0.5);
    EXPECT_EQ(allowed_downtime_s(control, 100.0), 10.0);
    EXPECT_EQ(abort_after_s(control), 150.0);
}

TEST(MigrationControlTest, PausingLetsTheGuestStandStillForAsLongAsItTakes) {
    MigrationControl control;
    control.timeout_s = 100.0;
    control.on_timeout = TimeoutAction::pause;
    EXPECT_EQ(allowed_downtime_s(control, 99.9), 0.5);
    EXPECT_EQ(allowed_downtime_s(control, 100.0), 2000.0);
    EXPECT_EQ(abort_after_s(control), 150.0);
}

TEST(MigrationControlTest, PostCopyAllowsNoMoreDowntimeAndIsGivenUpIfItDoesNotBegin) {
    MigrationControl control;
    control.timeout_s = 100.0;
    control.on_timeout = TimeoutAction::post_copy;
    EXPECT_EQ(allowed_downtime_s(control, 120.0), 0.5);
    EXPECT_EQ(abort_after_s(control), 150.0);
}

TEST(MigrationControlTest, EveryTimeoutActionIsFoundByItsName) {
    for (const TimeoutAction action :
         {TimeoutAction::abort, TimeoutAction::force, TimeoutAction::pause, TimeoutAction::post_copy}) {
        EXPECT_EQ(timeout_action_named(name(action)), action) << name(action);
    }
    EXPECT_EQ(timeout_action_named("Abort"), std::nullopt);
}

TEST(MigrationControlTest, WithoutATimeoutTheMostIsAllowedAtOnce) {
    MigrationControl control;
    control.on_timeout = TimeoutAction::force;
    EXPECT_EQ(allowed_downtime_s(control, 1e6), 0.5);
    EXPECT_EQ(abort_after_s(control), 0.0);
}

TEST(MigrationClassTest, TheFirstClassThatSelectsTheVmCounts) {
    std::vector<MigrationClass> classes(3);
    classes[0].vms = {"db1"};
    classes[0].settings.timeout_s_per_gib = 60.0;
    classes[0].settings.timeout_s_min = 10.0;
    classes[1].vm_labels = {"web", "database"};
    classes[1].settings.control.auto_converge = true;
    classes[2].vms = {"db1", "db2"};
    classes[2].settings.control.compress = true;
    VmSpec vm = test::vm("db1", 2048.0);
    vm.labels = {"database"};
    EXPECT_EQ(control_for(vm, classes, {}).timeout_s, 2.0 * 60.0);
    EXPECT_FALSE(control_for(vm, classes, {}).auto_converge);
    vm.name = "db2";
    EXPECT_TRUE(control_for(vm, classes, {}).auto_converge);
    EXPECT_FALSE(control_for(vm, classes, {}).compress);
    EXPECT_EQ(control_for(vm, classes, {}).timeout_s, 300.0);  // the least, of 2 GiB * 150 s/GiB
    vm.labels.clear();
    EXPECT_TRUE(control_for(vm, classes, {}).compress);
    vm.name = "other";
    EXPECT_FALSE(control_for(vm, classes, {}).compress);
    EXPECT_EQ(control_for(test::vm("other", 1.0), {}, {.timeout_s_per_gib = 0.0}).timeout_s, 0.0);
}

}  // namespace
}  // namespace ballast
