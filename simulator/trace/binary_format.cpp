// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/binary_format.hpp"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "core/check.hpp"

namespace ballast::trace_format {

namespace {

tl::unexpected<Error> bad(std::string reason) { return fail(ErrorKind::usage, std::move(reason)); }

class Encoder {
  public:
    template <typename T>
    requires std::is_arithmetic_v<T>
    void put(T value) {
        const auto* from = reinterpret_cast<const std::byte*>(&value);
        bytes.insert(bytes.end(), from, from + sizeof(T));
    }
    void put(std::string_view text) {
        const auto* from = reinterpret_cast<const std::byte*>(text.data());
        bytes.insert(bytes.end(), from, from + text.size());
    }
    void zeros_up_to(std::size_t size) { bytes.resize(size); }

    std::vector<std::byte> bytes;
};

// Reads on from a position; the caller has checked that the bytes are there.
class Decoder {
  public:
    explicit Decoder(Bytes bytes) : bytes_(bytes) {}
    template <typename T>
    T get() {
        BALLAST_CHECK(sizeof(T) <= bytes_.size(), "read past the end");
        T value;
        std::memcpy(&value, bytes_.data(), sizeof(T));
        bytes_ = bytes_.subspan(sizeof(T));
        return value;
    }
    std::string text(std::size_t size) {
        BALLAST_CHECK(size <= bytes_.size(), "read past the end");
        std::string result(reinterpret_cast<const char*>(bytes_.data()), size);
        bytes_ = bytes_.subspan(size);
        return result;
    }
    void skip(std::size_t size) { bytes_ = bytes_.subspan(size); }
    [[nodiscard]] std::size_t left() const { return bytes_.size(); }

