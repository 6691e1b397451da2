// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/digest.hpp"

#include <gtest/gtest.h>

#include "tests/simulator/files.hpp"

namespace ballast {
namespace {

std::string contents(const std::string& path) {
    const auto text = digest_of_contents(path);
    EXPECT_TRUE(text.has_value()) << text.error().message;
    return text.value_or("");
}

TEST(Digest, IsFnv1a) {
    // The published test vectors of the 64-bit FNV-1a.
    EXPECT_EQ(digest(""), "cbf29ce484222325");
    EXPECT_EQ(digest("a"), "af63dc4c8601ec8c");
    EXPECT_EQ(digest("foobar"), "85944171f73967e8");
    Digest pieces;
    pieces.add("foo");
    pieces.add("");
    pieces.add("bar");
    EXPECT_EQ(pieces.text(), digest("foobar"));
}

TEST(Digest, OfAFileIsThatOfItsBytes) {
    const test::Folder folder;
    // Longer than what is read at a time, and not a multiple of it.
    std::string bytes(1'000'003, 'x');
    bytes[999'999] = '\0';
    folder.write("long", bytes);
    folder.write("empty", "");
    EXPECT_EQ(contents(folder.path() + "/long"), digest(bytes));
    EXPECT_EQ(contents(folder.path() + "/empty"), digest(""));
}

TEST(Digest, OfAFolderCoversNamesSizesAndBytesInAFixedOrder) {
    // The same two files, made in either order: a folder lists them as it likes.
    const test::Folder one;
    one.write("a", "12");
    one.write("b", "3");
    const test::Folder two;
    two.write("b", "3");
    two.write("a", "12");
    const std::string before = contents(one.path());
    EXPECT_EQ(before, contents(two.path()));
    EXPECT_EQ(before, digest(std::string("a\0002\00012b\0001\0003", 11)));
    two.write("b", "4");
    EXPECT_NE(before, contents(two.path()));
    two.write("a", "1");
    two.write("b", "23");
    EXPECT_NE(before, contents(two.path())) << "a byte has moved to the next file";
    two.write("a", "12");
    two.write("b", "3");
    EXPECT_EQ(before, contents(two.path()));
    std::filesystem::rename(two.path() + "/b", two.path() + "/c");
    EXPECT_NE(before, contents(two.path()));
    one.write("c", "");
    EXPECT_NE(before, contents(one.path()));
}

TEST(Digest, WhatCannotBeReadIsAnError) {
    const test::Folder folder;
    folder.make_folder("inner");
    for (const std::string& path : {folder.path() + "/absent", folder.path()}) {
        const auto text = digest_of_contents(path);
        ASSERT_FALSE(text.has_value()) << path;
        EXPECT_EQ(text.error().kind, ErrorKind::usage);
        EXPECT_EQ(text.error().message.find('\n'), std::string::npos);
    }
}

}  // namespace
}  // namespace ballast
