// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "metrics/libvirt/xml_values.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

// Shortened from what libvirt 9.0 prints for a running TCG guest with its disk on NFS, as in the test cluster.
constexpr const char* tcg_guest = R"(<domain type='qemu' id='3'>
  <name>vm1</name>
  <uuid>6a1e0b0e-6f0b-4b7e-9a53-0c9d0a3d7f11</uuid>
  <memory unit='KiB'>98304</memory>
  <currentMemory unit='KiB'>98304</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><kernel>/srv/vmlinuz</kernel></os>
  <cpu mode='custom' match='exact' check='full'>
    <model fallback='forbid'>qemu64</model>
    <feature policy='require' name='x2apic'/>
  </cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='network' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source protocol='nfs' name='/export/vm1.qcow2' index='1'>
        <host name='10.77.0.2'/><identity user='+0' group='+0'/>
      </source>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='bridge'><source bridge='br0'/><target dev='vnet0'/></interface>
  </devices>
</domain>)";

// Shortened from a KVM guest with the host's own CPU and a disk image on a shared folder.
constexpr const char* kvm_guest = R"(<?xml version="1.0"?>
<domain type='kvm' id='12' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>db &amp; web</name>
  <uuid>b0b3f0f2-7e3c-4a9a-8d4d-6a4c7a1c5c55</uuid>
  <maxMemory slots='16' unit='KiB'>33554432</maxMemory>
  <memory unit='KiB'>8388608</memory>
  <currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu placement='static' current='4'>16</vcpu>
  <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>
  <cpu mode='host-passthrough' check='none' migratable='on'/>
  <devices>
    <disk type='file' device='disk'><source file='/var/lib/libvirt/images/db.qcow2'/><target dev='vda'/></disk>
    <disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>
    <disk type='block' device='cdrom'><target dev='sdb'/><readonly/></disk>
    <shmem name='shared' role='master'/>
  </devices>
</domain>)";

std::string with_devices(const std::string& devices) {
    return "<domain type='kvm'><name>a</name><uuid>u</uuid><memory>1024</memory><vcpu>1</vcpu><devices>" + devices +
           "</devices></domain>";
}

std::string tie(const std::string& devices) {
    return value(parse_domain_xml(with_devices(devices))).guest.immovable_because;
}

TEST(DomainXml, ReadsATcgGuestWithItsDiskOnNfs) {
    const DomainFacts f = value(parse_domain_xml(tcg_guest));
    EXPECT_EQ(f.name, "vm1");
    EXPECT_EQ(f.uuid, "6a1e0b0e-6f0b-4b7e-9a53-0c9d0a3d7f11");
    EXPECT_EQ(f.guest.memory_bytes, 96 * bytes_per_mib);
    EXPECT_EQ(f.guest.vcpus, 1U);
    EXPECT_EQ(f.guest.cpu, (GuestCpu{"x86_64", "qemu64", GuestCpuMode::explicit_model}));
    EXPECT_EQ(f.guest.immovable_because, "");
}

TEST(DomainXml, ReadsAKvmGuestWithTheHostsCpu) {
    const DomainFacts f = value(parse_domain_xml(kvm_guest));
    EXPECT_EQ(f.name, "db & web");
    EXPECT_EQ(f.guest.memory_bytes, 8192 * bytes_per_mib);
    EXPECT_EQ(f.guest.vcpus, 4U);  // those it has now, of 16
    EXPECT_EQ(f.guest.cpu, (GuestCpu{"x86_64", "", GuestCpuMode::host_bound}));
    EXPECT_EQ(f.guest.immovable_because, "");  // empty drives and shared memory that it owns do not tie it
}

TEST(DomainXml, CpuModes) {
    const auto mode = [](const std::string& cpu) {
        return value(parse_domain_xml("<domain><name>a</name><uuid>u</uuid><memory>1</memory><vcpu>1</vcpu>" + cpu +
                                      "</domain>"))
            .guest.cpu;
    };
    EXPECT_EQ(mode("<cpu mode='host-model'/>").mode, GuestCpuMode::host_bound);
    EXPECT_EQ(mode("<cpu mode='maximum'/>").mode, GuestCpuMode::host_bound);
    EXPECT_EQ(mode("<cpu match='exact'><model>Nehalem</model></cpu>"), (GuestCpu{"", "Nehalem", {}}));
    EXPECT_EQ(mode(""), GuestCpu{});
}

TEST(DomainXml, NamesWhatTiesAGuestToItsHost) {
    EXPECT_EQ(tie("<hostdev mode='subsystem' type='pci' managed='yes'><source/></hostdev>"),
              "it uses a device of the host (pci passthrough)");
    EXPECT_EQ(tie("<hostdev mode='capabilities'/>"), "it uses a device of the host (capabilities passthrough)");
    EXPECT_EQ(tie("<interface type='hostdev'/>"), "its network interface is a device of the host (hostdev)");
    EXPECT_EQ(tie("<interface type='vdpa'/>"), "its network interface is a device of the host (vdpa)");
    EXPECT_EQ(tie("<disk type='block' device='disk'><source dev='/dev/sdb'/><target dev='vdb'/></disk>"),
              "its disk vdb is the host's block device /dev/sdb, which other hosts may not see");
    EXPECT_EQ(tie("<disk type='block' device='lun'><source dev='/dev/sdc'/><target dev='sda'/></disk>"),
              "its disk sda is the host's SCSI device /dev/sdc passed through");
    EXPECT_EQ(tie("<disk type='file' device='disk'><source file='/x'/><target dev='vda'/><transient/></disk>"),
              "its disk vda is transient: its changes are kept on this host only");
    EXPECT_EQ(tie("<filesystem type='mount'><driver type='virtiofs'/></filesystem>"),
              "it mounts a folder of the host (virtiofs)");
    EXPECT_EQ(tie("<shmem name='cam' role='peer'/>"), "it shares memory with other processes of the host (shmem cam)");
    EXPECT_EQ(tie("<interface type='bridge'/><disk type='network'/>"), "");
    EXPECT_EQ(tie("<disk type='block'><source dev='/dev/x\n\ty'/><target dev='vda'/></disk>").find('\n'),
              std::string::npos);
}

