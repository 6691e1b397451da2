// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/line_reader.hpp"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace ballast {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
static_assert(buffer_bytes > 2 * LineReader::line_bytes_max);

using GzFile = std::unique_ptr<gzFile_s, decltype(&gzclose)>;

}  // namespace

struct LineReader::Impl {
    // Moves what is left to the front and fills up; false at the end of the file.
    Result<bool> refill();
    [[nodiscard]] tl::unexpected<Error> bad(std::size_t number, std::string_view reason) const {
        return fail(ErrorKind::usage, name + ":" + std::to_string(number) + ": " + std::string(reason));
    }

    std::string name;
    GzFile file{nullptr, &gzclose};  // absent when reading from memory
    std::vector<char> buffer;
    std::size_t begin = 0;  // of what has not been returned yet
    std::size_t end = 0;
    bool at_end = false;
    std::size_t line_number = 0;
    std::function<void(std::uint64_t bytes_used)> report;
};

LineReader::LineReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<LineReader> LineReader::open(const std::string& path) {
    auto impl = std::make_unique<Impl>();
    impl->name = path;
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return fail(ErrorKind::usage, path + ": a folder, not a file");
    impl->file.reset(gzopen(path.c_str(), "rbe"));
    if (!impl->file) return fail(ErrorKind::usage, path + ": cannot be opened: " + std::strerror(errno));
    gzbuffer(impl->file.get(), 256 * 1024);
    impl->buffer.resize(buffer_bytes);
    return LineReader(std::move(impl));
}

LineReader LineReader::over(std::string text, std::string name) {
    auto impl = std::make_unique<Impl>();
    impl->name = std::move(name);
    impl->buffer.assign(text.begin(), text.end());
    impl->end = impl->buffer.size();
    impl->at_end = true;
    return LineReader(std::move(impl));
}

Result<bool> LineReader::Impl::refill() {
    if (at_end) return false;
    if (begin > 0) std::memmove(buffer.data(), buffer.data() + begin, end - begin);
    end -= begin;
    begin = 0;
    const auto room = static_cast<unsigned>(buffer.size() - end);
    const int got = gzread(file.get(), buffer.data() + end, room);
    int code = Z_OK;
    const char* text = gzerror(file.get(), &code);
    // Data that ends in the middle of a gzip stream is returned as far as it goes, with Z_BUF_ERROR.
    if (got < 0 || code == Z_BUF_ERROR) {
        return bad(line_number + 1, code == Z_BUF_ERROR ? "the gzip data ends too early; truncated?"
                                                        : std::string("cannot be read: ") + text);
    }
    end += static_cast<std::size_t>(got);
    at_end = static_cast<unsigned>(got) < room;
    if (const z_off_t used = gzoffset(file.get()); report && used > 0) report(static_cast<std::uint64_t>(used));
    return got > 0;
}

Result<bool> LineReader::next(std::string_view& line) {
    Impl& self = *impl_;
    std::size_t searched = self.begin;
    for (;;) {
        const char* from = self.buffer.data() + searched;
        const auto* newline =
            self.end > searched ? static_cast<const char*>(std::memchr(from, '\n', self.end - searched)) : nullptr;
        std::size_t stop = newline != nullptr ? static_cast<std::size_t>(newline - self.buffer.data()) : self.end;
        if (newline == nullptr) {
            const std::size_t pending = self.end - self.begin;
            if (pending <= line_bytes_max) {
                const Result<bool> more = self.refill();
                if (!more) return tl::unexpected(more.error());
                searched = self.begin + pending;
                if (*more) continue;
                stop = self.end;
                if (self.begin == self.end) return false;
            }
        }
        ++self.line_number;
        line = std::string_view(self.buffer.data() + self.begin, stop - self.begin);
        self.begin = newline != nullptr ? stop + 1 : stop;
        if (self.line_number == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
        if (line.size() > line_bytes_max) return bad("a line longer than 65536 bytes; is this a text file?");
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find('\0') != std::string_view::npos) return bad("binary data; unpack an archive first");
        return true;
    }
}

tl::unexpected<Error> LineReader::bad(std::string_view reason) const { return impl_->bad(impl_->line_number, reason); }

void LineReader::report_to(std::function<void(std::uint64_t bytes_used)> report) { impl_->report = std::move(report); }

}  // namespace ballast
