// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_run.hpp"

#include <gtest/gtest.h>

#include "core/io/json.hpp"
#include "metrics/collector_options.hpp"
#include "tests/clusters.hpp"
#include "tests/folder.hpp"

namespace ballast {
namespace {

// A replay must show the policy as long a past as `ballast run` will.
TEST(LoadSetup, AReplayOfARecordingSeesAsLongAPastAsTheLoop) {
    const test::Folder folder;
    ClusterBuilder builder;
    builder.add_vm(test::vm("a", 1000.0), test::on(builder.add_host(test::host("h1", 1000.0, 4000.0)), 100.0));
    Snapshot snapshot;
    snapshot.cluster = test::value(std::move(builder).build());
    snapshot.history = History(1, 1, 10.0);
    folder.write("cluster.json", to_json(snapshot));
    folder.write("hosts.toml", "[simulation]\nhistory_samples = 12\n");

    WorldOptions world;
    world.snapshot = folder.file("cluster.json");
    EXPECT_EQ(test::value(load_setup(world, 1)).options.history_samples, CollectorOptions{}.samples_max);
    world.hosts = folder.file("hosts.toml");
    EXPECT_EQ(test::value(load_setup(world, 1)).options.history_samples, 12U) << "of a loop that keeps fewer";
    world = {};
    EXPECT_EQ(test::value(load_setup(world, 1)).options.history_samples, 30U);
}

}  // namespace
}  // namespace ballast
