// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/planetlab.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "files.hpp"

namespace ballast {
namespace {

using test::Folder;
using test::lines;

const std::string bundled_day = std::string(BALLAST_SOURCE_DIR) + "/simulator/data/planetlab-20110303.tar.xz";

std::string error_of(const Result<Trace>& trace) {
    if (trace) return "no error";
    EXPECT_EQ(trace.error().kind, ErrorKind::usage);
    EXPECT_EQ(trace.error().message.find('\n'), std::string::npos);
    return trace.error().message;
}

TEST(PlanetLabFile, HoldsTheSamplesInOrder) {
    std::string text = lines(286, "7") + "0\r\n100";  // CRLF, and a last line without an end
    const auto samples = parse_planetlab_file(text, "f");
    ASSERT_TRUE(samples.has_value()) << samples.error().message;
    ASSERT_EQ(samples->size(), 288U);
    EXPECT_EQ((*samples)[0], 7);
    EXPECT_EQ((*samples)[286], 0);
    EXPECT_EQ((*samples)[287], 100);
}

struct Damage {
    const char* name;
    std::string text;
    const char* message;
};

class PlanetLabDamage : public testing::TestWithParam<Damage> {};

TEST_P(PlanetLabDamage, GivesItsOneLine) {
    const auto samples = parse_planetlab_file(GetParam().text, "vm");
    ASSERT_FALSE(samples.has_value());
    EXPECT_EQ(samples.error().kind, ErrorKind::usage);
    EXPECT_EQ(samples.error().message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, PlanetLabDamage,
    testing::Values(Damage{"Empty", "", "vm:1: ends after 0 of the 288 lines of a day; truncated?"},
                    Damage{"TooFew", lines(287, "1"), "vm:288: ends after 287 of the 288 lines of a day; truncated?"},
                    Damage{"TooMany", lines(289, "1"), "vm:289: more than the 288 lines of a day"},
                    Damage{"TrailingEmptyLine", lines(288, "1") + "\n", "vm:289: more than the 288 lines of a day"},
                    Damage{"Word", "1\nhigh\n", "vm:2: \"high\" is not a whole number from 0 to 100 (CPU %)"},
                    Damage{"NaN", "nan\n", "vm:1: \"nan\" is not a whole number from 0 to 100 (CPU %)"},
                    Damage{"Fraction", "12.5\n", "vm:1: \"12.5\" is not a whole number from 0 to 100 (CPU %)"},
                    Damage{"Negative", "1\n2\n-3\n", "vm:3: \"-3\" is a negative CPU use"},
                    Damage{"Above", "101\n", "vm:1: \"101\" is above 100 % CPU"},
                    Damage{"Huge", "99999999999999999999999\n", "vm:1: \"99999999999999999999…\" is above 100 % CPU"},
                    Damage{"HugeNegative", "-9999999999999999999\n",
                           "vm:1: \"-9999999999999999999\" is a negative CPU use"},
                    Damage{"EmptyLine", "1\n\n1\n", "vm:2: empty line; expected a whole number from 0 to 100 (CPU %)"},
                    Damage{"Space", "1\n 2\n", "vm:2: \" 2\" is not a whole number from 0 to 100 (CPU %)"},
                    Damage{"Binary", std::string("\x01\x1B[2J\0x\n", 7),
                           "vm:1: \"??[2J?x\" is not a whole number from 0 to 100 (CPU %)"}),
    [](const auto& damage) { return std::string(damage.param.name); });

TEST(PlanetLabDay, OrdersVmsByUpperCasedNameThenByBytes) {
    // Upper-cased, "a_" is "A_" and comes after "AB" ('_' is 0x5F, 'B' is 0x42); byte-wise 'b' (0x62) would follow '_'.
    Folder day;
    day.write("ab", lines(288, "1"));
    day.write("a_", lines(288, "2"));
    day.write("AB", lines(288, "3"));
    day.write("Aa", lines(288, "4"));
    const Result<Trace> trace = read_planetlab_day(day.path());
    ASSERT_TRUE(trace.has_value()) << trace.error().message;
    EXPECT_EQ(trace->vm_names, (std::vector<std::string>{"Aa", "AB", "ab", "a_"}));
    EXPECT_EQ(std::vector<float>(trace->interval(0).begin(), trace->interval(0).end()),
              (std::vector<float>{4, 3, 1, 2}));
}

TEST(PlanetLabDay, BundledDayLoads) {
    const Result<Trace> trace = read_planetlab_day(bundled_day);
    ASSERT_TRUE(trace.has_value()) << trace.error().message;
    EXPECT_EQ(trace->name, "planetlab-20110303");
    EXPECT_EQ(trace->vm_count(), 1052U);
    EXPECT_EQ(trace->interval_count(), 288U);
    EXPECT_EQ(trace->interval_s, 300.0);
    EXPECT_EQ(trace->vm_names.front(), "146-179_surfsnel_dsl_internl_net_colostate_557");
    // The first position at which the byte-wise order differs (it would be pl1_6test_edu_cn_irisaple_wup).
    EXPECT_EQ(trace->vm_names[193], "pl1snu_koren21_net_usf_mobius_dm");
    EXPECT_EQ(trace->vm_names.back(), "vn5_cse_wustl_edu_uw_oneswarm");
    const auto [low, high] = std::minmax_element(trace->cpu_percent.begin(), trace->cpu_percent.end());
    EXPECT_GE(*low, 0.0F);
    EXPECT_LE(*high, 100.0F);
}

TEST(PlanetLabDay, MissingPath) {
    EXPECT_EQ(error_of(read_planetlab_day("/no/such/day.tar.xz")),
              "/no/such/day.tar.xz: no such trace; give a folder or a .tar.xz of one");
}

TEST(PlanetLabDay, EmptyFolder) {
    const Folder day;
    EXPECT_EQ(error_of(read_planetlab_day(day.path())), day.path() + ": holds no files; a day has one file per VM");
}

TEST(PlanetLabDay, NamesFileAndLineOfABadSample) {
    Folder day;
    day.write("good", lines(288, "1"));
    day.write("with space", lines(100, "1") + "-5\n" + lines(187, "1"));
    EXPECT_EQ(error_of(read_planetlab_day(day.path())), day.path() + "/with space:101: \"-5\" is a negative CPU use");
}

TEST(PlanetLabDay, SubFolderIsRefused) {
    Folder day;
    day.write("good", lines(288, "1"));
    day.make_folder("deeper");
    EXPECT_EQ(error_of(read_planetlab_day(day.path())),
              day.path() + "/deeper: not a file; a day is one folder with one file per VM");
}

// Wherever the bundled day is cut, the result is one line, never a shorter trace.
TEST(PlanetLabDay, TruncatedArchiveIsNeverRead) {
    std::ifstream file(bundled_day, std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(file), {}};
    ASSERT_GT(whole.size(), 100'000U);
    Folder folder;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{5}, std::size_t{100}, whole.size() / 2, whole.size() - 100, whole.size() - 1}) {
        folder.write("cut.tar.xz", whole.substr(0, size));
        EXPECT_NE(error_of(read_planetlab_day(folder.path() + "/cut.tar.xz")), "no error") << size << " bytes";
    }
}

}  // namespace
}  // namespace ballast
