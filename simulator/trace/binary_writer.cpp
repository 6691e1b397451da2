// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/binary_writer.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <vector>

#include "core/check.hpp"
#include "simulator/trace/binary_format.hpp"
#include "simulator/trace/sample_codes.hpp"

namespace ballast {

namespace {

using namespace trace_format;

constexpr std::size_t chunk_samples = std::size_t{4} << 20;
constexpr std::size_t intervals_per_chunk_max = 288;
constexpr int compression_level = 3;  // higher levels gain 3 % on measured load, for five times the work

using Compressor = std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)>;

Status check_info(const std::string& path, const TraceInfo& info) {
    const auto bad = [&](const std::string& reason) { return fail(ErrorKind::usage, path + ": " + reason); };
    if (info.vms.empty() || info.interval_count == 0) return bad("a trace without samples cannot be written");
    if (info.vms.size() > vms_max) return bad("more than " + std::to_string(vms_max) + " VMs; import fewer");
    if (info.interval_count > intervals_max) return bad("more than " + std::to_string(intervals_max) + " intervals");
    if (!is_name(info.name)) return bad("the trace's name is empty, too long or has control characters");
    for (const TraceVm& vm : info.vms) {
        if (!is_name(vm.name)) return bad("a VM's name is empty, longer than 255 bytes or has control characters");
        if (!is_vm_size(vm)) return bad("VM \"" + vm.name + "\" has more than 1e12 MHz or 1e18 bytes of memory");
    }
    return {};
}

}  // namespace

struct BinaryTraceWriter::Impl {
    ~Impl() {
        if (fd >= 0) ::close(fd);
        if (!finished) ::unlink(temporary.c_str());
    }
    [[nodiscard]] tl::unexpected<Error> failed() const {
        return fail(ErrorKind::failed, path + ": cannot be written: " + std::strerror(errno));
    }
    Status write(Bytes bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(end));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return failed();
            bytes = bytes.subspan(static_cast<std::size_t>(written));
            end += static_cast<std::uint64_t>(written);
        }
        return {};
    }
    // Compresses into `packed`.
    Result<Bytes> compress(Bytes bytes) {
        packed.resize(ZSTD_compressBound(bytes.size()));
        const std::size_t size = ZSTD_compressCCtx(compressor.get(), packed.data(), packed.size(), bytes.data(),
                                                   bytes.size(), compression_level);
        if (ZSTD_isError(size) != 0) {
            return fail(ErrorKind::failed, path + ": cannot be compressed: " + ZSTD_getErrorName(size));
        }
        return Bytes(packed).first(size);
    }
    void collect(std::span<const std::uint16_t> codes, std::uint16_t max, std::vector<std::uint16_t>& block) const;
    Status write_chunk();
    Status write_block(std::vector<std::uint16_t>& block, std::uint32_t number);
    Status write_tables();
    Status sync_and_rename();

    std::string path;
    std::string temporary;
    int fd = -1;
    bool finished = false;
    std::uint64_t end = header_bytes;  // of the file so far
    TraceInfo info;
    std::size_t appended = 0;
    Header header;
    std::vector<IndexEntry> index;
    std::vector<std::uint16_t> cpu;  // the chunk's samples so far
    ByColumn<std::vector<std::uint16_t>> others;
    std::vector<std::byte> packed;
    Compressor compressor{nullptr, &ZSTD_freeCCtx};
};

BinaryTraceWriter::BinaryTraceWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BinaryTraceWriter::BinaryTraceWriter(BinaryTraceWriter&&) noexcept = default;
BinaryTraceWriter& BinaryTraceWriter::operator=(BinaryTraceWriter&&) noexcept = default;
BinaryTraceWriter::~BinaryTraceWriter() = default;

