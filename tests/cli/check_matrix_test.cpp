// SPDX-License-Identifier: Apache-2.0
#include "cli/check_matrix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// VMs a and b on h1, c on h2; as many hosts as asked for.
Cluster cluster_of(std::size_t hosts) {
    ClusterBuilder builder;
    for (std::size_t h = 1; h <= hosts; ++h) builder.add_host(test::host("h" + std::to_string(h), 1000, 8192));
    builder.add_vm(test::vm("a", 512), test::on(HostId(0), 100));
    builder.add_vm(test::vm("b", 512), test::on(HostId(0), 100));
    builder.add_vm(test::vm("c", 512), test::on(HostId(1), 100));
    return test::value(std::move(builder).build());
}

const PreflightFinding no_network{PreflightCode::network_missing, "{to} has no active network 'v7'",
                                  "start it on {to}"};
const PreflightFinding unproven{PreflightCode::storage_unproven,
                                "nothing proves that /srv is the same on {from} and {to}", "use pools"};

Reason about(ReasonCode code, HostId host) {
    Reason reason;
    reason.code = code;
    reason.host = host;
    return reason;
}

TEST(CheckMatrix, EqualRowsAndReasonsAreShownOnce) {
    const Cluster cluster = cluster_of(3);
    CheckMatrix m(cluster, {HostId(0), HostId(1), HostId(2)});
    for (const std::size_t vm : {0U, 1U}) {
        m.add_row(VmId(vm), {CheckMatrix::here(), m.judged({}, {no_network}), m.judged({}, {unproven})});
    }
    m.add_row(VmId(2), {m.judged({}, {}), CheckMatrix::here(), m.judged({}, {})});
    EXPECT_EQ(m.show(),
              "VM   ON  h1    h2    h3\n"
              "a b  h1  here  no 1  warn 2\n"
              "c    h2  yes   here  yes\n"
              "\n"
              "  1  no  network-missing: h2 has no active network 'v7'\n"
              "     -> start it on h2\n"
              "     VMs: a b; hosts: h2\n"
              "  2  warn  storage-unproven: nothing proves that /srv is the same on h1 and h3\n"
              "     -> use pools\n"
              "     VMs: a b; hosts: h3\n"
              "\n"
              "Every VM can move somewhere.\n");
    EXPECT_THAT(m.stuck(), IsEmpty());
}

TEST(CheckMatrix, AVmIsStuckIfEveryOtherHostIsANo) {
    const Cluster cluster = cluster_of(2);
    CheckMatrix m(cluster, {HostId(0), HostId(1)});
    m.add_row(VmId(0), {CheckMatrix::here(), m.judged(about(ReasonCode::host_maintenance, HostId(1)), {unproven})});
    m.add_row(VmId(1), {CheckMatrix::here(), m.not_read("h2: no answer")});
    m.add_row(VmId(2), {m.judged({}, {}), CheckMatrix::here()});
    EXPECT_THAT(m.stuck(), ElementsAre(VmId(0))) << "b may yet find that h2 takes it";
    EXPECT_FALSE(m.all_read());
    EXPECT_THAT(m.show(), HasSubstr("CANNOT MOVE to any host that was read: a\n"));
    EXPECT_THAT(m.show(), HasSubstr("no  host-maintenance: h2 is in maintenance"));
    const auto json = nlohmann::json::parse(m.json());
    EXPECT_EQ(json["cannot_move"], nlohmann::json({"a"}));
    EXPECT_EQ(json["vms"][0]["moves"][0]["can"], "no");
    EXPECT_EQ(json["vms"][0]["moves"][0]["reasons"][0]["from"], "planning");
    EXPECT_EQ(json["vms"][0]["moves"][0]["reasons"][1]["text"], "nothing proves that /srv is the same on h1 and h2");
    EXPECT_EQ(json["vms"][1]["moves"][0]["can"], "unknown");
    EXPECT_EQ(json["not_read"], nlohmann::json({"h2: no answer"}));
}

// A host chosen alone is no column that its own VMs could move to.
TEST(CheckMatrix, AVmThatIsOnTheOnlyHostIsNotStuck) {
    const Cluster cluster = cluster_of(2);
    CheckMatrix m(cluster, {HostId(0)});
    m.add_row(VmId(0), {CheckMatrix::here()});
    EXPECT_THAT(m.stuck(), IsEmpty());
}

TEST(CheckMatrix, WhatPreflightRefusesAnywayIsSaidOnce) {
    const Cluster cluster = cluster_of(2);
    CheckMatrix m(cluster, {HostId(1)});
    EXPECT_FALSE(m.judged(about(ReasonCode::not_provided, HostId(1)), {no_network}).rule);
    EXPECT_TRUE(m.judged(about(ReasonCode::not_provided, HostId(1)), {unproven}).rule) << "a warning is no refusal";
    EXPECT_TRUE(m.judged(about(ReasonCode::pinned, HostId(1)), {no_network}).rule);
}

// 12 hosts: h2 lacks the network, h3 to h12 are fine.
TEST(CheckMatrix, ManyHostsAreListedInsteadOfColumns) {
    const Cluster cluster = cluster_of(12);
    std::vector<HostId> columns;
    for (std::size_t h = 0; h < 12; ++h) columns.emplace_back(h);
    CheckMatrix m(cluster, columns);
    std::vector<CheckCell> cells = {CheckMatrix::here(), m.judged({}, {no_network})};
    for (std::size_t h = 2; h < 12; ++h) cells.push_back(m.judged({}, {}));
    m.add_row(VmId(0), cells);
    m.add_row(VmId(1), std::vector<CheckCell>(cells));
    const std::string text = m.show();
    EXPECT_THAT(text, HasSubstr("VM   ON  CAN MOVE  TO\n"
                                "a b  h1  no 1      h2\n"
                                "         yes       h3 h4 h5 h6 h7 h8 … (10)\n"));
    EXPECT_THAT(text, Not(HasSubstr("h12")));
}

}  // namespace
}  // namespace ballast
