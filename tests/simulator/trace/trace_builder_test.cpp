// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/trace_builder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "../files.hpp"
#include "simulator/trace/binary_source.hpp"
#include "traces.hpp"

namespace ballast {
namespace {

using Rows = std::vector<std::vector<float>>;

class TraceBuilderTest : public testing::Test {
  protected:
    TraceBuilderTest() { options_.temporary_folder = folder_.path(); }

    TraceBuilder make() {
        auto builder = TraceBuilder::create(options_);
        EXPECT_TRUE(builder.has_value());
        return std::move(*builder);
    }
    static void add(TraceBuilder& builder, const char* name, double time_s, double percent, double duration_s = 0.0) {
        const auto vm = builder.vm(name);
        ASSERT_TRUE(vm.has_value());
        const Status ok = builder.add(*vm, time_s, duration_s, percent);
        ASSERT_TRUE(ok.has_value()) << ok.error().message;
    }
    Rows write(TraceBuilder& builder) {
        const auto summary = builder.write("t", path_);
        EXPECT_TRUE(summary.has_value()) << (summary ? "" : summary.error().message);
        if (!summary) return {};
        summary_ = *summary;
        auto source = BinaryTraceSource::open(path_);
        EXPECT_TRUE(source.has_value());
        info_ = (*source)->info();
        return test::read_all(**source);
    }

