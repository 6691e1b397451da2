// SPDX-License-Identifier: Apache-2.0
#include "virt/xml/host_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast::virt {
namespace {

using test::value;
using testing::ElementsAre;

// Shortened from what libvirt 9.0 prints on a host with two NUMA nodes.
constexpr const char* capabilities = R"(<capabilities>
  <host>
    <uuid>3cf9ecdf-2b07-425d-ab17-1a5ab01d5f57</uuid>
    <cpu><arch>x86_64</arch><model>EPYC-Rome</model><vendor>AMD</vendor></cpu>
    <topology><cells num='2'>
      <cell id='0'>
        <memory unit='KiB'>14641364</memory>
        <pages unit='KiB' size='4'>3660341</pages>
        <pages unit='KiB' size='1048576'>0</pages>
        <pages unit='KiB' size='2048'>512</pages>
        <cpus num='2'><cpu id='0' socket_id='0'/><cpu id='2' socket_id='0'/></cpus>
      </cell>
      <cell id='1'>
        <pages unit='KiB' size='4'>3660341</pages><pages unit='KiB' size='2048'>0</pages>
        <cpus num='2'><cpu id='1' socket_id='1'/><cpu id='5' socket_id='1'/></cpus>
      </cell>
    </cells></topology>
    <secmodel><model>none</model></secmodel>
    <secmodel><model>apparmor</model></secmodel>
  </host>
  <guest><os_type>hvm</os_type>
    <arch name='x86_64'>
      <wordsize>64</wordsize>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <machine maxCpus='255'>pc-i440fx-7.2</machine>
      <machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
      <domain type='qemu'/>
      <domain type='kvm'/>
    </arch>
  </guest>
  <guest><os_type>hvm</os_type>
    <arch name='aarch64'><emulator>/usr/bin/qemu-system-aarch64</emulator><machine>virt-7.2</machine>
      <domain type='qemu'/></arch>
  </guest>
</capabilities>)";

TEST(HostXml, ReadsWhatAHostHas) {
    const HostXml host = value(parse_host(capabilities));
    EXPECT_EQ(host.uuid, "3cf9ecdf-2b07-425d-ab17-1a5ab01d5f57");
    EXPECT_EQ(host.vendor, "AMD");
    EXPECT_EQ(host.model, "EPYC-Rome");
    EXPECT_EQ(host.cpus.text(), "0-2,5") << "CPUs 3 and 4 are off line";
    EXPECT_EQ(host.nodes.text(), "0-1");
    EXPECT_THAT(host.hugepage_kib, ElementsAre(2048, 1048576)) << "4 KiB is the ordinary page";
    EXPECT_THAT(host.secmodels, ElementsAre("apparmor"));
    ASSERT_EQ(host.emulators.size(), 2U);
    EXPECT_TRUE(host.emulators[0].kvm);
    EXPECT_THAT(host.emulators[0].machines, ElementsAre("pc", "pc-i440fx-7.2"));
    EXPECT_EQ(host.emulators[1].arch, "aarch64");
    EXPECT_FALSE(host.emulators[1].kvm);
}

TEST(HostXml, AnAcceleratorMayHaveItsOwnEmulator) {
    const HostXml host = value(
        parse_host("<capabilities><host/><guest><arch name='x86_64'><emulator>/a</emulator><machine>pc</machine>"
                   "<domain type='qemu'/><domain type='kvm'><emulator>/b</emulator><machine>q35</machine></domain>"
                   "</arch></guest></capabilities>"));
    ASSERT_EQ(host.emulators.size(), 2U);
    EXPECT_EQ(host.emulators[0].path, "/b");
    EXPECT_TRUE(host.emulators[0].kvm);
    EXPECT_FALSE(host.emulators[1].kvm);
}

TEST(HostXml, WhatIsNotToldIsEmpty) {
    const HostXml host = value(parse_host("<capabilities><host/></capabilities>"));
    EXPECT_TRUE(host.cpus.empty() && host.nodes.empty() && host.hugepage_kib.empty() && host.emulators.empty());
    for (const char* text : {"", "<capabilities/>", "<domain/>", "<capab", "no xml"})
        EXPECT_FALSE(parse_host(text)) << text;
}

TEST(HostXml, ReadsWhatAMachineCanDo) {
    const MachineXml machine = value(parse_machine(
        "<domainCapabilities><vcpu max='288'/><devices>"
        "<graphics supported='yes'><enum name='type'><value>vnc</value><value>dbus</value></enum></graphics>"
        "<tpm supported='yes'><enum name='backendModel'><value>passthrough</value></enum></tpm>"
        "</devices></domainCapabilities>"));
    EXPECT_EQ(machine.vcpus_max, 288U);
    EXPECT_TRUE(machine.tells_tpm);
    EXPECT_FALSE(machine.emulates_tpm);
    EXPECT_TRUE(machine.tells_graphics);
    EXPECT_THAT(machine.graphics, ElementsAre("dbus", "vnc"));
    EXPECT_FALSE(value(parse_machine("<domainCapabilities/>")).tells_tpm);
    EXPECT_FALSE(parse_machine("<capabilities/>"));
}

}  // namespace
}  // namespace ballast::virt
