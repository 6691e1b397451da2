// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/libvirt/provisions.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

virt::DomainXml domain(const std::string& inside, const std::string& devices = "") {
    return value(
        virt::parse_domain("<domain type='kvm'><name>web</name><os><type arch='x86_64' machine='pc-q35-7.2'/></os>" +
                           inside + "<devices><emulator>/qemu</emulator>" + devices + "</devices></domain>"));
}

TEST(ProvisionsXml, WhatAGuestNeeds) {
    const std::vector<virt::PoolXml> pools = {{"vms", "netfs", "nas1", "/export", "/srv/vms"}};
    EXPECT_THAT(needs_of(domain("<memoryBacking><hugepages><page size='2048' unit='KiB'/></hugepages></memoryBacking>",
                                "<interface type='network'><source network='v7'/></interface>"
                                "<interface type='bridge'><source bridge='br0'/></interface>"
                                "<disk type='volume'><source pool='p' volume='v'/></disk>"
                                "<disk type='file'><source file='/srv/vms/web.raw'/></disk>"
                                "<disk type='file'><source file='/other/web.raw'/></disk>"),
                         pools),
                ElementsAre("network:v7", "bridge:br0", "pool:p", "mount /srv/vms:nas1:/export", "hugepages:2048",
                            "machine of /qemu:pc-q35-7.2", "accelerator:kvm"));
}

TEST(ProvisionsXml, WhatAHostTells) {
    const virt::HostXml host = value(virt::parse_host(
        "<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><arch name='x86_64'><emulator>/qemu</emulator>"
        "<machine>pc</machine><domain type='qemu'/></arch></guest></capabilities>"));
    HostLists lists;
    const Provided little = provided_by(host, lists);
    EXPECT_EQ(little.size(), 2U) << "lists that were not given say nothing";
    EXPECT_THAT(little.at("accelerator"), IsEmpty()) << "it is known to have no KVM";
    EXPECT_THAT(little.at("machine of /qemu"), ElementsAre("pc"));
    lists.networks.emplace();
    lists.interfaces.emplace();
    lists.pools = {{"vms", "netfs", "nas1", "/export", "/srv/vms"}, {"d", "dir", "", "", "/srv"}};
    const Provided more = provided_by(host, lists);
    EXPECT_THAT(more.at("network"), IsEmpty()) << "it is known to have none";
    EXPECT_FALSE(more.contains("bridge")) << "every host has an interface: this libvirt does not see them";
    EXPECT_THAT(more.at("pool"), ElementsAre("d", "vms"));
    EXPECT_THAT(more.at("mount /srv/vms"), ElementsAre("nas1:/export"));
    EXPECT_FALSE(more.contains("mount /srv")) << "what a folder lies on is not told";
}

TEST(ProvisionsXml, WhatKeepsAGuestWhereItIs) {
    EXPECT_EQ(tie_of(domain(""), 0), "");
    EXPECT_THAT(tie_of(domain(""), 2), HasSubstr("2 snapshot(s)"));
    EXPECT_THAT(tie_of(domain("", "<tpm><backend type='passthrough'/></tpm>"), 0), HasSubstr("TPM"));
    EXPECT_THAT(tie_of(domain("", "<disk type='nvme'><target dev='vda'/></disk>"), 0), HasSubstr("vda"));
    EXPECT_THAT(tie_of(domain("<cpu><feature policy='require' name='invtsc'/></cpu>"), 0), HasSubstr("invtsc"));
    EXPECT_EQ(tie_of(domain(""), -1), "") << "not told";
}

}  // namespace
}  // namespace ballast
