// SPDX-License-Identifier: Apache-2.0
// Nothing in a trace file is trusted: damage is an error with the file's name, never a crash and never other samples.
#include <gtest/gtest.h>
#include <zstd.h>

#include "../files.hpp"
#include "simulator/trace/binary_format.hpp"
#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/convert.hpp"
#include "traces.hpp"

namespace ballast {
namespace {

using namespace trace_format;
using test::as_bytes;
using test::vm;

// The first error that opening and reading all of it meets, "" if there is none.
std::string first_error(const std::string& bytes) {
    const auto source = BinaryTraceSource::over(as_bytes(bytes), "file");
    if (!source) return source.error().message;
    std::vector<float> row((*source)->info().vms.size());
    for (std::size_t i = 0; i < (*source)->info().interval_count; ++i) {
        if (const Status ok = (*source)->read_cpu_percent(i, row); !ok) return ok.error().message;
        for (const TraceColumn column : trace_columns) {
            if (!(*source)->info().recorded[column]) continue;
            if (const Status ok = (*source)->read_column(i, column, row); !ok) return ok.error().message;
        }
    }
    return "";
}

class BinaryDamageTest : public testing::Test {
  protected:
    BinaryDamageTest() {
        test::RowSource source = test::random_source(1, 4, 300, false, true);
        const std::string path = folder_.path() + "/t.trace";
        EXPECT_TRUE(write_trace(source, path).has_value());
        bytes_ = test::bytes_of(path);
    }
    test::Folder folder_;
    std::string bytes_;
};

TEST_F(BinaryDamageTest, TheWholeFileIsFine) { EXPECT_EQ(first_error(bytes_), ""); }

TEST_F(BinaryDamageTest, EveryByteIsChecked) {
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        std::string damaged = bytes_;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
        const std::string error = first_error(damaged);
        ASSERT_EQ(error.rfind("file: ", 0), 0U) << "byte " << i << ": " << error;
    }
}

TEST_F(BinaryDamageTest, EveryTruncationIsSeen) {
    for (std::size_t size = 0; size < bytes_.size(); ++size) {
        ASSERT_NE(first_error(bytes_.substr(0, size)), "") << size;
    }
    EXPECT_EQ(first_error(bytes_.substr(0, bytes_.size() - 1)),
              "file: damaged trace: " + std::to_string(bytes_.size() - 1) + " of its " + std::to_string(bytes_.size()) +
                  " bytes are there; convert or fetch it again");
    EXPECT_NE(first_error(bytes_ + "x"), "");
}

TEST_F(BinaryDamageTest, SaysWhatIsWrong) {
    EXPECT_EQ(first_error(std::string(500, 'x')), "file: not a Ballast trace");
    std::string newer = bytes_;
    newer[8] = 3;
    EXPECT_EQ(first_error(newer), "file: version 3 of the format; this Ballast reads versions 1 and 2");
    newer[8] = 0;
    EXPECT_EQ(first_error(newer), "file: version 0 of the format; this Ballast reads versions 1 and 2");
    std::string chunk = bytes_;
    chunk[header_bytes + 5] = static_cast<char>(chunk[header_bytes + 5] ^ 1);
    EXPECT_EQ(first_error(chunk), "file: damaged trace: chunk 0 (checksum); convert or fetch it again");
}

TEST_F(BinaryDamageTest, ShortFilesAreRefused) {
    folder_.write("short", std::string(magic));
    const auto source = BinaryTraceSource::open(folder_.path() + "/short");
    ASSERT_FALSE(source.has_value());
    EXPECT_EQ(source.error().message, folder_.path() + "/short: not a Ballast trace: shorter than its header");
    EXPECT_EQ(BinaryTraceSource::open(folder_.path()).error().message, folder_.path() + ": not a file");
    EXPECT_EQ(BinaryTraceSource::open(folder_.path() + "/no").error().message,
              folder_.path() + "/no: cannot be read: No such file or directory");
}

// Files whose checksums are right and whose contents are not: made on purpose.
class ForgedTest : public testing::Test {
  protected:
    static std::string compressed(Bytes bytes) {
        std::string packed(ZSTD_compressBound(bytes.size()), '\0');
        packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
        return packed;
    }
    // A file of one chunk with these samples of CPU use; `change` may spoil the header. If a column is recorded, its
    // block has the samples `other_` and what `spoil_` makes of its entry in the index.
    template <typename Sample>
    std::string file(const std::vector<Sample>& samples, const std::function<void(Header&)>& change = {}) {
        const std::string cpu = compressed(std::as_bytes(std::span(samples)));
        const std::string other = compressed(std::as_bytes(std::span(other_)));
        const std::vector<std::byte> table = encode_vm_table(info_);
        const std::string packed = compressed(table);
        Header header;
        header.vm_count = info_.vms.size();
        header.interval_count = info_.interval_count;
        header.interval_s = info_.interval_s;
        header.intervals_per_chunk = static_cast<std::uint32_t>(info_.interval_count);
        header.chunk_count = 1;
        header.recorded = info_.recorded;
        const std::vector<std::uint32_t> blocks = header.blocks();
        const std::string chunk = cpu + (blocks.size() > 1 ? other : "");
        header.vm_table_offset = header_bytes + chunk.size();
        header.vm_table_stored_bytes = packed.size();
        header.vm_table_bytes = table.size();
        header.vm_table_crc = crc32(as_bytes(packed));
        header.index_offset = header.vm_table_offset + packed.size();
        header.file_bytes = header.index_offset + header.index_bytes();
        std::vector<IndexEntry> entries = {{header_bytes, static_cast<std::uint32_t>(cpu.size()), crc32(as_bytes(cpu)),
                                            sizeof(Sample) == 1 ? Encoding::whole_percent : Encoding::hundredths}};
        if (blocks.size() > 1) {
            entries.push_back({header_bytes + cpu.size(), static_cast<std::uint32_t>(other.size()),
                               crc32(as_bytes(other)), Encoding::rates, blocks[1]});
            if (spoil_) spoil_(entries[1]);
        }
        const std::vector<std::byte> index = encode(entries);
        header.index_crc = crc32(index);
        if (change) change(header);
        const auto text = [](const std::vector<std::byte>& bytes) {
            return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        };
        return text(encode(header)) + chunk + packed + text(index);
    }
    static std::string damaged(const std::string& reason) {
        return "file: damaged trace: " + reason + "; convert or fetch it again";
    }

