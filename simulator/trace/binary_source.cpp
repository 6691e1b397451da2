// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/binary_source.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <vector>

#include "core/check.hpp"
#include "simulator/trace/sample_codes.hpp"

namespace ballast {

namespace {

using namespace trace_format;

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

using Decompressor = std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>;

// A file in memory for as long as this lives.
class Mapping {
  public:
    Mapping() = default;
    Mapping(void* address, std::size_t size) : address_(address), size_(size) {}
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() {
        if (address_ != nullptr) ::munmap(address_, size_);
    }
    [[nodiscard]] Bytes bytes() const { return {static_cast<const std::byte*>(address_), size_}; }
    // Lets the kernel take these pages back: what has been read must not pile up in memory.
    void drop(std::size_t offset, std::size_t size) const {
        static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        const std::size_t begin = offset / page * page;
        if (address_ != nullptr)
            ::madvise(static_cast<std::byte*>(address_) + begin, offset + size - begin, MADV_DONTNEED);
    }

  private:
    void* address_ = nullptr;
    std::size_t size_ = 0;
};

Result<std::unique_ptr<Mapping>> map_file(const std::string& path) {
    const auto failed = [&] { return fail(ErrorKind::usage, path + ": cannot be read: " + std::strerror(errno)); };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return failed();
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(fd);
        return fail(ErrorKind::usage, path + ": not a file");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < header_bytes) {
        ::close(fd);
        return fail(ErrorKind::usage, path + ": not a Ballast trace: shorter than its header");
    }
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED) {
        const auto error = failed();
        ::close(fd);
        return error;
    }
    ::close(fd);
    return std::make_unique<Mapping>(address, size);
}

}  // namespace

struct BinaryTraceSource::Impl {
    // Whether a zstd frame of `stored` can mean `size` bytes, by its own word and by arithmetic: a block stands for at
    // most 128 KiB and takes 4 bytes. A small file cannot make us reserve much memory.
    static bool is_plausible(Bytes stored, std::uint64_t size) {
        return ZSTD_getFrameContentSize(stored.data(), stored.size()) == size && size / (32 * 1024) <= stored.size();
    }
    // One zstd frame of known size; anything else is damage.
    Status decompress(Bytes stored, std::span<std::byte> to) {
        const std::size_t size =
            ZSTD_decompressDCtx(decompressor.get(), to.data(), to.size(), stored.data(), stored.size());
        if (ZSTD_isError(size) != 0 || size != to.size()) return bad("a block cannot be decompressed");
        return {};
    }
    [[nodiscard]] tl::unexpected<Error> bad(const std::string& reason) const {
        return fail(ErrorKind::usage, name + ": damaged trace: " + reason + "; convert or fetch it again");
    }
    [[nodiscard]] std::size_t intervals_of(std::size_t c) const {
        return std::min<std::size_t>(header.intervals_per_chunk, info.interval_count - c * header.intervals_per_chunk);
    }
    // One column: where its blocks are, and the chunk that is loaded.
    struct Column {
        std::size_t place = none;  // of its block among those of a chunk; none = not recorded
        std::size_t chunk = none;
        std::vector<std::byte> samples;  // of that chunk, as its encoding has them
    };
    [[nodiscard]] const IndexEntry& entry_of(const Column& column, std::size_t c) const {
        return index[c * blocks_per_chunk + column.place];
    }

    Status open();
    Status load(Column& column, std::size_t c);
    [[nodiscard]] Status check_samples(const Column& column, std::size_t c) const;
    template <typename Sample>
    [[nodiscard]] Status check_samples(std::size_t c, const Sample* samples, Sample max) const;
    // Sees to it that the samples of `interval` are there; how many of the chunk come before them.
    Result<std::size_t> seek(Column& column, std::size_t interval);
    Status read_percent(Column& column, std::size_t interval, std::span<float> percent);

