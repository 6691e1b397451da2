// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "../files.hpp"
#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/binary_writer.hpp"
#include "simulator/trace/convert.hpp"
#include "simulator/trace/statistics.hpp"
#include "traces.hpp"

namespace ballast {
namespace {

using test::Folder;
using test::info_of;
using test::read_all;
using test::RowSource;
using test::vm;

class BinaryTest : public testing::Test {
  protected:
    std::unique_ptr<BinaryTraceSource> written(TraceSource& source) {
        const auto summary = write_trace(source, path_);
        EXPECT_TRUE(summary.has_value()) << (summary ? "" : summary.error().message);
        auto opened = BinaryTraceSource::open(path_);
        EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message);
        return opened ? std::move(*opened) : nullptr;
    }

    Folder folder_;
    std::string path_ = folder_.path() + "/t.trace";
};

TEST_F(BinaryTest, KeepsEverything) {
    TraceVm late = vm("späte VM, 2");
    late.first_interval = 1;
    late.end_interval = 2;
    late.vcpus = 4;
    late.cpu_mhz = 11703.998244;
    late.memory_bytes = 68719476736.0;
    RowSource source(info_of({vm("a"), late}, 0.5), {{0.0F, 0.0F}, {12.34F, 100.0F}, {7.0F, 0.0F}});
    const auto read = written(source);
    ASSERT_NE(read, nullptr);
    const TraceInfo& info = read->info();
    EXPECT_EQ(info.name, "test");
    EXPECT_EQ(info.interval_s, 0.5);
    EXPECT_EQ(info.interval_count, 3U);
    ASSERT_EQ(info.vms.size(), 2U);
    EXPECT_EQ(info.vms[0].name, "a");
    EXPECT_EQ(info.vms[0].first_interval, 0U);
    EXPECT_EQ(info.vms[0].end_interval, 3U);  // "to the end" has become a number
    EXPECT_EQ(info.vms[0].vcpus, 0U);
    EXPECT_EQ(info.vms[1].name, "späte VM, 2");
    EXPECT_EQ(info.vms[1].first_interval, 1U);
    EXPECT_EQ(info.vms[1].end_interval, 2U);
    EXPECT_EQ(info.vms[1].vcpus, 4U);
    EXPECT_EQ(info.vms[1].cpu_mhz, 11703.998244);
    EXPECT_EQ(info.vms[1].memory_bytes, 68719476736.0);
    EXPECT_EQ(read_all(*read), (std::vector<std::vector<float>>{{0.0F, 0.0F}, {12.34F, 100.0F}, {7.0F, 0.0F}}));
}

// What a round trip keeps: every hundredth of a percent, whole percents among them, bit by bit.
TEST_F(BinaryTest, EveryHundredthIsExact) {
    for (std::uint32_t steps = 0; steps <= trace_format::steps_max; ++steps) {
        const float percent = trace_format::to_percent(static_cast<std::uint16_t>(steps));
        ASSERT_EQ(trace_format::to_steps(percent), steps);
        if (steps % 100 == 0) {
            ASSERT_EQ(percent, static_cast<float>(steps / 100));
        }
    }
}

TEST_F(BinaryTest, OtherValuesAreWithinHalfAHundredth) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<float> percent(0.0F, 100.0F);
    for (int i = 0; i < 100'000; ++i) {
        const float value = percent(random);
        const float kept = trace_format::to_percent(trace_format::to_steps(value));
        ASSERT_LE(std::abs(kept - value), 0.00501F);
    }
    EXPECT_EQ(trace_format::to_steps(-1.0F), 0);
    EXPECT_EQ(trace_format::to_steps(1e30F), 10'000);
    EXPECT_EQ(trace_format::to_steps(std::nanf("")), 0);
}

TEST_F(BinaryTest, SaysHowMuchPrecisionWasLost) {
    RowSource exact(info_of({vm("a")}), {{12.0F}, {0.25F}});
    EXPECT_EQ(write_trace(exact, path_)->error_percent_max, 0.0F);
    RowSource inexact(info_of({vm("a")}), {{12.0F}, {0.253F}});
    EXPECT_NEAR(write_trace(inexact, path_)->error_percent_max, 0.003F, 1e-6F);  // 0.25 is kept
}

TEST_F(BinaryTest, RandomTracesRoundTripAcrossChunks) {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        RowSource source = test::random_source(seed, 7, 700, seed % 2 == 0);  // 3 chunks of 288 intervals at most
        const auto read = written(source);
        ASSERT_NE(read, nullptr);
        EXPECT_EQ(read->header().chunk_count, 3U);
        EXPECT_EQ(read_all(*read), read_all(source));
    }
}