    std::vector<std::uint16_t> other_ = {5, 6, 7, 0xFFFF};
    std::function<void(IndexEntry&)> spoil_;
    TraceInfo info_ = [] {
        TraceInfo info = test::info_of({vm("a"), vm("b")});
        info.interval_count = 2;
        return info;
    }();
};

using Narrow = std::vector<std::uint8_t>;
using Wide = std::vector<std::uint16_t>;

TEST_F(ForgedTest, TheForgeryItselfIsFine) {
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 100})), "");
    EXPECT_EQ(first_error(file(Wide{1, 2, 3, 10'000})), "");
}

TEST_F(ForgedTest, SamplesAbove100) {
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 101})), damaged("a sample above 100 %"));
    EXPECT_EQ(first_error(file(Wide{1, 2, 3, 10'001})), damaged("a sample above 100 %"));
}

TEST_F(ForgedTest, SamplesOfTheDead) {
    info_.vms[1].end_interval = 1;
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 0})), "");
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4})), damaged("a sample of a VM that does not live in interval 1"));
}

TEST_F(ForgedTest, ChunksOfAnotherSize) {
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3})), damaged("chunk 0 has another size"));
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4, 5})), damaged("chunk 0 has another size"));
}

TEST_F(ForgedTest, LivesOutsideTheTrace) {
    info_.vms[1].first_interval = 2;
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4})), damaged("the life of VM \"b\" is outside the trace"));
}