TEST(DomainXml, RefusesWhatIsNoUsableDefinition) {
    const std::string name = "<name>a</name>", uuid = "<uuid>u</uuid>", memory = "<memory>1024</memory>",
                      vcpu = "<vcpu>1</vcpu>";
    const auto domain = [](const std::string& inside) { return "<domain>" + inside + "</domain>"; };
    ASSERT_TRUE(parse_domain_xml(domain(name + uuid + memory + vcpu)));
    for (const std::string& bad :
         {std::string(), std::string("<domain>"), std::string("no xml"), std::string("<capabilities/>"),
          domain(uuid + memory + vcpu), domain(name + memory + vcpu), domain(name + uuid + vcpu),
          domain(name + uuid + memory), domain(name + uuid + "<memory>-1</memory>" + vcpu),
          domain(name + uuid + "<memory>0</memory>" + vcpu), domain(name + uuid + "<memory unit='X'>1</memory>" + vcpu),
          domain(name + uuid + memory + "<vcpu>0</vcpu>"), domain(name + uuid + memory + "<vcpu>99999999999</vcpu>")}) {
        const auto facts = parse_domain_xml(bad);
        ASSERT_FALSE(facts) << bad;
        EXPECT_THAT(facts.error().message, HasSubstr("the guest's definition cannot be used: "));
    }
}

TEST(DomainXml, ADocumentWithoutEndIsRefusedUnread) {
    const std::string huge(xml_bytes_max + 1, ' ');
    EXPECT_THAT(parse_domain_xml(huge).error().message, HasSubstr("too long"));
}

// Text cut off or damaged anywhere is an answer or an error, never a crash (the sanitizers watch).
TEST(DomainXmlProperty, SurvivesDamage) {
    EXPECT_TRUE(rc::check([] {
        std::string xml = *rc::gen::element(std::string(tcg_guest), std::string(kvm_guest));
        const int damages = *rc::gen::inRange(1, 6);
        for (int i = 0; i < damages; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, xml.size());
            switch (*rc::gen::inRange(0, 3)) {
                case 0: xml[at] = *rc::gen::arbitrary<char>(); break;
                case 1: xml.erase(at, *rc::gen::inRange<std::size_t>(1, 40)); break;
                default: xml.insert(at, *rc::gen::element<std::string>("<", ">", "'", "&#0;", "]]>", "<disk>")); break;
            }
            if (xml.empty()) break;
        }
        const auto facts = parse_domain_xml(xml);
        if (facts) {
            RC_ASSERT(facts->guest.memory_bytes > 0.0);
            RC_ASSERT(facts->guest.vcpus > 0U);
            RC_ASSERT(facts->guest.immovable_because.find('\n') == std::string::npos);
        }
    }));
}

TEST(XmlValues, Counts) {
    EXPECT_EQ(parse_count(" 42\n"), 42U);
    EXPECT_EQ(parse_count("18446744073709551615"), 18446744073709551615ULL);
    for (const char* bad : {"", " ", "-1", "+1", "1.5", "0x10", "18446744073709551616", "1 2"}) {
        EXPECT_FALSE(parse_count(bad)) << bad;
    }
}

TEST(XmlValues, MemoryUnitsOfLibvirt) {
    EXPECT_EQ(parse_memory_bytes("2", ""), 2048.0);
    EXPECT_EQ(parse_memory_bytes("2", "b"), 2.0);
    EXPECT_EQ(parse_memory_bytes("2", "bytes"), 2.0);
    EXPECT_EQ(parse_memory_bytes("2", "KB"), 2000.0);
    EXPECT_EQ(parse_memory_bytes("2", "k"), 2048.0);
    EXPECT_EQ(parse_memory_bytes("2", "KiB"), 2048.0);
    EXPECT_EQ(parse_memory_bytes("2", "M"), 2097152.0);
    EXPECT_EQ(parse_memory_bytes("2", "MiB"), 2097152.0);
    EXPECT_EQ(parse_memory_bytes("2", "MB"), 2000000.0);
    EXPECT_EQ(parse_memory_bytes("2", "G"), 2147483648.0);
    EXPECT_EQ(parse_memory_bytes("2", "TiB"), 2199023255552.0);
    for (const char* bad : {"furlongs", "XiB", "Ki", "iB"}) EXPECT_FALSE(parse_memory_bytes("2", bad)) << bad;
    EXPECT_FALSE(parse_memory_bytes("0", "KiB"));
    EXPECT_FALSE(parse_memory_bytes("", "KiB"));
}

}  // namespace
}  // namespace ballast
