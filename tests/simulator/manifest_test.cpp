// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/manifest.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "tests/simulator/files.hpp"

namespace ballast {
namespace {

Manifest named(const std::string& name) {
    return {name, "default", {{"day", "c0ffee"}}, {{"0123456789abcdef", "day", "none", 1}}};
}

// Only experiment.json: no temporary file stays behind.
std::size_t files_in(const std::string& folder) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
    return count;
}

TEST(SweepManifest, ReadsBack) {
    const Manifest manifest = named("e \"x\"");
    const auto again = manifest_from_json(manifest_to_json(manifest), "m");
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->name, manifest.name);
    ASSERT_EQ(again->traces.size(), 1U);
    EXPECT_EQ(again->traces[0].contents, "c0ffee");
    EXPECT_EQ(manifest_to_json(*again), manifest_to_json(manifest));
    for (const char* bad : {"", "[]", "{}", R"({"experiment":"e","preset":"d","cells":[{}]})",
                            R"({"experiment":"e","preset":"d","traces":{},"cells":[]})",
                            R"({"experiment":"e","preset":"d","traces":[{"name":"t"}],"cells":[]})"}) {
        EXPECT_EQ(manifest_from_json(bad, "m").error().message,
                  "m: damaged, this is no experiment.json of ballast sweep");
    }
}

TEST(SweepManifest, AFolderIsClaimedOnceAndSaysWhatHasChanged) {
    const test::Folder parent;
    const std::string folder = parent.path() + "/deep/down";
    const std::string path = manifest_path(folder);
    ASSERT_TRUE(claim_folder(folder, named("e")).has_value());
    EXPECT_TRUE(claim_folder(folder, named("e")).has_value());
    EXPECT_EQ(files_in(folder), 1U);
    Status refused = claim_folder(folder, named("f"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::refused);
    EXPECT_EQ(refused.error().message,
              path + ": the folder holds another experiment, or this one before its file was changed; give another -o");
    Manifest changed = named("e");
    changed.traces[0].contents = "decade";
    refused = claim_folder(folder, changed);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::refused);
    EXPECT_EQ(refused.error().message,
              path + ": the trace day has changed since the folder was begun; give another -o");
}

TEST(SweepManifest, AFolderOfAnEarlierVersionCanBeMergedButNotContinued) {
    const test::Folder folder;
    const std::string old =
        R"({"experiment":"e","preset":"default","cells":[{"key":"0123456789abcdef","trace":"day","policy":"none","seed":1}]})"
        "\n";
    folder.write("experiment.json", old);
    const Status refused = claim_folder(folder.path(), named("e"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::refused);
    EXPECT_EQ(refused.error().message,
              manifest_path(folder.path()) +
                  ": the folder is of an earlier version, which did not record what its traces contained; give "
                  "another -o");
    ASSERT_TRUE(manifest_from_json(old, "m").has_value());
    EXPECT_EQ(manifest_from_json(old, "m")->cells.size(), 1U);
}

// Processes of two experiments that start on an empty folder at the same moment, many times: those of one get it, all
// of them, and those of the other are refused, all of them.
TEST(SweepManifest, OfManyAtTheSameMomentOneExperimentWins) {
    constexpr int rounds = 50;
    constexpr int processes = 6;
    for (int round = 0; round < rounds; ++round) {
        const test::Folder parent;
        const std::string folder = parent.path() + "/results";
        int start[2];
        ASSERT_EQ(pipe(start), 0);
        std::vector<pid_t> children;
        for (int i = 0; i < processes; ++i) {
            const pid_t child = fork();
            ASSERT_GE(child, 0);
            if (child == 0) {
                close(start[1]);
                char byte = 0;
                [[maybe_unused]] const ssize_t closed = read(start[0], &byte, 1);  // until the parent closes its end
                const Status status = claim_folder(folder, named(i % 2 == 0 ? "even" : "odd"));
                _exit(status ? 0 : exit_code(status.error().kind));
            }
            children.push_back(child);
        }
        close(start[0]);
        close(start[1]);
        int codes[2][processes / 2];
        for (int i = 0; i < processes; ++i) {
            int state = 0;
            ASSERT_EQ(waitpid(children[static_cast<std::size_t>(i)], &state, 0), children[static_cast<std::size_t>(i)]);
            codes[i % 2][i / 2] = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
        }
        const int even = codes[0][0];
        const int odd = codes[1][0];
        EXPECT_TRUE((even == 0 && odd == 3) || (even == 3 && odd == 0)) << even << " " << odd;
        for (const int code : codes[0]) EXPECT_EQ(code, even);
        for (const int code : codes[1]) EXPECT_EQ(code, odd);
        EXPECT_EQ(files_in(folder), 1U);
    }
}

}  // namespace
}  // namespace ballast
