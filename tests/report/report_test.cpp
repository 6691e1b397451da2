// SPDX-License-Identifier: Apache-2.0
#include "simulator/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "simulator/report/comparison.hpp"
#include "simulator/report/data.hpp"
#include "simulator/report/html.hpp"
#include "simulator/report/labels.hpp"
#include "tests/report/runs.hpp"

namespace ballast {
namespace {

using test::hostile_run;
using test::report_run;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

TEST(ReportData, IsTheTimelineRoundedToWhatCanBeSeen) {
    const std::vector<ReportRun> runs = {report_run("spread", 12.5)};
    // The bytes 10 20 30 40 50 255 are 0A141E 2832FF: "ChQe" "KDL/".
    EXPECT_EQ(report_data_json(runs),
              R"({"runs":[{"label":"spread","point_s":3600.0,"hosts":2,"power_w":[200.0,210.0,105.0],)"
              R"("hosts_on":[2,2,1],"migrations":[0,3,0],"sla_violation":[0.0,0.25,0.333333],)"
              R"("contention_vm_hours":[0.0,1.5,0.0],"heat":{"rows":2,"hosts_per_row":1,"names":["h0","h1"],)"
              R"("base64":"ChQeKDL/"}}]})");
}

TEST(ReportData, Base64IsPaddedWhereTheBytesDoNotDivide) {
    std::vector<ReportRun> runs = {report_run("spread", 12.5)};
    runs[0].timeline.host_percent = {10, 20, 30, 40};
    EXPECT_THAT(report_data_json(runs), HasSubstr("\"ChQeKA==\""));
    runs[0].timeline.host_percent = {10, 20, 30, 40, 50};
    EXPECT_THAT(report_data_json(runs), HasSubstr("\"ChQeKDI=\""));
}

TEST(ReportData, CannotEndItsScriptElement) {
    const std::vector<ReportRun> runs = {hostile_run()};
    EXPECT_EQ(report_data_json(runs).find_first_of("<>&"), std::string::npos);
    EXPECT_THAT(report_data_json(runs), HasSubstr("\\u003c/script\\u003e"));
}

TEST(Report, NamesAreTextWhateverTheySay) {
    const std::vector<ReportRun> runs = {report_run("none", 10.0), hostile_run()};
    const std::vector<ReportRun> harmless = {report_run("none", 10.0), report_run("spread", 5.0)};
    const std::string page = html_report(runs, Tariff{"<b>", 1.0});
    const std::string expected = html_report(harmless, Tariff{"EUR", 1.0});
    // As many elements of each kind as with harmless names; and the attack's own markup is nowhere.
    for (const char* tag : {"<script", "</script", "<td", "<p", "<h2", "<!--", "<table"}) {
        EXPECT_EQ(count(page, tag), count(expected, tag)) << tag;  // two traces are one line more, and no finding
    }
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("onerror=alert(1)>")));
    EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;b&gt;"));
    EXPECT_EQ(count(page, "{{data}}"), count(page, "&amp;amp;{{data}}") + count(page, "\\u0026amp;{{data}}"))
        << "what is filled in is not filled in again";
}

