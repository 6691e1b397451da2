// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <sstream>

#include "simulator/experiment/digest.hpp"
#include "simulator/experiment/grid.hpp"
#include "simulator/experiment/merge.hpp"
#include "simulator/experiment/pareto_svg.hpp"
#include "simulator/experiment/result_file.hpp"
#include "simulator/experiment/statistics.hpp"
#include "simulator/experiment/sweep.hpp"
#include "tests/simulator/files.hpp"

namespace ballast {
namespace {

Experiment small() {
    return {
        "e",   "default", "", {{"a", "A"}, {"b", "B"}}, {{"none", {}}, {"p", {{"x", {0.5, 1.0}}, {"y", {2.0, 3.0}}}}},
        {1, 2}};
}

std::vector<Cell> cells_of_small() { return *expand(small()); }

std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// A run whose figures are its seed.
Result<SimulationResult> fake_run(const Cell& cell) {
    SimulationResult result;
    result.trace = cell.trace;
    result.policy = cell.policy;
    result.seed = cell.seed;
    result.energy_kwh = static_cast<double>(cell.seed);
    return result;
}

RunRecord record(const std::string& key, double energy_kwh, double slav, std::size_t line) {
    return {key, "runs-1-of-1.jsonl", line, energy_kwh, 10.0, slav, 0.5};
}

TEST(ExperimentGrid, TakesEveryCombinationTheSeedFastest) {
    const std::vector<Cell> cells = cells_of_small();
    ASSERT_EQ(cells.size(), 20U);  // 2 traces x (1 + 2 x 2) policies x 2 seeds
    EXPECT_EQ(cells[0].description(), "policy none on trace a, seed 1");
    EXPECT_EQ(cells[1].description(), "policy none on trace a, seed 2");
    EXPECT_EQ(cells[2].policy, "p:x=0.5,y=2");
    EXPECT_EQ(cells[4].policy, "p:x=0.5,y=3");
    EXPECT_EQ(cells[6].policy, "p:x=1,y=2");
    EXPECT_EQ(cells[10].trace, "b");
}

TEST(ExperimentGrid, AKeyDependsOnTheCellAndTheWorldOnly) {
    const std::vector<Cell> cells = cells_of_small();
    Experiment other = small();
    other.traces = {{"b", "B"}};
    other.policies.pop_back();
    other.seeds = {2};
    EXPECT_EQ(expand(other)->at(0).key, cells[11].key);  // none on b, seed 2
    other.world = "changed";
    EXPECT_NE(expand(other)->at(0).key, cells[11].key);
    other.world = "";
    other.traces = {{"b", "changed"}};
    EXPECT_NE(expand(other)->at(0).key, cells[11].key);
    // A key that stands in somebody's files must never change.
    EXPECT_EQ(cells[0].key, digest("preset default\nworld \npolicy none\nseed 1\ncontents A\ntrace a"));
}

TEST(ExperimentGrid, RefusesEmptyDoubleAndEndlessGrids) {
    Experiment e = small();
    e.seeds = {1, 1};
    EXPECT_EQ(expand(e).error().message, "the experiment has a run twice: policy none on trace a, seed 1");
    e.seeds = {};
    EXPECT_FALSE(expand(e).has_value());
    e = small();
    const std::vector<double> many(1000, 1.0);
    e.policies = {{"p", {{"a", many}, {"b", many}, {"c", many}, {"d", many}, {"e", many}, {"f", many}, {"g", many}}}};
    EXPECT_EQ(expand(e).error().message, "the experiment has more than 1000000 runs; split it");
}

TEST(ExperimentGrid, ShardsAreDisjointAndComplete) {
    const std::vector<Cell> cells = cells_of_small();
    std::set<std::string> keys;
    std::size_t sum = 0;
    for (std::size_t i = 1; i <= 3; ++i) {
        const std::vector<Cell> mine = cells_of(cells, {i, 3});
        EXPECT_EQ(mine.size(), i == 3 ? 6U : 7U);  // 20 = 7 + 7 + 6
        EXPECT_EQ(mine[1].key, cells[i - 1 + 3].key);
        sum += mine.size();
        for (const Cell& cell : mine) keys.insert(cell.key);
    }
    EXPECT_EQ(sum, 20U);
    EXPECT_EQ(keys.size(), 20U);
    EXPECT_EQ(parse_shard("2/8")->number, 2U);
    for (const char* bad : {"", "1", "0/2", "3/2", "1/", "/2", "1/2x", "-1/2", "1/99999999999999999999"}) {
        EXPECT_FALSE(parse_shard(bad).has_value()) << bad;
    }
}

TEST(ExperimentResults, ALineReadsBack) {
    SimulationResult result;
    result.policy = "p\n\"q\"";
    result.energy_kwh = 1.5;
    result.migrations = 7;
    result.sla.slav = 3e-5;
    result.downtime_s = 0.25;
    const std::string line = result_line("k", result);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_TRUE(line.starts_with("{\"key\":\"k\",\"trace\":")) << line;
    const auto parsed = parse_results(line, "f");
    ASSERT_TRUE(parsed.has_value());
    ASSERT_EQ(parsed->runs.size(), 1U);
    EXPECT_EQ(parsed->runs[0].key, "k");
    EXPECT_EQ(parsed->runs[0].energy_kwh, 1.5);
    EXPECT_EQ(parsed->runs[0].migrations, 7.0);
    EXPECT_EQ(parsed->runs[0].slav, 3e-5);
    EXPECT_EQ(parsed->runs[0].downtime_s, 0.25);
}

TEST(ExperimentResults, WhereverALineIsTornOnlyThatLineGoes) {
    const std::string first = result_line("k1", {});
    const std::string second = result_line("k2", {});
    for (std::size_t cut = 0; cut < second.size(); ++cut) {
        const auto parsed = parse_results(first + second.substr(0, cut), "f");
        ASSERT_TRUE(parsed.has_value()) << cut;
        ASSERT_EQ(parsed->runs.size(), 1U) << cut;
        EXPECT_EQ(parsed->whole_bytes, first.size()) << cut;
    }
    EXPECT_EQ(parse_results(first + "garbage\n", "f")->whole_bytes, first.size());
    EXPECT_EQ(parse_results(first + std::string(4096, '\0'), "f")->whole_bytes, first.size());
    EXPECT_TRUE(parse_results("garbage\n" + first, "f").error().message.starts_with("f:1: damaged"));
    EXPECT_TRUE(parse_results(first + "{}\n" + second, "f").error().message.starts_with("f:2: damaged"));
}

TEST(ExperimentResults, AFileIsCutLockedAndContinued) {
    const test::Folder folder;
    const std::string line = result_line("k1", {});
    folder.write("runs-1-of-2.jsonl", line + "{\"key\":\"to");
    {
        auto file = ResultFile::open(folder.path(), {1, 2});
        ASSERT_TRUE(file.has_value()) << file.error().message;
        EXPECT_EQ(slurp(file->path()), line);
        EXPECT_EQ(file->found().size(), 1U);
        const auto second = ResultFile::open(folder.path(), {1, 2});
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().kind, ErrorKind::refused);
        EXPECT_TRUE(ResultFile::open(folder.path(), {2, 2}).has_value());
        EXPECT_TRUE(file->append(result_line("k2", {})).has_value());
    }
    EXPECT_EQ(ResultFile::open(folder.path(), {1, 2})->found().size(), 2U);
}

TEST(ExperimentResults, DifferentNumbersOfShardsMayFollowOneAnotherButNotMeet) {
    const test::Folder folder;
    const std::string two_of_two = folder.path() + "/runs-2-of-2.jsonl";
    {
        const auto two = ResultFile::open(folder.path(), {2, 2});
        ASSERT_TRUE(two.has_value());
        const auto three = ResultFile::open(folder.path(), {1, 3});
        ASSERT_FALSE(three.has_value());
        EXPECT_EQ(three.error().kind, ErrorKind::refused);
        EXPECT_EQ(three.error().message,
                  two_of_two + ": a sweep with another number of shards is writing it; wait for it");
        // The one that was refused does not stand in the way of others.
        EXPECT_TRUE(ResultFile::open(folder.path(), {1, 2}).has_value());
    }
    EXPECT_TRUE(ResultFile::open(folder.path(), {1, 3}).has_value());
    const auto twelve = ResultFile::open(folder.path(), {1, 12});
    ASSERT_TRUE(twelve.has_value());
    EXPECT_FALSE(ResultFile::open(folder.path(), {1, 2}).has_value()) << "1-of-12 is none of 2";
}

TEST(ExperimentSweep, RunsEachCellOnceWhateverTheJobs) {
    const std::vector<Cell> cells = cells_of_small();
    for (const std::size_t jobs : {1U, 2U, 8U, 64U}) {
        const test::Folder folder;
        std::atomic<int> calls = 0;
        const RunCell run = [&](const Cell& cell) {
            ++calls;
            return fake_run(cell);
        };
        {
            auto file = ResultFile::open(folder.path(), {});
            const auto totals = run_cells(cells, {cells[0].key, cells[7].key}, jobs, *file, run);
            ASSERT_TRUE(totals.has_value());
            EXPECT_EQ(totals->ran, 18U);
            EXPECT_EQ(totals->skipped, 2U);
        }
        auto file = ResultFile::open(folder.path(), {});
        EXPECT_EQ(run_cells(cells, *keys_done(folder.path()), jobs, *file, run)->ran, 2U);
        EXPECT_EQ(calls, 20);
        const auto merged = merge({"e", "default", {}, cells}, *read_runs(folder.path()));
        ASSERT_TRUE(merged.has_value()) << merged.error().message;
        EXPECT_TRUE(merged->missing.empty());
    }
}

TEST(ExperimentSweep, AFailedRunIsNamedAndCostsNoOther) {
    const test::Folder folder;
    const std::vector<Cell> cells = cells_of_small();
    auto file = ResultFile::open(folder.path(), {});
    const RunCell run = [&](const Cell& cell) -> Result<SimulationResult> {
        if (cell.key == cells[5].key) return fail(ErrorKind::usage, "no");
        return fake_run(cell);
    };
    const auto totals = run_cells(cells, {}, 1, *file, run);
    ASSERT_FALSE(totals.has_value());
    EXPECT_EQ(totals.error().message, "policy p:x=0.5,y=3 on trace a, seed 2: no");
    EXPECT_EQ(totals.error().kind, ErrorKind::usage);
    EXPECT_EQ(keys_done(folder.path())->size(), 5U);
}

TEST(ExperimentStatistics, QuantilesAreThePublishedOnes) {
    // Two-sided 95 %: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, column 0.975.
    const std::pair<std::size_t, double> published[] = {{1, 12.706}, {2, 4.303},  {3, 3.182},  {4, 2.776},
                                                        {5, 2.571},  {9, 2.262},  {10, 2.228}, {29, 2.045},
                                                        {30, 2.042}, {100, 1.984}};
    for (const auto& [degrees, t] : published) EXPECT_NEAR(student_t(degrees, 0.95), t, 0.0005) << degrees;
    EXPECT_NEAR(student_t(4, 0.99), 4.604, 0.0005);  // column 0.995
    // In closed form: tan(p pi / 2) with one degree of freedom, p sqrt(2 / (1 - p^2)) with two.
    EXPECT_NEAR(student_t(1, 0.5), 1.0, 1e-12);
    EXPECT_NEAR(student_t(2, 0.95), 0.95 * std::sqrt(2.0 / (1.0 - 0.95 * 0.95)), 1e-11);
    EXPECT_NEAR(student_t(1'000'000, 0.95), 1.959966, 1e-5);  // the normal distribution's 1.959964
}

TEST(ExperimentStatistics, MeanAndInterval) {
    // 1, 2, 3: mean 2, s = sqrt((1 + 0 + 1) / 2) = 1, t(2) = 4.302653: half width 4.302653 / sqrt(3) = 2.484138.
    const Estimate three = estimate(std::vector<double>{1.0, 2.0, 3.0});
    EXPECT_DOUBLE_EQ(three.mean, 2.0);
    EXPECT_NEAR(*three.half_width, 2.484138, 1e-6);
    const Estimate one = estimate(std::vector<double>{5.0});
    EXPECT_EQ(one.mean, 5.0);
    EXPECT_FALSE(one.half_width.has_value());
    const Estimate equal = estimate(std::vector<double>{0.1, 0.1, 0.1});
    EXPECT_EQ(equal.mean, 0.1);
    EXPECT_EQ(*equal.half_width, 0.0);
}

TEST(ExperimentMerge, FrontIsWhatNothingBeats) {
    // (1,5) least x; (2,3) lower; (2,4) beaten by (2,3); (3,3) beaten by (2,3); (4,1) lowest, twice; (5,1) beaten.
    const std::pair<double, double> points[] = {{5, 1}, {2, 4}, {1, 5}, {4, 1}, {2, 3}, {3, 3}, {4, 1}};
    EXPECT_EQ(pareto_front(points), (std::vector<bool>{false, false, true, true, true, false, true}));
    EXPECT_TRUE(pareto_front({}).empty());
}

TEST(ExperimentMerge, GroupsOverSeedsAndMarksTheFrontOfEachTrace) {
    Experiment e{"e", "default", "", {{"a", ""}, {"b", ""}}, {{"p", {}}, {"q", {}}}, {1, 2}};
    const std::vector<Cell> cells = *expand(e);
    // On a: p = (1.5 kWh, 0.2) beats q = (2, 0.3). On b: p = (9, 0.2), q = (8, 0.3), of which one run is missing.
    const std::vector<RunRecord> runs = {record(cells[0].key, 1.0, 0.2, 1), record(cells[1].key, 2.0, 0.2, 2),
                                         record(cells[2].key, 2.0, 0.3, 3), record(cells[3].key, 2.0, 0.3, 4),
                                         record(cells[4].key, 9.0, 0.2, 5), record(cells[5].key, 9.0, 0.2, 6),
                                         record(cells[6].key, 8.0, 0.3, 7)};
    const auto merged = merge({"e", "default", {}, cells}, runs);
    ASSERT_TRUE(merged.has_value()) << merged.error().message;
    ASSERT_EQ(merged->groups.size(), 4U);
    EXPECT_EQ(merged->groups[0].energy_kwh.mean, 1.5);
    // s = sqrt(0.5), so s / sqrt(2) = 0.5; t(1) = 12.7062
    EXPECT_NEAR(*merged->groups[0].energy_kwh.half_width, 6.3531, 1e-4);
    EXPECT_TRUE(merged->groups[0].on_front);
    EXPECT_FALSE(merged->groups[1].on_front);
    EXPECT_TRUE(merged->groups[2].on_front);
    EXPECT_TRUE(merged->groups[3].on_front);
    EXPECT_FALSE(merged->groups[3].energy_kwh.half_width.has_value());
    ASSERT_EQ(merged->missing.size(), 1U);
    EXPECT_EQ(merged->missing[0].description(), "policy q on trace b, seed 2");
    EXPECT_NE(to_json(*merged).find("\"energy_kwh\":{\"mean\":8.0,\"ci95_half_width\":null}"), std::string::npos);
}

TEST(ExperimentMerge, SaysWhatIsDoubleOrForeign) {
    const std::vector<Cell> cells = cells_of_small();
    const std::vector<RunRecord> twice = {record(cells[0].key, 1, 1, 1), record(cells[0].key, 1, 1, 2)};
    EXPECT_EQ(merge({"e", "default", {}, cells}, twice).error().message,
              "runs-1-of-1.jsonl:2: the run " + cells[0].key +
                  " has a result already in runs-1-of-1.jsonl:1; remove one of the two lines");
    const std::vector<RunRecord> foreign = {record("feed", 1, 1, 4)};
    EXPECT_EQ(merge({"e", "default", {}, cells}, foreign).error().message,
              "runs-1-of-1.jsonl:4: the run feed is not part of this experiment");
}

TEST(ExperimentPicture, NamesAreEscapedAndOnlyTheFrontIsDrawn) {
    Merged merged{"<e>", "default", {}, {}};
    merged.groups.push_back({"<script>", "p&q", {1, 1.0, {}}, {1, 1.0, {}}, {1, 2e-5, {}}, {1, 0.0, {}}, true});
    merged.groups.push_back({"<script>", "worse", {1, 2.0, {}}, {1, 1.0, {}}, {1, 3e-5, {}}, {1, 0.0, {}}, false});
    const std::string svg = to_svg(merged);
    EXPECT_EQ(svg.find("<script>"), std::string::npos);
    EXPECT_NE(svg.find("&lt;script&gt;"), std::string::npos);
    EXPECT_NE(svg.find(">p&amp;q</text>"), std::string::npos);
    EXPECT_EQ(svg.find(">worse</text>"), std::string::npos);
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_NE(to_html(merged).find("<title>&lt;e&gt;</title>"), std::string::npos);
}

}  // namespace
}  // namespace ballast
