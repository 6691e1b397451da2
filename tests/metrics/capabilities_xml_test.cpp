// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/capabilities_xml.hpp"

#include <gtest/gtest.h>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

// Shortened from libvirt 9.0 on a KVM host.
constexpr const char* kvm_host = R"(<capabilities>
  <host>
    <uuid>4c4c4544-0051-3510-8052-b4c04f4d4e32</uuid>
    <cpu>
      <arch>x86_64</arch>
      <model>Skylake-Server-IBRS</model>
      <vendor>Intel</vendor>
      <microcode version='33581318'/>
      <signature family='6' model='85' stepping='4'/>
      <counter name='tsc' frequency='2294608000' scaling='no'/>
      <topology sockets='1' dies='1' cores='16' threads='2'/>
      <feature name='ds'/>
    </cpu>
    <power_management><suspend_mem/></power_management>
  </host>
  <guest><os_type>hvm</os_type><arch name='x86_64'><wordsize>64</wordsize></arch></guest>
</capabilities>)";

TEST(CapabilitiesXml, ReadsTheHost) {
    const HostCapabilities c = test::value(parse_capabilities_xml(kvm_host));
    EXPECT_EQ(c.uuid, "4c4c4544-0051-3510-8052-b4c04f4d4e32");
    EXPECT_EQ(c.cpu, (HostCpu{"x86_64", "Intel", "Skylake-Server-IBRS"}));
    EXPECT_DOUBLE_EQ(c.tsc_mhz, 2294.608);
}

TEST(CapabilitiesXml, WhatIsNotToldIsEmpty) {
    const HostCapabilities c = test::value(
        parse_capabilities_xml("<capabilities><host><cpu><arch>aarch64</arch></cpu></host></capabilities>"));
    EXPECT_EQ(c.uuid, "");
    EXPECT_EQ(c.cpu, (HostCpu{"aarch64", "", ""}));
    EXPECT_EQ(c.tsc_mhz, 0.0);
    EXPECT_EQ(test::value(parse_capabilities_xml("<capabilities><host><cpu><counter name='tsc' frequency='fast'/></cpu>"
                                                 "</host></capabilities>"))
                  .tsc_mhz,
              0.0);
}

TEST(CapabilitiesXml, RefusesWhatIsNoCapabilities) {
    for (const char* bad : {"", "<", "<domain/>", "<capabilities/>", "nonsense"}) {
        const auto c = parse_capabilities_xml(bad);
        ASSERT_FALSE(c) << bad;
        EXPECT_EQ(c.error().kind, ErrorKind::failed);
        EXPECT_EQ(c.error().message.find('\n'), std::string::npos);
    }
}

}  // namespace
}  // namespace ballast
