// SPDX-License-Identifier: Apache-2.0
#include "virt/xml/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast::virt {
namespace {

using test::value;
using testing::ElementsAre;
using testing::HasSubstr;

std::string domain(const std::string& inside) {
    return "<domain type='kvm' id='3'><name>web</name><memory unit='KiB'>1048576</memory>"
           "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>" +
           inside + "</domain>";
}

std::string domain_with(const std::string& devices) {
    return domain(
        "<cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model></cpu>"
        "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>" +
        devices + "</devices>");
}

std::string file_disk(const std::string& path, const std::string& more = "") {
    return "<disk type='file' device='disk'><source file='" + path + "'/><target dev='vda'/>" + more + "</disk>";
}

TEST(DomainXml, ReadsWhatAMigrationNeedsToKnow) {
    const DomainXml read = value(parse_domain(domain_with(
        file_disk("/nfs/web.qcow2") + "<disk type='network' device='disk'><source protocol='nfs' name='/x'/></disk>" +
        "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>" +
        "<interface type='network'><source network='default'/></interface>" +
        "<interface type='bridge'><source bridge='br0'/></interface>")));
    EXPECT_EQ(read.type, "kvm");
    EXPECT_EQ(read.arch, "x86_64");
    EXPECT_EQ(read.machine, "pc-q35-7.2");
    EXPECT_EQ(read.emulator, "/usr/bin/qemu-system-x86_64");
    EXPECT_EQ(read.memory_bytes, 1024.0 * 1024 * 1024);
    EXPECT_EQ(read.cpu, "<cpu mode=\"custom\" match=\"exact\"><model fallback=\"forbid\">qemu64</model></cpu>");
    ASSERT_EQ(read.disks.size(), 3U);
    EXPECT_EQ(read.disks[0].file, "/nfs/web.qcow2");
    EXPECT_EQ(read.disks[1].type, "network");
    EXPECT_TRUE(read.disks[2].read_only);
    EXPECT_THAT(read.networks, ElementsAre("default"));
    EXPECT_THAT(read.interfaces, ElementsAre("br0"));
    EXPECT_TRUE(read.host_devices.empty());
    EXPECT_FALSE(read.has_tpm);
    EXPECT_TRUE(value(parse_domain(domain_with("<tpm model='tpm-crb'><backend type='emulator'/></tpm>"))).has_tpm);
}

TEST(DomainXml, NamesWhatTiesAGuestToItsHost) {
    const DomainXml read = value(parse_domain(domain_with(
        "<hostdev mode='subsystem' type='pci'/><interface type='hostdev'/>"
        "<filesystem type='mount'><driver type='virtiofs'/><target dir='share'/></filesystem><shmem name='s0'/>"
        "<shmem name='s1' role='master'/><serial type='dev'><source path='/dev/ttyS0'/></serial>"
        "<input type='evdev'/><tpm><backend type='passthrough'/></tpm>")));
    EXPECT_THAT(read.host_devices,
                ElementsAre(HasSubstr("pci"), HasSubstr("share"), HasSubstr("s0"), HasSubstr("ttyS0"),
                            HasSubstr("input"), HasSubstr("TPM"), HasSubstr("interface")))
        << "not s1: the master of shared memory takes it along";
}

TEST(DomainXml, RefusesWhatIsNoDomain) {
    for (const char* text : {"", "<network/>", "<domain", "no xml"}) EXPECT_FALSE(parse_domain(text)) << text;
}

// What libvirt 9.0 prints of a running guest on a network that leads to a bridge of the host.
TEST(DomainXml, ANetworkIsNeededByNameWhateverItCameToHere) {
    const DomainXml read =
        value(parse_domain(domain_with("<interface type='bridge'><source network='v7' portid='8a02' "
                                       "bridge='br7'/><target dev='vnet1'/></interface>")));
    EXPECT_THAT(read.networks, ElementsAre("v7"));
    EXPECT_TRUE(read.interfaces.empty());
}

// libvirt prints a pinned guest so: every virtual CPU, the emulator's threads and the disk threads on their own.
TEST(DomainXml, ReadsWhatItIsPinnedTo) {
    const DomainXml read = value(parse_domain(domain(
        "<vcpu placement='static' cpuset='0-3'>4</vcpu>"
        "<cputune><vcpupin vcpu='0' cpuset='4'/><vcpupin vcpu='1' cpuset='6'/><emulatorpin cpuset='12-13'/></cputune>"
        "<numatune><memory mode='strict' nodeset='1'/><memnode cellid='0' mode='strict' nodeset='0'/></numatune>")));
    EXPECT_EQ(read.cpus.text(), "0-4,6,12-13");
    EXPECT_EQ(read.nodes.text(), "0-1");
    EXPECT_EQ(read.vcpus_max, 4U);
    EXPECT_TRUE(value(parse_domain(domain("<vcpu>4</vcpu>"))).cpus.empty());
}

TEST(DomainXml, ReadsHugePages) {
    const DomainXml read = value(parse_domain(domain(
        "<memoryBacking><hugepages><page size='1048576' unit='KiB' nodeset='0'/><page size='2' unit='MiB'/></hugepages>"
        "</memoryBacking>")));
    EXPECT_TRUE(read.uses_hugepages);
    EXPECT_THAT(read.hugepage_kib, ElementsAre(1048576, 2048));
    const DomainXml plain = value(parse_domain(domain("<memoryBacking><hugepages/></memoryBacking>")));
    EXPECT_TRUE(plain.uses_hugepages);
    EXPECT_TRUE(plain.hugepage_kib.empty());
    EXPECT_FALSE(value(parse_domain(domain(""))).uses_hugepages);
}

TEST(DomainXml, InvtscBindsUnlessTheFrequencyIsFixed) {
    const std::string cpu = "<cpu mode='host-passthrough'><feature policy='require' name='invtsc'/></cpu>";
    EXPECT_TRUE(value(parse_domain(domain(cpu))).bound_to_tsc);
    EXPECT_FALSE(
        value(parse_domain(domain("<clock><timer name='tsc' frequency='2400000000'/></clock>" + cpu))).bound_to_tsc);
    EXPECT_FALSE(value(parse_domain(domain("<cpu><feature policy='disable' name='invtsc'/></cpu>"))).bound_to_tsc);
    EXPECT_EQ(value(parse_domain(domain(cpu))).cpu_mode, "host-passthrough");
}

TEST(DomainXml, KnowsAServerOnTheHostItself) {
    const auto local = [](const std::string& host) {
        return value(parse_domain(domain_with("<disk type='network'><source protocol='nbd'>" + host +
                                              "</source><target dev='vda'/></disk>")))
            .disks[0]
            .by_local_server;
    };
    EXPECT_TRUE(local("<host transport='unix' socket='/run/nbd.sock'/>"));
    EXPECT_TRUE(local("<host name='127.0.0.1' port='10809'/>"));
    EXPECT_TRUE(local("<host name='localhost'/>"));
    EXPECT_FALSE(local("<host name='10.0.0.2'/>"));
    EXPECT_TRUE(is_loopback("[::1]"));
    EXPECT_FALSE(is_loopback("localhorst"));
}

}  // namespace
}  // namespace ballast::virt
