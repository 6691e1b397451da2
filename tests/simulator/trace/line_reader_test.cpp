// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/line_reader.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "../files.hpp"
#include "traces.hpp"

namespace ballast {
namespace {

using test::Folder;

// All lines, each ended by '|'; then the error, if there is one.
std::string read_all(LineReader lines) {
    std::string text;
    std::string_view line;
    for (;;) {
        const Result<bool> more = lines.next(line);
        if (!more) return text + "! " + more.error().message;
        if (!*more) return text;
        text += std::string(line) + "|";
    }
}

class LineReaderTest : public testing::Test {
  protected:
    std::string plain(const std::string& bytes) {
        folder_.write("f", bytes);
        auto lines = LineReader::open(path_);
        return lines ? read_all(std::move(*lines)) : "! " + lines.error().message;
    }
    std::string gzip(const std::string& bytes) {
        const std::string path = folder_.path() + "/packed";
        gzFile file = gzopen(path.c_str(), "wb");
        gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
        gzclose(file);
        return test::bytes_of(path);
    }

    Folder folder_;
    std::string path_ = folder_.path() + "/f";
};

TEST_F(LineReaderTest, Lines) {
    EXPECT_EQ(plain(""), "");
    EXPECT_EQ(plain("a\nb\r\n\nc"), "a|b||c|");
    EXPECT_EQ(plain("\xEF\xBB\xBFname\nx\n"), "name|x|");
    EXPECT_EQ(read_all(LineReader::over("a\nb", "memory")), "a|b|");
    EXPECT_EQ(read_all(LineReader::over("", "memory")), "");
}

TEST_F(LineReaderTest, Gzip) { EXPECT_EQ(plain(gzip("a\nb\n") + gzip("c\n")), "a|b|c|"); }

TEST_F(LineReaderTest, LinesAcrossTheBuffer) {
    std::string text;
    std::string expected;
    for (int i = 0; i < 60'000; ++i) {  // 3 MB, three times the buffer
        const std::string line(static_cast<std::size_t>(i % 97), static_cast<char>('a' + i % 26));
        text += line + "\n";
        expected += line + "|";
    }
    EXPECT_EQ(plain(text), expected);
    EXPECT_EQ(plain(gzip(text)), expected);
}

TEST_F(LineReaderTest, EveryTruncationOfGzipIsSeen) {
    const std::string whole = gzip("some text\nand more\n");
    for (std::size_t size = 3; size < whole.size(); ++size) {
        EXPECT_NE(plain(whole.substr(0, size)).find("! "), std::string::npos) << size;
    }
    EXPECT_EQ(plain(whole.substr(0, whole.size() - 1)), "! " + path_ + ":1: the gzip data ends too early; truncated?");
}

TEST_F(LineReaderTest, DamagedGzip) {
    std::string damaged = gzip("some text\nand more\n");
    damaged[damaged.size() - 6] ^= 1;  // its checksum
    EXPECT_NE(plain(damaged).find("cannot be read: "), std::string::npos);
}

TEST_F(LineReaderTest, LimitsAndBinaryData) {
    EXPECT_EQ(plain("a\n" + std::string(65'536, 'x') + "\n").size(), 2U + 65'537U);
    EXPECT_EQ(plain("a\n" + std::string(65'537, 'x') + "\n"),
              "a|! " + path_ + ":2: a line longer than 65536 bytes; is this a text file?");
    EXPECT_EQ(plain(std::string(3'000'000, 'x')),
              "! " + path_ + ":1: a line longer than 65536 bytes; is this a text file?");
    EXPECT_EQ(plain(std::string("a\0b\n", 4)), "! " + path_ + ":1: binary data; unpack an archive first");
}

TEST_F(LineReaderTest, FilesThatCannotBeOpened) {
    EXPECT_EQ(LineReader::open(folder_.path()).error().message, folder_.path() + ": a folder, not a file");
    EXPECT_EQ(LineReader::open(folder_.path() + "/no").error().message,
              folder_.path() + "/no: cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace ballast
