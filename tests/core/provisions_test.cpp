// SPDX-License-Identifier: Apache-2.0
#include "core/provisions.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using Things = std::vector<std::string>;

// What a VM with these needs misses on a host that provides these things; "" = nothing.
std::string missing(Things needs, Things provides) {
    ClusterBuilder builder;
    HostSpec host = test::host("h1", 4000, 8192);
    host.provides = std::move(provides);
    const HostId h1 = builder.add_host(host);
    VmSpec vm = test::vm("a", 1024);
    vm.needs = std::move(needs);
    builder.add_vm(vm, test::on(h1, 100));
    builder.add_vm(test::vm("b", 1024), test::on(h1, 100));  // needs nothing
    const Cluster cluster = test::value(std::move(builder).build());
    EXPECT_EQ(cluster.inventory().provisions().missing(VmId(1), h1), nullptr);
    const std::string* need = cluster.inventory().provisions().missing(VmId(0), h1);
    return need == nullptr ? "" : *need;
}

TEST(Provisions, WhatIsNeededMustBeListed) {
    EXPECT_EQ(missing({"network:br0"}, {"network:br1", "network:br0"}), "");
    EXPECT_EQ(missing({"network:br0"}, {"network:br1"}), "network:br0");
    EXPECT_EQ(missing({"network:br0"}, {"network:br00"}), "network:br0");
    EXPECT_EQ(missing({"storage:x", "network:b", "network:a"}, {"network:c", "storage:y"}), "network:a");
    EXPECT_EQ(missing({}, {"network:br1"}), "");
}

TEST(Provisions, AHostThatListsNothingOfAKindPassesForIt) {
    EXPECT_EQ(missing({"storage:nas1:/export"}, {}), "");
    EXPECT_EQ(missing({"storage:nas1:/export"}, {"network:br0", "hugepages:2048"}), "");
    EXPECT_EQ(missing({"storage:nas1:/export", "hugepages:1048576"}, {"hugepages:2048"}), "hugepages:1048576");
}

TEST(Provisions, TheirFormIsChecked) {
    for (const char* bad : {"br0", "network:", ":br0", ""}) {
        ClusterBuilder builder;
        HostSpec host = test::host("h1", 4000, 8192);
        host.provides = {bad};
        builder.add_host(host);
        const auto cluster = std::move(builder).build();
        ASSERT_FALSE(cluster) << bad;
        EXPECT_EQ(cluster.error().message, "host \"h1\": \"" + std::string(bad) +
                                               "\" in \"provides\" is not of the form \"kind:what\", such as "
                                               "\"network:br0\"");
    }
}

}  // namespace
}  // namespace ballast