    std::string name;
    std::unique_ptr<Mapping> mapping = std::make_unique<Mapping>();
    Bytes bytes;
    Header header;
    TraceInfo info;
    std::vector<IndexEntry> index;
    bool all_live_always = false;
    Column cpu;
    ByColumn<Column> others;
    std::size_t blocks_per_chunk = 1;
    Decompressor decompressor{nullptr, &ZSTD_freeDCtx};
};

BinaryTraceSource::BinaryTraceSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BinaryTraceSource::~BinaryTraceSource() = default;
const TraceInfo& BinaryTraceSource::info() const { return impl_->info; }
const Header& BinaryTraceSource::header() const { return impl_->header; }

bool BinaryTraceSource::is_one(const std::string& path) {
    std::array<char, magic.size()> bytes{};
    std::ifstream file(path, std::ios::binary);
    return file.read(bytes.data(), bytes.size()) && std::string_view(bytes.data(), bytes.size()) == magic;
}

Result<std::unique_ptr<BinaryTraceSource>> BinaryTraceSource::open(const std::string& path) {
    Result<std::unique_ptr<Mapping>> mapping = map_file(path);
    if (!mapping) return tl::unexpected(mapping.error());
    Result<std::unique_ptr<BinaryTraceSource>> source = over((*mapping)->bytes(), path);
    if (source) (*source)->impl_->mapping = std::move(*mapping);
    return source;
}

Result<std::unique_ptr<BinaryTraceSource>> BinaryTraceSource::over(Bytes bytes, const std::string& name) {
    auto impl = std::make_unique<Impl>();
    impl->name = name;
    impl->bytes = bytes;
    if (Status ok = impl->open(); !ok) return tl::unexpected(ok.error());
    return std::unique_ptr<BinaryTraceSource>(new BinaryTraceSource(std::move(impl)));
}

Status BinaryTraceSource::Impl::open() {
    if (bytes.size() < header_bytes) return bad("shorter than its header");
    const Result<Header> head = decode_header(bytes);
    if (!head) return fail(ErrorKind::usage, name + ": " + head.error().message);
    header = *head;
    if (header.file_bytes != bytes.size()) {
        return bad(std::to_string(bytes.size()) + " of its " + std::to_string(header.file_bytes) + " bytes are there");
    }
    Result<std::vector<IndexEntry>> entries =
        decode_index(bytes.subspan(header.index_offset, header.index_bytes()), header);
    if (!entries) return bad(entries.error().message);
    index = std::move(*entries);
    cpu.place = 0;
    for (const TraceColumn column : trace_columns) {
        if (header.recorded[column]) others[column].place = blocks_per_chunk++;
    }
    decompressor.reset(ZSTD_createDCtx());
    if (!decompressor) return fail(ErrorKind::failed, name + ": out of memory");
    const Bytes stored = bytes.subspan(header.vm_table_offset, header.vm_table_stored_bytes);
    if (crc32(stored) != header.vm_table_crc) return bad("the VM table (checksum)");
    if (!is_plausible(stored, header.vm_table_bytes)) return bad("the VM table has another size");
    std::vector<std::byte> table(header.vm_table_bytes);
    if (Status ok = decompress(stored, table); !ok) return ok;
    Result<TraceInfo> decoded = decode_vm_table(table, header);
    if (!decoded) return bad(decoded.error().message);
    info = std::move(*decoded);
    all_live_always = std::ranges::all_of(info.vms, [this](const TraceVm& vm) {
        return vm.first_interval == 0 && vm.end_interval == info.interval_count;
    });
    return {};
}

template <typename Sample>
Status BinaryTraceSource::Impl::check_samples(std::size_t c, const Sample* all, Sample max) const {
    const std::size_t n = info.vms.size();
    const std::size_t rows = intervals_of(c);
    Sample highest = 0;
    for (std::size_t i = 0; i < rows * n; ++i) highest = std::max(highest, all[i]);
    if (highest > max) return bad("a sample above 100 %");
    if (all_live_always) return {};
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t interval = c * header.intervals_per_chunk + row;
        bool dead_sampled = false;
        for (std::size_t v = 0; v < n; ++v) {
            const bool lives = interval >= info.vms[v].first_interval && interval < info.vms[v].end_interval;
            dead_sampled |= !lives && all[row * n + v] != 0;
        }
        if (dead_sampled) return bad("a sample of a VM that does not live in interval " + std::to_string(interval));
    }
    return {};
}