  private:
    Bytes bytes_;
};

std::uint32_t bit_of(TraceColumn column) { return 1U << static_cast<unsigned>(column); }

std::uint32_t to_mask(const ByColumn<bool>& recorded) {
    std::uint32_t mask = 0;
    for (const TraceColumn column : trace_columns) mask |= recorded[column] ? bit_of(column) : 0U;
    return mask;
}

// Which encodings a block can have.
bool is_encoding(std::uint32_t encoding, std::uint32_t block) {
    if (block == cpu_block || block == block_of(TraceColumn::memory)) return encoding == 1 || encoding == 2;
    return encoding == 3;
}

// What must hold between the numbers of a header. Every product and sum here is far from overflow by the limits that
// are checked first.
Status check_numbers(const Header& h) {
    if (h.vm_count < 1 || h.vm_count > vms_max) return bad("the header's number of VMs is out of range");
    if (h.interval_count < 1 || h.interval_count > intervals_max) {
        return bad("the header's number of intervals is out of range");
    }
    if (!std::isfinite(h.interval_s) || h.interval_s <= 0.0) return bad("the header's interval is not a duration");
    if (h.intervals_per_chunk < 1 || h.intervals_per_chunk > intervals_max ||
        h.vm_count * h.intervals_per_chunk * 2 > chunk_bytes_max) {
        return bad("the header's chunks are out of range");
    }
    if (h.chunk_count != (h.interval_count + h.intervals_per_chunk - 1) / h.intervals_per_chunk) {
        return bad("the header's number of chunks does not fit its number of intervals");
    }
    if (h.vm_table_bytes < 4 + h.vm_count * (vm_record_bytes + 1) ||
        h.vm_table_bytes > 4 + name_bytes_max + h.vm_count * (vm_record_bytes + name_bytes_max)) {
        return bad("the header's VM table is out of range");
    }
    const bool follows = h.vm_table_offset >= header_bytes && h.vm_table_offset <= h.file_bytes &&
                         h.vm_table_stored_bytes <= h.file_bytes - h.vm_table_offset &&
                         h.index_offset == h.vm_table_offset + h.vm_table_stored_bytes &&
                         h.file_bytes - h.index_offset == h.index_bytes();
    if (!follows) return bad("the header's offsets do not fit the file");
    return {};
}

template <typename T>
bool in_range(T value, double max) {
    return std::isfinite(value) && value >= 0.0 && value <= max;
}

Status check_vm(const TraceVm& vm, const Header& header) {
    if (!is_name(vm.name)) return bad("the VM table holds a name that is none");
    if (vm.first_interval >= vm.end_interval || vm.end_interval > header.interval_count) {
        return bad("the life of VM \"" + vm.name + "\" is outside the trace");
    }
    if (!is_vm_size(vm)) return bad("the size of VM \"" + vm.name + "\" is out of range");
    return {};
}

}  // namespace

bool is_vm_size(const TraceVm& vm) { return in_range(vm.cpu_mhz, 1e12) && in_range(vm.memory_bytes, 1e18); }

std::uint32_t crc32(Bytes bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= name_bytes_max &&
           std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

std::vector<std::uint32_t> Header::blocks() const {
    std::vector<std::uint32_t> blocks = {cpu_block};
    for (const TraceColumn column : trace_columns) {
        if (recorded[column]) blocks.push_back(block_of(column));
    }
    return blocks;
}

std::vector<std::byte> encode(const Header& header) {
    Encoder out;
    out.put(magic);
    out.put(header.version);
    out.put(static_cast<std::uint32_t>(header_bytes));
    out.put(header.file_bytes);
    out.put(header.vm_count);
    out.put(header.interval_count);
    out.put(header.interval_s);
    out.put(header.intervals_per_chunk);
    out.put(header.chunk_count);
    out.put(header.vm_table_offset);
    out.put(header.vm_table_stored_bytes);
    out.put(header.vm_table_bytes);
    out.put(header.vm_table_crc);
    out.put(header.index_crc);
    out.put(header.index_offset);
    out.put(to_mask(header.recorded));
    out.zeros_up_to(header_bytes - 4);
    out.put(crc32(out.bytes));
    return std::move(out.bytes);
}

Result<Header> decode_header(Bytes bytes) {
    BALLAST_CHECK(bytes.size() >= header_bytes, "no whole header");
    Decoder in(bytes.first(header_bytes));
    if (in.text(magic.size()) != magic) return bad("not a Ballast trace");
    const auto found = in.get<std::uint32_t>();
    if (found < 1 || found > version) {
        return bad("version " + std::to_string(found) + " of the format; this Ballast reads versions 1 and 2");
    }
    Decoder end(bytes.subspan(header_bytes - 4, 4));
    if (in.get<std::uint32_t>() != header_bytes || end.get<std::uint32_t>() != crc32(bytes.first(header_bytes - 4))) {
        return bad("the header is damaged (checksum)");
    }
    Header h;
    h.version = found;
    h.file_bytes = in.get<std::uint64_t>();
    h.vm_count = in.get<std::uint64_t>();
    h.interval_count = in.get<std::uint64_t>();
    h.interval_s = in.get<double>();
    h.intervals_per_chunk = in.get<std::uint32_t>();
    h.chunk_count = in.get<std::uint32_t>();
    h.vm_table_offset = in.get<std::uint64_t>();
    h.vm_table_stored_bytes = in.get<std::uint64_t>();
    h.vm_table_bytes = in.get<std::uint64_t>();
    h.vm_table_crc = in.get<std::uint32_t>();
    h.index_crc = in.get<std::uint32_t>();
    h.index_offset = in.get<std::uint64_t>();
    const auto mask = in.get<std::uint32_t>();
    if (mask >= 1U << trace_columns.size() || (found == 1 && mask != 0)) {
        return bad("the header names a column that version " + std::to_string(found) + " does not have");
    }
    for (const TraceColumn column : trace_columns) h.recorded[column] = (mask & bit_of(column)) != 0;
    if (Status ok = check_numbers(h); !ok) return tl::unexpected(ok.error());
    return h;
}

std::vector<std::byte> encode(std::span<const IndexEntry> index) {
    Encoder out;
    out.bytes.reserve(index.size() * index_entry_bytes);
    for (const IndexEntry& entry : index) {
        out.put(entry.offset);
        out.put(entry.stored_bytes);
        out.put(entry.crc);
        out.put(static_cast<std::uint32_t>(entry.encoding));
        out.put(entry.block);
    }
    return std::move(out.bytes);
}

Result<std::vector<IndexEntry>> decode_index(Bytes bytes, const Header& header) {
    BALLAST_CHECK(bytes.size() == header.index_bytes(), "not the index");
    if (crc32(bytes) != header.index_crc) return bad("the index is damaged (checksum)");
    Decoder in(bytes);
    const std::vector<std::uint32_t> blocks = header.blocks();
    std::vector<IndexEntry> index(header.chunk_count * blocks.size());
    std::uint64_t next = header_bytes;
    for (std::size_t i = 0; i < index.size(); ++i) {
        IndexEntry& entry = index[i];
        entry.offset = in.get<std::uint64_t>();
        entry.stored_bytes = in.get<std::uint32_t>();
        entry.crc = in.get<std::uint32_t>();
        const auto encoding = in.get<std::uint32_t>();
        entry.encoding = static_cast<Encoding>(encoding);
        entry.block = in.get<std::uint32_t>();
        if (entry.block != blocks[i % blocks.size()]) return bad("the index names another column than the header");
        if (!is_encoding(encoding, entry.block))
            return bad("the index names an encoding that its column does not have");
        if (entry.offset != next || entry.stored_bytes > header.vm_table_offset - next) {
            return bad("the index does not fit the file");
        }
        next += entry.stored_bytes;
    }
    if (next != header.vm_table_offset) return bad("the index does not fit the file");
    return index;
}

std::vector<std::byte> encode_vm_table(const TraceInfo& info) {
    Encoder out;
    out.put(static_cast<std::uint32_t>(info.name.size()));
    out.put(std::string_view(info.name));
    const auto end = [&](const TraceVm& vm) { return std::min(vm.end_interval, info.interval_count); };
    for (const TraceVm& vm : info.vms) out.put(static_cast<std::uint32_t>(vm.first_interval));
    for (const TraceVm& vm : info.vms) out.put(static_cast<std::uint32_t>(end(vm)));
    for (const TraceVm& vm : info.vms) out.put(vm.vcpus);
    for (const TraceVm& vm : info.vms) out.put(vm.cpu_mhz);
    for (const TraceVm& vm : info.vms) out.put(vm.memory_bytes);
    for (const TraceVm& vm : info.vms) out.put(static_cast<std::uint16_t>(vm.name.size()));
    for (const TraceVm& vm : info.vms) out.put(std::string_view(vm.name));
    return std::move(out.bytes);
}

Result<TraceInfo> decode_vm_table(Bytes bytes, const Header& header) {
    BALLAST_CHECK(bytes.size() == header.vm_table_bytes && bytes.size() >= 4, "not the VM table");
    Decoder in(bytes);
    TraceInfo info;
    info.interval_s = header.interval_s;
    info.interval_count = header.interval_count;
    info.recorded = header.recorded;
    const auto name_bytes = in.get<std::uint32_t>();
    if (name_bytes > name_bytes_max || in.left() < name_bytes + header.vm_count * vm_record_bytes) {
        return bad("the VM table does not fit the header");
    }
    info.name = in.text(name_bytes);
    if (!is_name(info.name)) return bad("the name of the trace is none");
    info.vms.resize(header.vm_count);
    for (TraceVm& vm : info.vms) vm.first_interval = in.get<std::uint32_t>();
    for (TraceVm& vm : info.vms) vm.end_interval = in.get<std::uint32_t>();
    for (TraceVm& vm : info.vms) vm.vcpus = in.get<std::uint32_t>();
    for (TraceVm& vm : info.vms) vm.cpu_mhz = in.get<double>();
    for (TraceVm& vm : info.vms) vm.memory_bytes = in.get<double>();
    std::vector<std::uint16_t> sizes(header.vm_count);
    std::size_t total = 0;
    for (std::uint16_t& size : sizes) total += size = in.get<std::uint16_t>();
    if (total != in.left()) return bad("the VM table does not fit the header");
    for (std::size_t v = 0; v < sizes.size(); ++v) {
        info.vms[v].name = in.text(sizes[v]);
        if (Status ok = check_vm(info.vms[v], header); !ok) return tl::unexpected(ok.error());
    }
    return info;
}

}  // namespace ballast::trace_format
