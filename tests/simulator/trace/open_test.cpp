// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/open.hpp"

#include <gtest/gtest.h>

#include "../files.hpp"
#include "simulator/trace/convert.hpp"
#include "simulator/trace/planetlab.hpp"
#include "traces.hpp"

namespace ballast {
namespace {

using test::Folder;
using test::lines;

TEST(OpenTrace, OpensAPlanetLabFolder) {
    const Folder folder;
    folder.write("vm b", lines(288, "7"));
    folder.write("vm A", lines(288, "100"));
    const auto source = open_trace(folder.path());
    ASSERT_TRUE(source.has_value()) << source.error().message;
    const TraceInfo& info = (*source)->info();
    EXPECT_EQ(info.interval_s, 300.0);
    EXPECT_EQ(info.interval_count, 288U);
    ASSERT_EQ(info.vms.size(), 2U);
    EXPECT_EQ(info.vms[0].name, "vm A");
    EXPECT_EQ(info.vms[0].vcpus, 0U);
    EXPECT_EQ(test::read_all(**source)[287], (std::vector<float>{100.0F, 7.0F}));
}

// The day that is behind the published figures: the file holds exactly what the archive does.
TEST(OpenTrace, ThePlanetLabDaySurvivesConversionExactly) {
    const std::string archive = std::string(BALLAST_SOURCE_DIR) + "/simulator/data/planetlab-20110303.tar.xz";
    const Folder folder;
    const auto day = open_trace(archive);
    ASSERT_TRUE(day.has_value()) << day.error().message;
    const std::string path = folder.path() + "/renamed.csv";  // recognised by content
    const auto summary = write_trace(**day, path);
    ASSERT_TRUE(summary.has_value()) << summary.error().message;
    EXPECT_EQ(summary->error_percent_max, 0.0F);
    EXPECT_LT(summary->file_bytes, 208'092U);  // of the archive
    const auto read = open_trace(path);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ((*read)->info().name, "planetlab-20110303");
    ASSERT_EQ((*read)->info().vms.size(), 1052U);
    for (std::size_t v = 0; v < 1052; ++v) {
        ASSERT_EQ((*read)->info().vms[v].name, (*day)->info().vms[v].name);
    }
    EXPECT_EQ(test::read_all(**read), test::read_all(**day));
}

TEST(OpenTrace, TellsWhereTablesGo) {
    const Folder folder;
    folder.write("load.csv", "a,b\n");
    const auto source = open_trace(folder.path() + "/load.csv");
    ASSERT_FALSE(source.has_value());
    EXPECT_EQ(source.error().message,
              folder.path() + "/load.csv: a table; make a trace of it with `ballast trace import`");
}

TEST(OpenTrace, NothingThereIsAUsageError) {
    const auto source = open_trace("/no/such/trace");
    ASSERT_FALSE(source.has_value());
    EXPECT_EQ(source.error().kind, ErrorKind::usage);
    EXPECT_EQ(source.error().message, "/no/such/trace: no such trace; give a folder or a .tar.xz of one");
}

}  // namespace
}  // namespace ballast
