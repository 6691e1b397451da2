// SPDX-License-Identifier: Apache-2.0
#include "executor/folder_owner.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/executor/scratch.hpp"

namespace ballast {
namespace {

constexpr uid_t service = 12345;

uid_t owner(const std::string& path) {
    struct stat info {};
    return lstat(path.c_str(), &info) == 0 ? info.st_uid : static_cast<uid_t>(-1);
}

TEST(FolderOwner, AJournalThatRootMakesBelongsToTheServicesUser) {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, who alone may give files away";
    const test::Scratch scratch;
    const std::string folder = scratch.file("state");
    ASSERT_EQ(mkdir(folder.c_str(), 0755), 0);
    ASSERT_EQ(chown(folder.c_str(), service, service), 0);
    {
        const auto journal = test::open_journal(folder + "/journal.db");
        for (const char* file : {"journal.db", "journal.db.lock", "journal.db-wal", "journal.db-shm"}) {
            EXPECT_EQ(owner(folder + "/" + file), service) << file;
        }
    }
    const auto own = test::open_journal(scratch.file("journal.db"));
    EXPECT_EQ(owner(scratch.file("journal.db")), 0U) << "root's own folder";
}

TEST(FolderOwner, ALinkIsNotFollowed) {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, who alone may give files away";
    const test::Scratch scratch;
    const std::string folder = scratch.file("state");
    ASSERT_EQ(mkdir(folder.c_str(), 0755), 0);
    ASSERT_EQ(chown(folder.c_str(), service, service), 0);
    static_cast<void>(test::open_journal(scratch.file("secret")));
    ASSERT_EQ(symlink(scratch.file("secret").c_str(), (folder + "/link").c_str()), 0);
    ASSERT_EQ(link(scratch.file("secret").c_str(), (folder + "/hard").c_str()), 0);
    give_to_folders_owner(folder + "/link");
    give_to_folders_owner(folder + "/hard");
    EXPECT_EQ(owner(scratch.file("secret")), 0U);
    EXPECT_EQ(owner(folder + "/link"), 0U);
}

}  // namespace
}  // namespace ballast