TEST(Report, LoadsNothing) {
    const std::vector<ReportRun> runs = {report_run("none", 10.0)};
    const std::string page = html_report(runs);
    for (const char* loads : {" src=", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket", "import("}) {
        EXPECT_THAT(page, Not(HasSubstr(loads))) << loads;
    }
    EXPECT_THAT(page, HasSubstr("Content-Security-Policy\" content=\"default-src 'none'"));
    EXPECT_THAT(page, AllOf(HasSubstr("uPlot (v1.6.32)"), HasSubstr("Copyright (c)"))) << "with its licence";
}

TEST(Report, TheTableHasEveryFigureWithItsUnit) {
    const std::vector<ReportRun> runs = {report_run("none", 2000.0), report_run("consolidate", 1500.5)};
    const std::string table = comparison_html(runs, Tariff{"EUR", 0.32});
    EXPECT_THAT(table,
                AllOf(HasSubstr("<b>2,000.00</b> <span class=\"unit\">kWh</span>"),
                      HasSubstr("</span><i></i><small>\u221225.0\u00A0%</small>"),  // 1500.5 / 2000 - 1 = -24.975 %
                      HasSubstr("<b>480.16</b> <span class=\"unit\">EUR</span>"),   // 1500.5 * 0.32
                      HasSubstr("<b>5.000</b> <span class=\"unit\">% of host time</span>"), HasSubstr("<b>1,234</b>"),
                      HasSubstr("<b>1.50</b> <span class=\"unit\">h</span><i></i><small>h1</small>")));
    EXPECT_THAT(comparison_html(runs, {}), Not(HasSubstr("Cost")));
}

TEST(Report, TheFindingComparesTheThriftiestWithTheBaseline) {
    const std::vector<ReportRun> runs = {report_run("spread", 1900.0), report_run("none", 2000.0),
                                         report_run("consolidate", 1500.0)};
    EXPECT_THAT(finding_html(runs, Tariff{"EUR", 0.5}),
                AllOf(HasSubstr("<b>consolidate</b>"), HasSubstr("25.0\u00A0% less</b> than none (500.00\u00A0kWh, "),
                      HasSubstr("250.00\u00A0EUR)")));
}

TEST(Report, NoFindingWhereNothingCompares) {
    std::vector<ReportRun> runs = {report_run("none", 2000.0)};
    EXPECT_EQ(finding_html(runs, {}), "");
    runs.push_back(report_run("spread", 2100.0));
    EXPECT_EQ(finding_html(runs, {}), "") << "the baseline is the best";
    runs[1].result.energy_kwh = 1000.0;
    runs[1].result.trace = "another day";
    EXPECT_EQ(finding_html(runs, {}), "") << "another load";
}

TEST(Report, EnergyIsComparedWithinATrace) {
    std::vector<ReportRun> runs = {report_run("none", 100.0), report_run("none", 1000.0), report_run("spread", 900.0)};
    runs[1].result.trace = runs[2].result.trace = "a longer day";
    const std::string table = comparison_html(runs, {});
    EXPECT_THAT(table, HasSubstr("<small>\u221210.0\u00A0%</small>"));  // 900 / 1000, not 900 / 100
    EXPECT_THAT(table, Not(HasSubstr("+")));
}

TEST(Report, NoRunsMakeAPageToo) { EXPECT_THAT(html_report({}), HasSubstr("{\"runs\":[]}")); }

TEST(Labels, SayWhatTellsRunsApart) {
    std::vector<ReportRun> runs(5, report_run("spread", 1.0));
    runs[0].result.policy = "none";
    runs[1].result.options = {{"enter", "0.8"}, {"exit", "0.6"}};
    runs[2].result.options = {{"enter", "0.9"}, {"exit", "0.6"}};
    runs[3].result.options = runs[4].result.options = {{"enter", "0.8"}, {"exit", "0.5"}};
    EXPECT_THAT(run_labels(runs), ElementsAre("none", "spread (enter=0.8, exit=0.6)", "spread (enter=0.9, exit=0.6)",
                                              "spread (enter=0.8, exit=0.5)", "spread (enter=0.8, exit=0.5) #2"));
}

TEST(Numbers, AreGroupedAndRounded) {
    EXPECT_EQ(grouped(0.0, 2), "0.00");
    EXPECT_EQ(grouped(999.996, 2), "1,000.00");
    EXPECT_EQ(grouped(-1234567.891, 1), "\u22121,234,567.9");
    EXPECT_EQ(grouped(-0.001, 2), "0.00");
    EXPECT_EQ(grouped(123456.0, 0), "123,456");
}

}  // namespace
}  // namespace ballast