Status BinaryTraceSource::Impl::check_samples(const Column& column, std::size_t c) const {
    const auto* wide = reinterpret_cast<const std::uint16_t*>(column.samples.data());
    switch (entry_of(column, c).encoding) {
        case Encoding::whole_percent:
            return check_samples<std::uint8_t>(c, reinterpret_cast<const std::uint8_t*>(column.samples.data()), 100);
        case Encoding::hundredths: return check_samples<std::uint16_t>(c, wide, steps_max);
        case Encoding::rates: return check_samples<std::uint16_t>(c, wide, std::numeric_limits<std::uint16_t>::max());
    }
    return {};
}

Status BinaryTraceSource::Impl::load(Column& column, std::size_t c) {
    const IndexEntry& entry = entry_of(column, c);
    column.chunk = none;
    const Bytes stored = bytes.subspan(entry.offset, entry.stored_bytes);
    const auto bad_chunk = [&](const std::string& reason) { return bad("chunk " + std::to_string(c) + " " + reason); };
    if (crc32(stored) != entry.crc) return bad_chunk("(checksum)");
    const std::size_t width = entry.encoding == Encoding::whole_percent ? 1 : 2;
    const std::size_t size = intervals_of(c) * info.vms.size() * width;
    if (!is_plausible(stored, size)) return bad_chunk("has another size");
    column.samples.resize(size);
    if (Status ok = decompress(stored, column.samples); !ok) return ok;
    mapping->drop(entry.offset, entry.stored_bytes);
    if (Status ok = check_samples(column, c); !ok) return ok;
    column.chunk = c;
    return {};
}

Result<std::size_t> BinaryTraceSource::Impl::seek(Column& column, std::size_t interval) {
    BALLAST_CHECK(interval < info.interval_count && column.place != none, "outside the trace");
    const std::size_t c = interval / header.intervals_per_chunk;
    if (column.chunk != c) {
        if (Status ok = load(column, c); !ok) return tl::unexpected(ok.error());
    }
    return (interval - c * header.intervals_per_chunk) * info.vms.size();
}

Status BinaryTraceSource::Impl::read_percent(Column& column, std::size_t interval, std::span<float> percent) {
    BALLAST_CHECK(percent.size() == info.vms.size(), "one sample per VM");
    const Result<std::size_t> first = seek(column, interval);
    if (!first) return tl::unexpected(first.error());
    if (entry_of(column, column.chunk).encoding == Encoding::whole_percent) {
        const auto* from = reinterpret_cast<const std::uint8_t*>(column.samples.data()) + *first;
        for (std::size_t v = 0; v < percent.size(); ++v) percent[v] = static_cast<float>(from[v]);
    } else {
        const auto* from = reinterpret_cast<const std::uint16_t*>(column.samples.data()) + *first;
        for (std::size_t v = 0; v < percent.size(); ++v) percent[v] = to_percent(from[v]);
    }
    return {};
}

Status BinaryTraceSource::read_cpu_percent(std::size_t interval, std::span<float> percent) {
    return impl_->read_percent(impl_->cpu, interval, percent);
}

Status BinaryTraceSource::read_column(std::size_t interval, TraceColumn column, std::span<float> values) {
    Impl& self = *impl_;
    Impl::Column& blocks = self.others[column];
    if (column == TraceColumn::memory) return self.read_percent(blocks, interval, values);
    BALLAST_CHECK(values.size() == self.info.vms.size(), "one sample per VM");
    const Result<std::size_t> first = self.seek(blocks, interval);
    if (!first) return tl::unexpected(first.error());
    const auto* from = reinterpret_cast<const std::uint16_t*>(blocks.samples.data()) + *first;
    for (std::size_t v = 0; v < values.size(); ++v) values[v] = static_cast<float>(to_rate(from[v]));
    return {};
}

}  // namespace ballast
