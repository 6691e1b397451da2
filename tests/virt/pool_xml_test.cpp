// SPDX-License-Identifier: Apache-2.0
#include "virt/xml/pool_xml.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/clusters.hpp"

namespace ballast::virt {
namespace {

using test::value;

PoolXml mount(const std::string& server, const std::string& dir, const std::string& target) {
    return value(parse_pool("<pool type='netfs'><name>vms</name><source><host name='" + server + "'/><dir path='" +
                            dir + "'/><format type='nfs'/></source><target><path>" + target +
                            "</path></target></pool>"));
}

TEST(PoolXml, AMountHasAnExport) {
    const PoolXml pool = mount("nas1", "/export/vms/", "/srv/vms/");
    EXPECT_EQ(pool.name, "vms");
    EXPECT_EQ(export_of(pool), "nas1:/export/vms");
    EXPECT_EQ(pool.target, "/srv/vms");
    const PoolXml folder =
        value(parse_pool("<pool type='dir'><name>d</name><target><path>/srv</path></target></pool>"));
    EXPECT_EQ(export_of(folder), std::nullopt) << "what a folder lies on is not told";
    EXPECT_FALSE(parse_pool("<volume/>"));
}

// Two hosts may mount the same files at different depths: what counts is the name on the server.
TEST(PoolXml, NamesAFileAsItsServerDoes) {
    const std::vector<PoolXml> deep = {mount("nas1", "/export", "/srv"), mount("nas1", "/export/vms", "/srv/vms")};
    const std::vector<PoolXml> flat = {mount("nas1", "/export", "/srv")};
    const std::string file = "/srv/vms/web.raw";
    ASSERT_EQ(mount_of(deep, file), &deep[1]) << "the innermost mount";
    EXPECT_EQ(name_on_server(deep[1], file), "nas1:/export/vms/web.raw");
    EXPECT_EQ(name_on_server(*mount_of(flat, file), file), "nas1:/export/vms/web.raw");
    EXPECT_EQ(name_on_server(mount("nas1", "/", "/srv"), file), "nas1:/vms/web.raw");
    EXPECT_EQ(mount_of(flat, "/srv2/web.raw"), nullptr) << "a folder whose name begins the same";
    EXPECT_EQ(mount_of(flat, "/srv"), nullptr);
}

TEST(PoolXml, ReadsWhatIsSeenOfAFile) {
    const VolumeXml volume = value(parse_volume(
        "<volume type='file'><name>web.raw</name><key>/srv/web.raw</key><capacity unit='bytes'>33554432</capacity>"
        "<allocation unit='bytes'>4096</allocation><target><path>/srv/web.raw</path><timestamps>"
        "<mtime>1341933637.273190990</mtime><ctime>1341930622.047245868</ctime></timestamps></target></volume>"));
    EXPECT_EQ(volume.capacity, 33554432U);
    EXPECT_EQ(volume.allocation, 4096U);
    EXPECT_EQ(volume.changed, "1341930622.047245868");
    EXPECT_FALSE(parse_volume("<pool/>"));
}

}  // namespace
}  // namespace ballast::virt
