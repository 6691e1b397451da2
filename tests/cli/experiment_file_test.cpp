// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/experiment_file.hpp"

#include <gtest/gtest.h>

namespace ballast {
namespace {

const std::string head = "name = \"n\"\ntraces = [\"t\"]\n";

std::string error_of(const std::string& text) {
    const auto file = parse_experiment(text, "e.toml");
    return file ? "" : file.error().message;
}

TEST(ExperimentFile, ReadsTheExample) {
    const auto file = load_experiment(std::string(BALLAST_SOURCE_DIR) + "/configs/experiments/planetlab.toml");
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(file->preset, "cloudsim");
    const auto cells = expand(file->experiment);
    ASSERT_TRUE(cells.has_value());
    EXPECT_EQ(cells->size(), 35U);  // (2 policies x 2 values + 1 policy x 3 values) x 5 seeds
    EXPECT_EQ(cells->front().policy, "lr-rs:safety=1.2");
}

TEST(ExperimentFile, DefaultsAndParametersOfOurOwnPolicies) {
    const auto file = parse_experiment(head + "[[policy]]\nnames = [\"none\", \"spread\"]\n", "e.toml");
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(file->preset, "default");
    EXPECT_EQ(file->experiment.seeds, std::vector<std::uint64_t>{1});
    EXPECT_EQ(expand(file->experiment)->size(), 2U);
}

TEST(ExperimentFile, SaysWhereAndWhatIsWrong) {
    EXPECT_EQ(error_of(head), "e.toml:1:1: the experiment has no [[policy]]");
    EXPECT_EQ(error_of("name = \"n\"\n[[policy]]\nnames = [\"none\"]\n"),
              "e.toml:1:1: the experiment needs \"traces\", a list of recordings");
    EXPECT_EQ(error_of(head + "seeds = [1, 1.5]\n[[policy]]\nnames = [\"none\"]\n"),
              "e.toml:3:9: \"seeds\" must be whole numbers from 0 to 1e15");
    EXPECT_EQ(error_of(head + "jobs = 2\n[[policy]]\nnames = [\"none\"]\n"),
              "e.toml:3:1: unknown key \"jobs\"; known: hosts, name, policy, preset, seeds, traces");
    EXPECT_EQ(error_of(head + "[[policy]]\nnames = [\"none:x=1\"]\n"),
              "e.toml:4:9: \"none:x=1\": options belong into [policy.parameters]");
    EXPECT_EQ(error_of("preset = \"cloudsim\"\n" + head +
                       "[[policy]]\nnames = [\"thr-rs\"]\n[policy.parameters]\nsafety = [1]\n"),
              "e.toml:7:1: unknown key \"safety\" in [parameters]; known: threshold");
    // A key must be an option of all the policies in `names`: lr has safety, thr has threshold.
    EXPECT_NE(error_of("preset = \"cloudsim\"\n" + head +
                       "[[policy]]\nnames = [\"lr-rs\", \"thr-rs\"]\n[policy.parameters]\nsafety = [1]\n")
                  .find("e.toml:7:1: unknown key \"safety\""),
              std::string::npos);
    EXPECT_EQ(
        error_of("preset = \"cloudsim\"\n" + head +
                 "[[policy]]\nnames = [\"lr-rs\"]\n[policy.parameters]\nsafety = [1, 200]\n"),
        "e.toml:7:10: policy \"lr-rs\": option \"safety\": 200 is out of range; 1e-06 to 100 (factor) is possible");
    EXPECT_EQ(error_of("preset = \"cloudsim\"\n" + head +
                       "[[policy]]\nnames = [\"lr-rs\"]\n[policy.parameters]\nsafety = []\n"),
              "e.toml:7:10: \"safety\" has no value");
    EXPECT_TRUE(error_of(head + "[[policy]]\nnames = [\"lr-rs\"]\n").starts_with("e.toml:4:9: "))
        << "not of this preset";
}

}  // namespace
}  // namespace ballast
