// SPDX-License-Identifier: Apache-2.0
#include "cli/show.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

Snapshot two_hosts() {
    ClusterBuilder builder;
    const HostId h1 = builder.add_host(test::host("h1", 1000, 2048));
    HostState silent;
    silent.reachable = false;
    builder.add_host(test::host("h2", 1000, 2048), silent);
    builder.add_vm(test::vm("a", 512), test::on(h1, 400));
    builder.add_vm(test::vm("b", 512), test::on(h1, 520));
    Cluster cluster = test::value(std::move(builder).build());
    return Snapshot{0.0, std::move(cluster), History(2, 1, 10.0), {{"h2", "connection refused"}}};
}

TEST(Show, AnUnreachableHostDoesNotHideTheOthers) {
    const std::string text = show_hosts(two_hosts());
    EXPECT_NE(text.find("h1    on           92 %  920 of 1000  1.0 GiB of 2.0 GiB  a b\n"), std::string::npos) << text;
    EXPECT_NE(text.find("h2    unreachable     -"), std::string::npos) << text;
}

TEST(Show, EqualReasonsAreOneLineUnlessEveryVmIsAskedFor) {
    const Snapshot snapshot = two_hosts();
    Proposal proposal;
    Reason content;
    content.code = ReasonCode::host_content;
    content.host = HostId(0);
    content.value = 0.5;
    content.limit = 0.8;
    proposal.stays = {{VmId(0), content, HostId()}, {VmId(1), content, HostId()}};
    EXPECT_EQ(show_stays(proposal, snapshot.cluster, false),
              "STAYS  ON  WHY\n2 VMs  h1  h1 is at 50 % CPU, not above 80 %\n");
    EXPECT_EQ(show_stays(proposal, snapshot.cluster, true),
              "STAYS  ON  WHY\na      h1  h1 is at 50 % CPU, not above 80 %\n"
              "b      h1  h1 is at 50 % CPU, not above 80 %\n");
}

}  // namespace
}  // namespace ballast
