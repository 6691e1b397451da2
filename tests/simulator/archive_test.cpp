// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/archive.hpp"

#include <gtest/gtest.h>

#include <string>

#include "files.hpp"

namespace ballast {
namespace {

using test::Folder;
using test::tar_end;
using test::tar_member;

class ArchiveTest : public testing::Test {
  protected:
    // The error, without the archive's path in front; "N files" without one.
    std::string read(const std::string& bytes, const ReadLimits& limits = {}) {
        folder_.write("day.tar", bytes);
        const std::string path = folder_.path() + "/day.tar";
        const auto files = read_files(path, limits);
        if (files) return std::to_string(files->size()) + " files";
        EXPECT_EQ(files.error().kind, ErrorKind::usage);
        EXPECT_EQ(files.error().message.rfind(path, 0), 0U) << files.error().message;
        return files.error().message.substr(path.size());
    }

    Folder folder_;
};

TEST_F(ArchiveTest, ReadsTheFilesOfItsFolder) {
    folder_.write("day.tar", tar_member("day/", "", '5') + tar_member("day/a b", "1\n") + tar_end());
    const auto files = read_files(folder_.path() + "/day.tar");
    ASSERT_TRUE(files.has_value()) << files.error().message;
    ASSERT_EQ(files->size(), 1U);
    EXPECT_EQ(files->front().name, "a b");
    EXPECT_EQ(files->front().bytes, "1\n");
    EXPECT_EQ(files->front().where, folder_.path() + "/day.tar(day/a b)");
}

TEST_F(ArchiveTest, EmptyArchiveHasNoFiles) { EXPECT_EQ(read(tar_end()), "0 files"); }

TEST_F(ArchiveTest, RefusesWhatIsNoArchive) {
    EXPECT_NE(read("1\n2\n3\n").find("damaged or truncated archive, or none at all"), std::string::npos);
}

TEST_F(ArchiveTest, RefusesTwoFolders) {
    EXPECT_EQ(read(tar_member("x/a", "1") + tar_member("y/a", "1") + tar_end()),
              ": holds files in more than one folder (\"x\" and \"y\"); a day is one folder with one file per VM");
}

TEST_F(ArchiveTest, RefusesLinks) {
    EXPECT_EQ(read(tar_member("x/a", "", '2') + tar_end()),
              "(x/a): neither a file nor a folder; a day is one folder with one file per VM");
}

TEST_F(ArchiveTest, RefusesControlCharactersInNames) {
    EXPECT_EQ(read(tar_member("x/a\nb", "1") + tar_end()), "(x/a?b): the file name has control characters in it");
}

TEST_F(ArchiveTest, RefusesACutMember) {
    const std::string whole = tar_member("x/a", std::string(5000, '1'));
    EXPECT_NE(read(whole.substr(0, 3000)).find("damaged or truncated archive"), std::string::npos);
}

TEST_F(ArchiveTest, KeepsItsLimits) {
    const std::string two = tar_member("x/a", "12345") + tar_member("x/b", "1") + tar_end();
    EXPECT_EQ(read(two, {.files_max = 2, .file_bytes_max = 5}), "2 files");
    EXPECT_EQ(read(two, {.files_max = 2, .file_bytes_max = 4}), "(x/a): the file is larger than 4 bytes");
    EXPECT_EQ(read(two, {.files_max = 1, .file_bytes_max = 5}), ": holds more than 1 files");
    EXPECT_EQ(read(two, {.name_bytes_max = 0}), "(x/a): the file name is too long");
}

TEST_F(ArchiveTest, KeepsItsLimitsInFoldersToo) {
    const Folder day;
    day.write("a", "12345");
    EXPECT_TRUE(read_files(day.path(), {.file_bytes_max = 5}).has_value());
    const auto large = read_files(day.path(), {.file_bytes_max = 4});
    ASSERT_FALSE(large.has_value());
    EXPECT_EQ(large.error().message, day.path() + "/a: the file is larger than 4 bytes");
    day.write("b", "1");
    const auto many = read_files(day.path(), {.files_max = 1});
    ASSERT_FALSE(many.has_value());
    EXPECT_EQ(many.error().message, day.path() + ": holds more than 1 files");
}

}  // namespace
}  // namespace ballast