Result<BinaryTraceWriter> BinaryTraceWriter::create(const std::string& path, TraceInfo info) {
    if (Status ok = check_info(path, info); !ok) return tl::unexpected(ok.error());
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->info = std::move(info);
    Header& header = impl->header;
    header.vm_count = impl->info.vms.size();
    header.interval_count = impl->info.interval_count;
    header.interval_s = impl->info.interval_s;
    header.recorded = impl->info.recorded;
    const std::size_t longest = std::min(intervals_per_chunk_max, impl->info.interval_count);
    header.intervals_per_chunk =
        static_cast<std::uint32_t>(std::clamp<std::size_t>(chunk_samples / header.vm_count, 1, longest));
    impl->cpu.reserve(header.vm_count * header.intervals_per_chunk);
    impl->compressor.reset(ZSTD_createCCtx());
    if (!impl->compressor) return fail(ErrorKind::failed, path + ": out of memory");

    impl->temporary = path + ".tmp." + std::to_string(::getpid());
    impl->fd = ::open(impl->temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (impl->fd < 0) {
        impl->finished = true;  // nothing to remove
        return impl->failed();
    }
    return BinaryTraceWriter(std::move(impl));
}

Status BinaryTraceWriter::append(const CodedInterval& interval) {
    Impl& self = *impl_;
    BALLAST_CHECK(self.appended < self.info.interval_count, "more intervals than the trace has");
    self.collect(interval.cpu, steps_max, self.cpu);
    for (const TraceColumn column : trace_columns) {
        BALLAST_CHECK(self.info.recorded[column] || interval.others[column].empty(), "a column that is not recorded");
        if (!self.info.recorded[column]) continue;
        const bool percent = column == TraceColumn::memory;
        self.collect(interval.others[column], percent ? steps_max : std::numeric_limits<std::uint16_t>::max(),
                     self.others[column]);
    }
    ++self.appended;
    const bool full = self.cpu.size() == interval.cpu.size() * self.header.intervals_per_chunk;
    return full || self.appended == self.info.interval_count ? self.write_chunk() : Status();
}

void BinaryTraceWriter::Impl::collect(std::span<const std::uint16_t> codes, std::uint16_t max,
                                      std::vector<std::uint16_t>& block) const {
    BALLAST_CHECK(codes.size() == info.vms.size(), "not an interval");
    for (std::size_t v = 0; v < codes.size(); ++v) {
        const TraceVm& vm = info.vms[v];
        const bool lives = appended >= vm.first_interval && appended < vm.end_interval;
        BALLAST_CHECK(codes[v] <= max && (lives || codes[v] == 0), "not a sample of this VM");
    }
    block.insert(block.end(), codes.begin(), codes.end());
}

Status BinaryTraceWriter::Impl::write_chunk() {
    if (Status ok = write_block(cpu, cpu_block); !ok) return ok;
    for (const TraceColumn column : trace_columns) {
        if (!info.recorded[column]) continue;
        if (Status ok = write_block(others[column], block_of(column)); !ok) return ok;
    }
    return {};
}

Status BinaryTraceWriter::Impl::write_block(std::vector<std::uint16_t>& block, std::uint32_t number) {
    const bool percent = number == cpu_block || number == block_of(TraceColumn::memory);
    const bool whole =
        percent && std::ranges::all_of(block, [](std::uint16_t s) { return s % steps_per_percent == 0; });
    std::vector<std::uint8_t> percents;
    if (whole) {
        percents.resize(block.size());
        std::ranges::transform(block, percents.begin(),
                               [](std::uint16_t s) { return static_cast<std::uint8_t>(s / steps_per_percent); });
    }
    const Bytes raw = whole ? std::as_bytes(std::span(percents)) : std::as_bytes(std::span(block));
    const Result<Bytes> stored = compress(raw);
    if (!stored) return tl::unexpected(stored.error());
    const Encoding encoding = !percent ? Encoding::rates : whole ? Encoding::whole_percent : Encoding::hundredths;
    index.push_back({end, static_cast<std::uint32_t>(stored->size()), crc32(*stored), encoding, number});
    block.clear();
    return write(*stored);
}

Status BinaryTraceWriter::Impl::write_tables() {
    const std::vector<std::byte> table = encode_vm_table(info);
    const Result<Bytes> stored = compress(table);
    if (!stored) return tl::unexpected(stored.error());
    header.vm_table_offset = end;
    header.vm_table_stored_bytes = stored->size();
    header.vm_table_bytes = table.size();
    header.vm_table_crc = crc32(*stored);
    if (Status ok = write(*stored); !ok) return ok;
    const std::vector<std::byte> entries = encode(index);
    header.chunk_count = static_cast<std::uint32_t>(index.size() / header.blocks().size());
    header.index_offset = end;
    header.index_crc = crc32(entries);
    if (Status ok = write(entries); !ok) return ok;
    header.file_bytes = end;
    return {};
}

Status BinaryTraceWriter::Impl::sync_and_rename() {
    if (::fsync(fd) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) return failed();
    finished = true;
    // The new name itself must survive a crash, too. Some file systems cannot sync folders; the file is safe anyway.
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const int folder_fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd >= 0) {
        static_cast<void>(::fsync(folder_fd));
        ::close(folder_fd);
    }
    return {};
}

Status BinaryTraceWriter::finish() {
    Impl& self = *impl_;
    BALLAST_CHECK(!self.finished && self.appended == self.info.interval_count, "the trace is not complete");
    if (Status ok = self.write_tables(); !ok) return ok;
    const std::uint64_t size = self.end;
    self.end = 0;
    if (Status ok = self.write(encode(self.header)); !ok) return ok;
    self.end = size;
    return self.sync_and_rename();
}

std::uint64_t BinaryTraceWriter::bytes_written() const { return impl_->end; }

}  // namespace ballast