// What a round trip keeps of rates: every code, in ascending order, and anything else within 1/4096.
TEST_F(BinaryTest, RatesKeepTwelveBits) {
    using trace_format::to_rate;
    using trace_format::to_rate_code;
    for (std::uint32_t code = 0; code <= 65'535; ++code) {
        const auto narrow = static_cast<std::uint16_t>(code);
        ASSERT_EQ(to_rate_code(static_cast<double>(static_cast<float>(to_rate(narrow)))), code);
        if (code > 0) {
            ASSERT_LT(to_rate(static_cast<std::uint16_t>(code - 1)), to_rate(narrow));
        }
    }
    EXPECT_EQ(to_rate_code(10'000.0), 6596);  // 2500 * 2^2: e = 3, m = 452
    EXPECT_EQ(to_rate(to_rate_code(10'001.0)), 10'000U);
    EXPECT_EQ(to_rate(to_rate_code(10'002.0)), 10'004U);  // half way: up
    EXPECT_EQ(to_rate(to_rate_code(4095.6)), 4096U);      // into the next exponent
    EXPECT_EQ(to_rate_code(0.4), 0);
    EXPECT_EQ(to_rate_code(-1.0), 0);
    EXPECT_EQ(to_rate_code(std::nan("")), 0);
    EXPECT_EQ(to_rate(to_rate_code(1e300)), trace_format::rate_max);
    std::mt19937_64 random(1);
    for (int i = 0; i < 100'000; ++i) {
        const double rate = std::ldexp(1.0 + static_cast<double>(random() % 1'000'000) / 1e6, 11 + i % 30);
        ASSERT_NEAR(static_cast<double>(to_rate(to_rate_code(rate))) / rate, 1.0, 1.0 / 4096.0) << rate;
    }
}

TEST_F(BinaryTest, OtherColumnsRoundTripAcrossChunks) {
    for (const std::uint64_t seed : {1U, 2U}) {
        RowSource source = test::random_source(seed, 7, 700, seed % 2 == 0, true);
        const auto read = written(source);
        ASSERT_NE(read, nullptr);
        EXPECT_EQ(read->header().chunk_count, 3U);
        EXPECT_EQ(read->header().version, 2U);
        EXPECT_EQ(read_all(*read), read_all(source));
        for (const TraceColumn column : trace_columns) {
            EXPECT_TRUE(read->info().recorded[column]);
            EXPECT_EQ(read_all(*read, column), read_all(source, column));
        }
        const std::string first = test::bytes_of(path_);
        const auto summary = write_trace(*read, folder_.path() + "/copy");
        ASSERT_TRUE(summary.has_value());
        EXPECT_EQ(summary->error_rate_max, 0.0F);
        EXPECT_EQ(test::bytes_of(folder_.path() + "/copy"), first);
    }
}

// Memory and disk I/O but no network: the blocks of a chunk are found all the same, in any order.
TEST_F(BinaryTest, ColumnsMayBeMissing) {
    RowSource source(info_of({vm("a"), vm("b")}), {{1.0F, 2.0F}, {3.0F, 4.0F}});
    source.record(TraceColumn::memory, {{50.0F, 100.0F}, {25.0F, 0.0F}});
    source.record(TraceColumn::disk_io, {{0.0F, 1e6F}, {2047.0F, 3.0F}});
    const auto read = written(source);
    ASSERT_NE(read, nullptr);
    EXPECT_FALSE(read->info().recorded[TraceColumn::network]);
    std::vector<float> row(2);
    ASSERT_TRUE(read->read_column(1, TraceColumn::disk_io, row).has_value());
    EXPECT_EQ(row, (std::vector<float>{2047.0F, 3.0F}));
    ASSERT_TRUE(read->read_column(0, TraceColumn::disk_io, row).has_value());
    EXPECT_EQ(row, (std::vector<float>{0.0F, 999'936.0F}));  // 1e6 / 256 = 3906.25, of which 3906 is kept
    ASSERT_TRUE(read->read_column(0, TraceColumn::memory, row).has_value());
    EXPECT_EQ(row, (std::vector<float>{50.0F, 100.0F}));
    ASSERT_TRUE(read->read_cpu_percent(1, row).has_value());
    EXPECT_EQ(row, (std::vector<float>{3.0F, 4.0F}));
}

// Files of the format's first version, as they were written then.
TEST_F(BinaryTest, Version1IsRead) {
    for (const char* name : {"whole", "hundredths"}) {
        const std::string path = std::string(BALLAST_SOURCE_DIR) + "/tests/fuzz/seeds/fuzz_trace_binary/" + name;
        auto read = BinaryTraceSource::open(path);
        ASSERT_TRUE(read.has_value()) << read.error().message;
        EXPECT_EQ((*read)->header().version, 1U);
        for (const TraceColumn column : trace_columns) EXPECT_FALSE((*read)->info().recorded[column]);
        const auto rows = read_all(**read);
        const auto again = written(**read);
        ASSERT_NE(again, nullptr);
        EXPECT_EQ(again->header().version, 2U);
        EXPECT_EQ(read_all(*again), rows);
    }
}

TEST_F(BinaryTest, AnyOrderOfReadingWorks) {
    RowSource source = test::random_source(5, 3, 600, false);
    const auto read = written(source);
    ASSERT_NE(read, nullptr);
    const auto rows = read_all(source);
    std::vector<float> row(3);
    for (const std::size_t i : {599U, 0U, 300U, 299U, 287U, 288U, 1U}) {
        ASSERT_TRUE(read->read_cpu_percent(i, row).has_value());
        EXPECT_EQ(row, rows[i]) << i;
    }
}

TEST_F(BinaryTest, SameInputSameBytes) {
    RowSource source = test::random_source(6, 5, 400, true);
    ASSERT_NE(written(source), nullptr);
    const std::string first = test::bytes_of(path_);
    const auto read = written(source);
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(test::bytes_of(path_), first);
    // Also through the file itself.
    ASSERT_TRUE(write_trace(*read, folder_.path() + "/copy").has_value());
    EXPECT_EQ(test::bytes_of(folder_.path() + "/copy"), first);
}

TEST_F(BinaryTest, WholePercentsTakeOneByte) {
    RowSource whole(info_of({vm("a"), vm("b")}), {{1.0F, 2.0F}});
    RowSource fine(info_of({vm("a"), vm("b")}), {{1.0F, 2.5F}});
    const std::uint64_t small = write_trace(whole, path_)->file_bytes;
    EXPECT_EQ(write_trace(fine, path_)->file_bytes, small + 2);  // too short to compress: 2 samples, 1 byte more each
}

TEST_F(BinaryTest, AFileAppearsOnlyWhenItIsComplete) {
    folder_.write("t.trace", "what was there");
    {
        const std::vector<std::uint16_t> half = {1};
        auto writer = BinaryTraceWriter::create(path_, [] {
            TraceInfo info = info_of({vm("a")});
            info.interval_count = 2;
            return info;
        }());
        ASSERT_TRUE(writer.has_value());
        ASSERT_TRUE(writer->append({.cpu = half, .others = {}}).has_value());
        EXPECT_EQ(test::bytes_of(path_), "what was there");
    }
    EXPECT_EQ(test::bytes_of(path_), "what was there");
    const auto entries = std::filesystem::directory_iterator(folder_.path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);  // the half-written one is gone
}

TEST_F(BinaryTest, ABrokenSourceLeavesNothing) {
    RowSource source = test::random_source(7, 2, 10, true);
    source.fails_at = 5;
    EXPECT_EQ(write_trace(source, path_).error().message, "the source is broken");
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(BinaryTest, RefusesWhatTheFormatCannotHold) {
    const auto error = [&](const TraceInfo& info) {
        const auto writer = BinaryTraceWriter::create(path_, info);
        return writer ? std::string() : writer.error().message.substr(path_.size());
    };
    TraceInfo info = info_of({vm("a")});
    EXPECT_EQ(error(info), ": a trace without samples cannot be written");
    info.interval_count = 1;
    EXPECT_EQ(error(info), "");
    info.vms[0].name = "two\nlines";
    EXPECT_EQ(error(info), ": a VM's name is empty, longer than 255 bytes or has control characters");
    info.vms[0].name = std::string(256, 'x');
    EXPECT_NE(error(info), "");
    info.vms[0].name = "a";
    info.interval_count = (std::size_t{1} << 24) + 1;
    EXPECT_EQ(error(info), ": more than 16777216 intervals");
    info.vms.clear();
    EXPECT_EQ(error(info), ": a trace without samples cannot be written");
}

TEST_F(BinaryTest, AFolderThatIsNotThereIsAnError) {
    RowSource source = test::random_source(8, 1, 1, true);
    const auto summary = write_trace(source, folder_.path() + "/no/t.trace");
    ASSERT_FALSE(summary.has_value());
    EXPECT_EQ(summary.error().kind, ErrorKind::failed);
    EXPECT_EQ(summary.error().message, folder_.path() + "/no/t.trace: cannot be written: No such file or directory");
}

// a lives 0..2, b 1..3: 1, 2, 2, 1 VMs; samples 10 + (20+40) + (0+100) + 30 = 200 over 6 VM-intervals.
TEST_F(BinaryTest, Statistics) {
    TraceVm a = vm("a");
    a.end_interval = 3;
    a.vcpus = 2;
    TraceVm b = vm("b");
    b.first_interval = 1;
    b.memory_bytes = 1.0;
    RowSource source(info_of({a, b}), {{10.0F, 0.0F}, {20.0F, 40.0F}, {0.0F, 100.0F}, {0.0F, 30.0F}});
    const auto s = trace_statistics(source);
    ASSERT_TRUE(s.has_value());
    EXPECT_EQ(s->vm_intervals, 6U);
    EXPECT_DOUBLE_EQ(s->mean_percent, 200.0 / 6.0);
    EXPECT_EQ(s->busiest_interval, 2U);
    EXPECT_DOUBLE_EQ(s->busiest_mean_percent, 50.0);
    EXPECT_EQ(s->max_percent, 100.0F);
    EXPECT_EQ(s->vms_alive_min, 1U);
    EXPECT_EQ(s->vms_alive_max, 2U);
    EXPECT_EQ(s->vms_with_vcpus, 1U);
    EXPECT_EQ(s->vms_with_mhz, 0U);
    EXPECT_EQ(s->vms_with_memory, 1U);
    EXPECT_FALSE(s->others[TraceColumn::memory].has_value());
}

// a lives 0..1, b 0..2: 3 VM-intervals. Network 10 + 20 and 30: mean 20, at once 30 at most.
TEST_F(BinaryTest, StatisticsOfOtherColumns) {
    TraceVm a = vm("a");
    a.end_interval = 1;
    RowSource source(info_of({a, vm("b")}), {{1.0F, 1.0F}, {0.0F, 1.0F}});
    source.record(TraceColumn::network, {{10.0F, 20.0F}, {0.0F, 30.0F}});
    std::size_t steps = 0;
    const auto s = trace_statistics(source, [&](std::size_t done, std::size_t all) {
        EXPECT_EQ(done, ++steps);
        EXPECT_EQ(all, 4U);
    });
    ASSERT_TRUE(s.has_value());
    const auto& network = s->others[TraceColumn::network];
    ASSERT_TRUE(network.has_value());
    EXPECT_DOUBLE_EQ(network->mean, 20.0);
    EXPECT_EQ(network->max, 30.0F);
    EXPECT_DOUBLE_EQ(network->sum_max, 30.0);
    EXPECT_EQ(steps, 4U);
}

}  // namespace
}  // namespace ballast
