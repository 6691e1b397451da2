// SPDX-License-Identifier: Apache-2.0
#include "cli/prometheus_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/toml/load_queries.hpp"
#include "simulator/trace/open.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

PrometheusSeries series(const std::string& vm, std::vector<PrometheusPoint> points) {
    return {{{"domain", vm}}, std::move(points)};
}

// Has what was recorded under each expression, and gives of it what lies on the steps asked for, as Prometheus does.
class Recording {
  public:
    std::map<std::string, std::vector<PrometheusSeries>> of;
    std::vector<std::string> asked;
    double intervals_max = 1e9;

    RangeQuery query() {
        return [this](const std::string& expression, double from_s, double until_s,
                      double step_s) -> Result<std::vector<PrometheusSeries>> {
            asked.push_back(expression);
            if (until_s - from_s >= intervals_max * step_s) return fail(ErrorKind::failed, "too much at once");
            std::vector<PrometheusSeries> answer;
            for (const PrometheusSeries& all : of[expression]) {
                PrometheusSeries some{all.labels, {}};
                for (const PrometheusPoint& point : all.points) {
                    const bool on_a_step = std::fmod(point.unix_time_s - from_s, step_s) == 0.0;
                    if (point.unix_time_s >= from_s && point.unix_time_s <= until_s && on_a_step) {
                        some.points.push_back(point);
                    }
                }
                if (!some.points.empty()) answer.push_back(std::move(some));
            }
            return answer;
        };
    }
};

VmLoadQueries queries() {
    VmLoadQueries queries;
    queries.cpu_percent = "cpu[$interval]";
    queries.memory_percent = "memory";
    queries.network_bytes_per_s = "network";
    queries.disk_bytes_per_s = "";
    queries.vcpus = "vcpus";
    queries.memory_bytes = "bytes";
    return queries;
}

class PrometheusImport : public testing::Test {
  protected:
    PrometheusImport() : path_(testing::TempDir() + "prometheus_import.trace") {}
    ~PrometheusImport() override { std::filesystem::remove(path_); }

    Status import(const ImportSpan& span) {
        TraceBuilderOptions options;
        options.interval_s = span.interval_s;
        // A trace knows its length, not when it began: what is put into another interval shows by falling out.
        options.from_s = span.from_s;
        options.until_s = span.until_s;
        options.temporary_folder = testing::TempDir();
        options.hold_intervals_max = 0;
        TraceBuilder builder = value(TraceBuilder::create(options));
        if (Status ok = import_from_prometheus(recording_.query(), queries_, span, builder); !ok) return ok;
        const auto written = builder.write("recorded", path_);
        if (!written) return tl::unexpected(written.error());
        trace_ = value(open_trace(path_));
        return {};
    }
    std::vector<float> read(TraceColumn column, std::size_t interval) {
        std::vector<float> values(trace_->info().vms.size());
        EXPECT_TRUE(trace_->read_column(interval, column, values));
        return values;
    }
    std::vector<float> cpu(std::size_t interval) {
        std::vector<float> values(trace_->info().vms.size());
        EXPECT_TRUE(trace_->read_cpu_percent(interval, values));
        return values;
    }

    std::string path_;
    Recording recording_;
    VmLoadQueries queries_ = queries();
    std::unique_ptr<TraceSource> trace_;
};

// Intervals of 300 s. A value at 600 is of the interval from 300 to 600, the first that lies within 300 and 1200.
TEST_F(PrometheusImport, AValueIsOfTheIntervalThatEndsThere) {
    recording_.of["cpu[300000ms]"] = {series("a", {{300, 99}, {600, 10}, {900, 20}, {1200, 30}}),
                                      series("b", {{900, 50}, {1200, 60}})};
    recording_.of["memory"] = {series("a", {{600, 40}, {900, 41}, {1200, 42}})};
    recording_.of["network"] = {series("b", {{900, 1000}, {1200, 2000}}), series("c", {{900, 5}})};
    recording_.of["vcpus"] = {series("a", {{600, 2}, {900, 4}}), series("b", {{900, 1}})};
    recording_.of["bytes"] = {series("a", {{600, 1e9}})};
    ASSERT_TRUE(import({300, 1200, 300}));
    const TraceInfo& info = trace_->info();
    ASSERT_EQ(info.interval_count, 3U);
    ASSERT_EQ(info.vms.size(), 2U) << "c has no load";
    EXPECT_EQ(info.vms[0].name, "a");
    EXPECT_EQ(info.vms[0].vcpus, 4U);
    EXPECT_EQ(info.vms[0].memory_bytes, 1e9);
    EXPECT_EQ(cpu(0), (std::vector<float>{10, 0}));
    EXPECT_EQ(cpu(1), (std::vector<float>{20, 50}));
    EXPECT_EQ(cpu(2), (std::vector<float>{30, 60}));
    EXPECT_EQ(read(TraceColumn::memory, 1), (std::vector<float>{41, 0}));
    EXPECT_EQ(read(TraceColumn::network, 2), (std::vector<float>{0, 2000}));
}