TEST_F(ForgedTest, SizesThatAreNone) {
    info_.vms[0].cpu_mhz = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4})), damaged("the size of VM \"a\" is out of range"));
    info_.vms[0].cpu_mhz = -1.0;
    EXPECT_NE(first_error(file(Narrow{1, 2, 3, 4})), "");
}

TEST_F(ForgedTest, NamesThatAreNone) {
    info_.vms[0].name = "a\nb";
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4})), damaged("the VM table holds a name that is none"));
}

TEST_F(ForgedTest, ColumnsThatAreNotWhatTheySay) {
    const auto error = [&](const std::function<void(IndexEntry&)>& spoil) {
        spoil_ = spoil;
        return first_error(file(Narrow{1, 2, 3, 4}));
    };
    info_.recorded[TraceColumn::network] = true;
    EXPECT_EQ(error({}), "");
    EXPECT_EQ(error([](IndexEntry& e) { e.block = 1; }), damaged("the index names another column than the header"));
    EXPECT_EQ(error([](IndexEntry& e) { e.block = 3; }), damaged("the index names another column than the header"));
    EXPECT_EQ(error([](IndexEntry& e) { e.encoding = Encoding::hundredths; }),
              damaged("the index names an encoding that its column does not have"));
    EXPECT_EQ(error([](IndexEntry& e) { e.offset += 1; }), damaged("the index does not fit the file"));
    other_.pop_back();
    EXPECT_EQ(error({}), damaged("chunk 0 has another size"));
    other_.push_back(1);
    info_.vms[1].end_interval = 1;
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 0})), damaged("a sample of a VM that does not live in interval 1"));
}

TEST_F(ForgedTest, MemoryAbove100) {
    info_.recorded[TraceColumn::memory] = true;
    spoil_ = [](IndexEntry& e) { e.encoding = Encoding::hundredths; };
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4})), damaged("a sample above 100 %"));
    other_[3] = 10'000;
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4})), "");
}

// The first version had CPU alone.
TEST_F(ForgedTest, Version1HasNoColumns) {
    const auto version_1 = [](Header& h) { h.version = 1; };
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4}, version_1)), "");
    info_.recorded[TraceColumn::network] = true;
    EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4}, version_1)),
              "file: the header names a column that version 1 does not have");
}

TEST_F(ForgedTest, NumbersOfTheHeaderThatCannotBe) {
    const std::vector<std::function<void(Header&)>> changes = {
        [](Header& h) { h.vm_count = 0; },
        [](Header& h) { h.vm_count = std::uint64_t{1} << 60; },
        [](Header& h) { h.vm_count = 3; },
        [](Header& h) { h.interval_count = 0; },
        [](Header& h) { h.interval_count = std::numeric_limits<std::uint64_t>::max(); },
        [](Header& h) { h.interval_s = 0.0; },
        [](Header& h) { h.interval_s = std::numeric_limits<double>::quiet_NaN(); },
        [](Header& h) { h.intervals_per_chunk = 0; },
        [](Header& h) { h.intervals_per_chunk = 0xFFFFFFFF; },
        [](Header& h) { h.intervals_per_chunk = 1; },
        [](Header& h) { h.chunk_count = 0; },
        [](Header& h) { h.chunk_count = 2; },
        [](Header& h) { h.vm_table_offset = 0; },
        [](Header& h) { h.vm_table_offset = std::numeric_limits<std::uint64_t>::max(); },
        [](Header& h) { h.vm_table_stored_bytes = std::numeric_limits<std::uint64_t>::max(); },
        [](Header& h) { h.vm_table_bytes = 0; },
        [](Header& h) { h.vm_table_bytes += 1; },
        [](Header& h) { h.vm_table_bytes = std::uint64_t{1} << 50; },
        [](Header& h) { h.index_offset += 1; },
        [](Header& h) { h.file_bytes += 24; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_EQ(first_error(file(Narrow{1, 2, 3, 4}, changes[i])).rfind("file: ", 0), 0U) << "change " << i;
    }
}

}  // namespace
}  // namespace ballast
