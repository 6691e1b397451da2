// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "executor/libvirt/migration_call.hpp"
#include "tests/clusters.hpp"

namespace ballast::virt {
namespace {

using test::value;
using testing::ElementsAre;
using testing::HasSubstr;

std::string domain_with(const std::string& devices) {
    return "<domain type='kvm' id='3'><name>web</name><memory unit='KiB'>1048576</memory>"
           "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
           "<cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model></cpu>"
           "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>" +
           devices + "</devices></domain>";
}

std::string file_disk(const std::string& path, const std::string& more = "") {
    return "<disk type='file' device='disk'><source file='" + path + "'/><target dev='vda'/>" + more + "</disk>";
}

TEST(DomainXml, ReadsWhatAMigrationNeedsToKnow) {
    const DomainXml domain = value(parse_domain(domain_with(
        file_disk("/nfs/web.qcow2") + "<disk type='network' device='disk'><source protocol='nfs' name='/x'/></disk>" +
        "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>" +
        "<interface type='network'><source network='default'/></interface>" +
        "<interface type='bridge'><source bridge='br0'/></interface>")));
    EXPECT_EQ(domain.type, "kvm");
    EXPECT_EQ(domain.arch, "x86_64");
    EXPECT_EQ(domain.machine, "pc-q35-7.2");
    EXPECT_EQ(domain.emulator, "/usr/bin/qemu-system-x86_64");
    EXPECT_EQ(domain.memory_bytes, 1024.0 * 1024 * 1024);
    EXPECT_EQ(domain.cpu, "<cpu mode=\"custom\" match=\"exact\"><model fallback=\"forbid\">qemu64</model></cpu>");
    ASSERT_EQ(domain.disks.size(), 3U);
    EXPECT_EQ(domain.disks[0].file, "/nfs/web.qcow2");
    EXPECT_EQ(domain.disks[1].type, "network");
    EXPECT_TRUE(domain.disks[2].read_only);
    EXPECT_THAT(domain.networks, ElementsAre("default"));
    EXPECT_TRUE(domain.host_devices.empty());
    EXPECT_FALSE(domain.has_tpm);
    EXPECT_TRUE(value(parse_domain(domain_with("<tpm model='tpm-crb'><backend type='emulator'/></tpm>"))).has_tpm);
}

TEST(DomainXml, NamesWhatTiesAGuestToItsHost) {
    const DomainXml domain = value(parse_domain(domain_with(
        "<hostdev mode='subsystem' type='pci'/><interface type='hostdev'/>"
        "<filesystem type='mount'><driver type='virtiofs'/><target dir='share'/></filesystem><shmem name='s0'/>")));
    EXPECT_THAT(domain.host_devices,
                ElementsAre(HasSubstr("pci"), HasSubstr("interface"), HasSubstr("share"), HasSubstr("s0")));
}

TEST(DomainXml, RefusesWhatIsNoDomain) {
    for (const char* text : {"", "<network/>", "<domain", "no xml"}) EXPECT_FALSE(parse_domain(text)) << text;
}

TEST(DomainXml, FindsTheHostUuid) {
    EXPECT_EQ(host_uuid("<capabilities><host><uuid>0f00-1</uuid></host></capabilities>"), "0f00-1");
    EXPECT_EQ(host_uuid("<capabilities/>"), "");
    EXPECT_EQ(host_uuid("<<"), "");
}

// Image locks are worth something only where the network file system carries them: NFSv4, said to be so, not switched
// off.
TEST(DomainXml, OnlyAnNfs4PoolIsKnownToCarryLocks) {
    const auto pool = [](const std::string& format, const std::string& protocol, const std::string& options) {
        return "<pool type='netfs' xmlns:fs='http://libvirt.org/schemas/storagepool/fs/1.0'><source>"
               "<format type='" +
               format + "'/>" + protocol + "</source><target><path>/nfs</path></target>" + options + "</pool>";
    };
    EXPECT_EQ(nfs4_mount_of_pool(pool("nfs", "<protocol ver='4.2'/>", "")), "/nfs");
    EXPECT_EQ(nfs4_mount_of_pool(pool("nfs", "<protocol ver='3'/>", "")), "");
    EXPECT_EQ(nfs4_mount_of_pool(pool("nfs", "", "")), "") << "not known";
    EXPECT_EQ(nfs4_mount_of_pool(pool("glusterfs", "<protocol ver='4.2'/>", "")), "");
    EXPECT_EQ(nfs4_mount_of_pool(pool("nfs", "<protocol ver='4.2'/>",
                                      "<fs:mount_opts><fs:option name='local_lock=all'/></fs:mount_opts>")),
              "");
    EXPECT_EQ(nfs4_mount_of_pool("<pool type='dir'><target><path>/images</path></target></pool>"), "");
}

TEST(DomainXml, ImageLocksHoldOnlyIfEveryWritableDiskIsLocked) {
    const std::vector<std::string> mounts = {"/nfs"};
    const auto hold = [&](const std::string& devices) {
        return image_locks_hold(value(parse_domain(domain_with(devices))), mounts);
    };
    const std::string on_qemus_nfs = "<disk type='network' device='disk'><source protocol='nfs' name='/x'/></disk>";
    const std::string cdrom = "<disk type='file' device='cdrom'><source file='/iso/x.iso'/><readonly/></disk>";
    EXPECT_TRUE(hold(file_disk("/nfs/a.raw")));
    EXPECT_TRUE(hold(file_disk("/nfs/sub/a.raw") + cdrom));
    EXPECT_FALSE(hold(file_disk("/nfs2/a.raw"))) << "another mount whose name begins the same";
    EXPECT_FALSE(hold(file_disk("/var/lib/libvirt/images/a.raw")));
    EXPECT_FALSE(hold(file_disk("/nfs/a.raw", "<shareable/>")));
    EXPECT_FALSE(hold(file_disk("/nfs/a.raw") + on_qemus_nfs)) << "QEMU's own NFS driver takes no locks";
    EXPECT_FALSE(hold(cdrom)) << "nothing to lock";
    EXPECT_FALSE(hold(file_disk("/nfs/a.raw", "<readonly/>"))) << "nothing to lock";
    EXPECT_FALSE(hold("<disk type='block' device='disk'><source dev='/dev/sdb'/></disk>"));
}

TEST(MigrationUri, IsTheMigrationAddressOrTheUrisHost) {
    EXPECT_EQ(migration_uri({"h2", "qemu+tcp://h2/system", "10.0.0.2"}), "tcp://10.0.0.2");
    EXPECT_EQ(migration_uri({"h2", "qemu+ssh://root@h2.example:2222/system?keyfile=x", ""}), "tcp://h2.example");
    EXPECT_EQ(migration_uri({"h2", "qemu+tcp://[fd00::2]:16509/system", ""}), "tcp://[fd00::2]");
    EXPECT_EQ(migration_uri({"h2", "qemu+tcp://h2/system", "fd00::2"}), "tcp://[fd00::2]");
    EXPECT_EQ(migration_uri({"h2", "qemu:///system", ""}), "");
}

}  // namespace
}  // namespace ballast::virt
