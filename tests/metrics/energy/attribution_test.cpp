// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/attribution.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::host;
using test::on;
using test::value;
using test::vm;

// VM a 1 GiB and 600 MHz, VM b 3 GiB and 200 MHz, the host itself 200 MHz; a second host is empty.
Cluster cluster() {
    ClusterBuilder builder;
    HostState state;
    state.overhead = ResourceVector(200.0, 0.0);
    const HostId h1 = builder.add_host(host("h1", 2000, 8192), state);
    builder.add_host(host("h2", 2000, 8192));
    builder.add_vm(vm("a", 1024), on(h1, 600));
    builder.add_vm(vm("b", 3072), on(h1, 200));
    return value(std::move(builder).build());
}

TEST(Attribution, SharesIdleByMemoryAndTheRestByCpu) {
    const WattsShares shares = attribute_watts(cluster(), HostId(0), 160.0, 100.0);
    ASSERT_EQ(shares.vms.size(), 2U);
    EXPECT_DOUBLE_EQ(shares.vms[0].watts, 61.0);  // 100 * 1/4 + 60 * 600/1000
    EXPECT_DOUBLE_EQ(shares.vms[1].watts, 87.0);  // 100 * 3/4 + 60 * 200/1000
    EXPECT_DOUBLE_EQ(shares.host_watts, 12.0);    // 60 * 200/1000
}

TEST(Attribution, BelowIdleThereIsNoDynamicPart) {
    const WattsShares shares = attribute_watts(cluster(), HostId(0), 80.0, 100.0);
    EXPECT_DOUBLE_EQ(shares.vms[0].watts, 20.0);
    EXPECT_DOUBLE_EQ(shares.vms[1].watts, 60.0);
    EXPECT_DOUBLE_EQ(shares.host_watts, 0.0);
}

TEST(Attribution, AnEmptyHostKeepsItsWatts) {
    const WattsShares shares = attribute_watts(cluster(), HostId(1), 100.0, 100.0);
    EXPECT_TRUE(shares.vms.empty());
    EXPECT_DOUBLE_EQ(shares.host_watts, 100.0);
}

}  // namespace
}  // namespace ballast
