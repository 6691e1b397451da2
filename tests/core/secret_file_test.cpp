// SPDX-License-Identifier: Apache-2.0
#include "core/io/secret_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/clusters.hpp"
#include "tests/folder.hpp"

namespace ballast {
namespace {

using testing::HasSubstr;

TEST(SecretFile, OneThatEverybodyCanReadIsNoneToBeUsed) {
    const test::Folder folder;
    const std::string path = folder.file("secret");
    EXPECT_THAT(check_secret_file("key file", path).error().message, HasSubstr("key file " + path + ": No such file"));
    folder.secret("secret", "x\n");
    EXPECT_TRUE(check_secret_file("key file", path));
    chmod(path.c_str(), 0644);
    EXPECT_EQ(check_secret_file("key file", path).error().message,
              "key file " + path + " can be read by everybody: chmod 600 it");
    EXPECT_EQ(read_password(path).error().kind, ErrorKind::refused);
}

TEST(SecretFile, ThePasswordIsTheFirstLine) {
    const test::Folder folder;
    folder.secret("unix", "right, with spaces \nwrong\n");
    folder.secret("dos", "right\r\n");
    folder.secret("empty", "\nwrong\n");
    EXPECT_EQ(test::value(read_password(folder.file("unix"))), "right, with spaces ");
    EXPECT_EQ(test::value(read_password(folder.file("dos"))), "right");
    EXPECT_THAT(read_password(folder.file("empty")).error().message, HasSubstr("has no password in its first line"));
}

}  // namespace
}  // namespace ballast
