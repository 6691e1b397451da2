// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/image_locks.hpp"

#include <gtest/gtest.h>

#include "executor/libvirt/endpoint_uri.hpp"
#include "tests/clusters.hpp"

namespace ballast::virt {
namespace {

using test::value;

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

// Image locks are worth something only where the network file system carries them: NFSv4, said to be so, not switched
// off.
TEST(ImageLocks, OnlyAnNfs4PoolIsKnownToCarryLocks) {
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

TEST(ImageLocks, HoldOnlyIfEveryWritableDiskIsLocked) {
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