    test::Folder folder_;
    std::string path_ = folder_.path() + "/t.trace";
    TraceBuilderOptions options_;
    TraceBuilderSummary summary_;
    TraceInfo info_;
};

TEST_F(TraceBuilderTest, BeginsWithTheFirstSample) {
    TraceBuilder builder = make();
    add(builder, "b", 1372630104.0, 2.0);
    add(builder, "a", 1372629804.0, 1.0);  // the interval before
    EXPECT_EQ(write(builder), (Rows{{0.0F, 1.0F}, {2.0F, 0.0F}}));
    EXPECT_EQ(info_.vms[0].name, "b");  // mentioned first
    EXPECT_EQ(info_.vms[0].first_interval, 1U);
    EXPECT_EQ(info_.vms[0].end_interval, 2U);
    EXPECT_EQ(info_.vms[1].end_interval, 1U);
}

TEST_F(TraceBuilderTest, TimesBeforeZeroWork) {
    TraceBuilder builder = make();
    add(builder, "a", -0.5, 1.0);
    add(builder, "a", 0.0, 2.0);
    EXPECT_EQ(write(builder), (Rows{{1.0F}, {2.0F}}));
}

TEST_F(TraceBuilderTest, SamplesOfAnIntervalAreAveraged) {
    TraceBuilder builder = make();
    for (const double percent : {10.0, 20.0, 60.0}) add(builder, "a", percent, percent);
    EXPECT_EQ(write(builder), (Rows{{30.0F}}));
}

// 50 % for 60 s and 10 % for 240 s: (50*60 + 10*240) / 300 = 18 %.
TEST_F(TraceBuilderTest, PeriodsCountByTheirLength) {
    TraceBuilder builder = make();
    add(builder, "a", 600.0, 50.0, 60.0);
    add(builder, "a", 660.0, 10.0, 240.0);
    EXPECT_EQ(write(builder), (Rows{{18.0F}}));
}

// Rates of 1000 and 3001 bytes/s: (1000 + 3001) / 2 = 2000.5, which becomes 2001. Memory has but one sample there, and
// none afterwards: it holds for one interval.
TEST_F(TraceBuilderTest, OtherColumnsAreAveragedByThemselves) {
    TraceBuilder builder = make();
    const auto a = *builder.vm("a");
    OtherUse use;
    use[TraceColumn::disk_io] = 1000.0;
    use[TraceColumn::memory] = 150.0;  // at most all of it
    ASSERT_TRUE(builder.add(a, 0.0, 0.0, 10.0, use).has_value());
    use[TraceColumn::disk_io] = 3001.0;
    use[TraceColumn::memory].reset();
    ASSERT_TRUE(builder.add(a, 10.0, 0.0, 20.0, use).has_value());
    for (const double time : {300.0, 600.0}) add(builder, "a", time, 30.0);
    EXPECT_EQ(write(builder), (Rows{{15.0F}, {30.0F}, {30.0F}}));
    auto source = BinaryTraceSource::open(path_);
    ASSERT_TRUE(source.has_value());
    EXPECT_EQ(test::read_all(**source, TraceColumn::disk_io), (Rows{{2001.0F}, {2001.0F}, {0.0F}}));
    EXPECT_EQ(test::read_all(**source, TraceColumn::memory), (Rows{{100.0F}, {100.0F}, {0.0F}}));
    EXPECT_FALSE(info_.recorded[TraceColumn::network]);
    EXPECT_EQ(summary_.samples, 4U);
}

TEST_F(TraceBuilderTest, APeriodOverSeveralIntervalsIsInEach) {
    TraceBuilder builder = make();
    add(builder, "a", 300.0, 50.0, 900.0);
    EXPECT_EQ(write(builder), (Rows{{50.0F}, {50.0F}, {50.0F}}));
    EXPECT_EQ(summary_.samples, 1U);
}

TEST_F(TraceBuilderTest, AShortGapHoldsALongOneIsZero) {
    options_.hold_intervals_max = 2;
    TraceBuilder builder = make();
    for (const double i : {0.0, 3.0, 7.0}) add(builder, "a", i * 300.0, i + 1.0);
    EXPECT_EQ(write(builder), (Rows{{1.0F}, {1.0F}, {1.0F}, {4.0F}, {4.0F}, {4.0F}, {0.0F}, {8.0F}}));
    EXPECT_EQ(summary_.held, 4U);
    EXPECT_EQ(summary_.unsampled, 1U);
}

TEST_F(TraceBuilderTest, LivesReachBeyondSamplesButNotBeyondTheTrace) {
    options_.hold_intervals_max = 0;
    TraceBuilder builder = make();
    const auto a = builder.vm("a");
    builder.set_life(*a, 0.0, 1e9);
    for (const double time : {300.0, 900.0}) add(builder, "b", time, 5.0);
    add(builder, "a", 600.0, 7.0);
    EXPECT_EQ(write(builder), (Rows{{0.0F, 5.0F}, {7.0F, 0.0F}, {0.0F, 5.0F}}));
    EXPECT_EQ(info_.vms[0].first_interval, 0U);
    EXPECT_EQ(info_.vms[0].end_interval, 3U);
    EXPECT_EQ(summary_.unsampled, 3U);
}

TEST_F(TraceBuilderTest, SizesKeepTheLargest) {
    TraceBuilder builder = make();
    add(builder, "a", 0.0, 1.0);
    builder.set_size(0, 4, 9000.0, 1024.0);
    builder.set_size(0, 0, 0.0, 2048.0);  // switched off for a while
    write(builder);
    EXPECT_EQ(info_.vms[0].vcpus, 4U);
    EXPECT_EQ(info_.vms[0].cpu_mhz, 9000.0);
    EXPECT_EQ(info_.vms[0].memory_bytes, 2048.0);
}

TEST_F(TraceBuilderTest, VmsWithoutSamplesAreLeftOut) {
    TraceBuilder builder = make();
    static_cast<void>(builder.vm("silent"));
    add(builder, "a", 0.0, 1.0);
    EXPECT_EQ(write(builder), (Rows{{1.0F}}));
    EXPECT_EQ(info_.vms[0].name, "a");
    EXPECT_EQ(summary_.vms_without_samples, 1U);
}

TEST_F(TraceBuilderTest, Window) {
    options_.from_s = 300.0;
    options_.until_s = 900.0;
    TraceBuilder builder = make();
    for (const double time : {299.0, 300.0, 899.0, 900.0}) add(builder, "a", time, time / 100.0);
    EXPECT_EQ(write(builder), (Rows{{3.0F}, {8.99F}}));
    EXPECT_EQ(summary_.samples_outside, 2U);
}

TEST_F(TraceBuilderTest, RefusesWhatIsNoSample) {
    TraceBuilder builder = make();
    const auto error = [&](double time_s, double duration_s, double percent) {
        const Status ok = builder.add(*builder.vm("a"), time_s, duration_s, percent);
        return ok ? std::string() : ok.error().message;
    };
    EXPECT_EQ(error(0.0, 0.0, -1.0), "a negative CPU use");
    EXPECT_EQ(error(0.0, 0.0, std::nan("")), "a negative CPU use");
    EXPECT_EQ(error(std::nan(""), 0.0, 1.0), "the time is out of range");
    EXPECT_EQ(error(1e300, 0.0, 1.0), "the time is out of range");
    EXPECT_EQ(error(0.0, 1e9, 1.0), "the period is out of range");
    EXPECT_EQ(error(0.0, 0.0, 1.0), "");
    EXPECT_EQ(error(300.0 * 1048575.0, 0.0, 1.0), "");
    EXPECT_EQ(error(300.0 * 1048576.0, 0.0, 1.0),
              "the time is more than 1048576 intervals away from others; is it in another unit?");
    EXPECT_FALSE(builder.vm("").has_value());
    EXPECT_FALSE(builder.vm("a\tb").has_value());
}

TEST_F(TraceBuilderTest, NothingToWriteIsAnError) {
    TraceBuilder empty = make();
    EXPECT_EQ(empty.write("t", path_).error().message, "the input holds no sample");
    options_.until_s = 0.0;
    TraceBuilder outside = make();
    add(outside, "a", 1.0, 1.0);
    EXPECT_EQ(outside.write("t", path_).error().message, "no sample lies between --from and --until");
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(TraceBuilderTest, TooManySamplesInOneInterval) {
    TraceBuilder builder = make();
    for (int i = 0; i < 65'536; ++i) add(builder, "a", 0.0, 1.0);
    EXPECT_EQ(builder.write("t", path_).error().message,
              "a VM has more than 65535 samples in one interval; give a shorter --interval");
}

// The trace does not depend on the order of the samples (but for the VMs' order), nor on how much memory there is.
TEST_F(TraceBuilderTest, AnyOrderAndAnyBufferGiveTheSameBytes) {
    struct Sample {
        std::size_t vm;
        double time_s;
        double percent;
        OtherUse others;
    };
    std::mt19937_64 random(3);
    std::vector<Sample> samples;
    for (std::size_t v = 0; v < 20; ++v) {
        for (std::size_t i = 0; i < 200; ++i) {
            if (random() % 4 == 0) continue;
            samples.push_back(
                {v, static_cast<double>(i * 300 + random() % 300), static_cast<double>(random() % 101), {}});
            for (const TraceColumn column : trace_columns) {
                if (random() % 3 > 0) samples.back().others[column] = static_cast<double>(random() % 5'000'000);
            }
        }
    }
    std::string first;
    for (const std::size_t buffer : {64U, 1000U, 1U << 20U}) {
        std::shuffle(samples.begin(), samples.end(), random);
        options_.buffer_bytes = buffer;
        TraceBuilder builder = make();
        for (std::size_t v = 0; v < 20; ++v) static_cast<void>(builder.vm("vm-" + std::to_string(v)));
        for (const Sample& s : samples) {
            ASSERT_TRUE(builder.add(static_cast<std::uint32_t>(s.vm), s.time_s, 0.0, s.percent, s.others).has_value());
        }
        ASSERT_EQ(write(builder).size(), 200U);
        if (first.empty()) first = test::bytes_of(path_);
        EXPECT_EQ(test::bytes_of(path_), first) << buffer;
        const auto entries = std::filesystem::directory_iterator(folder_.path());
        EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);  // no temporary file, not even while it works
    }
}

}  // namespace
}  // namespace ballast