TEST_F(PrometheusImport, OnlyWholeIntervalsOfTheSpan) {
    recording_.of["cpu[300000ms]"] = {series("a", {{300, 1}, {600, 2}, {900, 3}, {1200, 4}})};
    ASSERT_TRUE(import({301, 1199, 300}));  // 600 to 900 alone
    EXPECT_EQ(trace_->info().interval_count, 1U);
    EXPECT_EQ(cpu(0), (std::vector<float>{3}));
    EXPECT_THAT(import({301, 899, 300}).error().message, HasSubstr("no whole interval"));
    EXPECT_THAT(import({-1e300, 1e300, 300}).error().message, HasSubstr("more intervals than"));
}

// 256 intervals at a time, and what is too much at once is asked for by halves: 300 fail at 256, then 128 + 128 + 44.
TEST_F(PrometheusImport, AsksPieceByPiece) {
    PrometheusSeries a = series("a", {});
    for (int t = 1; t <= 300; ++t) a.points.push_back({static_cast<double>(t), t % 100 + 0.0});
    recording_.of["cpu[1000ms]"] = {a};
    recording_.intervals_max = 200;
    queries_.memory_percent = queries_.network_bytes_per_s = queries_.vcpus = queries_.memory_bytes = "";
    ASSERT_TRUE(import({0, 300, 1}));
    EXPECT_EQ(recording_.asked.size(), 4U);
    EXPECT_EQ(trace_->info().interval_count, 300U);
    for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(cpu(i), (std::vector<float>{static_cast<float>((i + 1) % 100)}));
    recording_.intervals_max = 0;
    EXPECT_THAT(import({0, 300, 1}).error().message, HasSubstr("too much"));
}

TEST_F(PrometheusImport, SaysWhatIsWrong) {
    EXPECT_THAT(import({0, 900, 300}).error().message, HasSubstr("nothing is recorded"));
    recording_.of["cpu[300000ms]"] = {{{{"vm", "a"}}, {{300, 1}}}};
    EXPECT_THAT(import({0, 900, 300}).error().message, HasSubstr("without the label \"domain\""));
    recording_.of["cpu[300000ms]"] = {series("a", {{300, 1}}), series("a", {{300, 2}})};
    EXPECT_THAT(import({0, 900, 300}).error().message, HasSubstr("several series of a"));
    recording_.of["cpu[300000ms]"] = {series("a", {{300, -1}})};
    const Status negative = import({0, 900, 300});
    EXPECT_EQ(negative.error().kind, ErrorKind::failed);
    EXPECT_THAT(negative.error().message, HasSubstr("a at 300"));
}

TEST(LoadQueriesFile, SaysWhatIsAskedAndHow) {
    const LoadQueriesFile file = value(parse_load_queries(
        "vm_label = \"vm\"\ncpu_percent = \"load\"\ndisk_bytes_per_s = \"\"\nuser = \"u\"\npassword_file = \"/p\"\n",
        "q"));
    EXPECT_EQ(file.queries.vm_label, "vm");
    EXPECT_EQ(file.queries.cpu_percent, "load");
    EXPECT_TRUE(file.queries.disk_bytes_per_s.empty());
    EXPECT_THAT(file.queries.memory_percent, HasSubstr("libvirt_domain_info_memory_usage_bytes"));
    EXPECT_EQ(file.access.password_file, "/p");
    EXPECT_THAT(parse_load_queries("cpu = \"x\"\n", "q").error().message, HasSubstr("q:1:1: unknown key \"cpu\""));
    EXPECT_THAT(parse_load_queries("cpu_percent = \"\"\n", "q").error().message, HasSubstr("what a trace is made of"));
    EXPECT_THAT(parse_load_queries("user = \"u\"\n", "q").error().message, HasSubstr("go together"));
}

}  // namespace
}  // namespace ballast
