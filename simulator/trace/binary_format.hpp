// SPDX-License-Identifier: Apache-2.0
// The bytes of Ballast's own trace file: what docs/formats/trace.md says, as code. Everything is little-endian.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "simulator/trace/source.hpp"

namespace ballast::trace_format {

static_assert(std::endian::native == std::endian::little, "traces are read and written by copying bytes");

using Bytes = std::span<const std::byte>;

// As PNG does it: a byte that is no text, the name, and line ends that a transfer in text mode would change.
inline constexpr std::string_view magic = "\x89\x42LT\r\n\x1A\n";
inline constexpr std::uint32_t version = 2;  // that is written; 1 is read, too
inline constexpr std::size_t header_bytes = 128;
inline constexpr std::size_t index_entry_bytes = 24;
inline constexpr std::size_t vm_record_bytes = 30;  // without the name

inline constexpr std::size_t vms_max = std::size_t{1} << 23;
inline constexpr std::size_t intervals_max = std::size_t{1} << 24;
inline constexpr std::size_t name_bytes_max = 255;
// Of a block's samples, two bytes each: what a reader needs to hold of each column.
inline constexpr std::size_t chunk_bytes_max = std::size_t{256} << 20;

// How the samples of a chunk are stored.
enum class Encoding : std::uint32_t {
    whole_percent = 1,  // one byte each, where every sample of the chunk is a whole number of percent
    hundredths = 2,     // two bytes each
    rates = 3,          // two bytes each (sample_codes.hpp)
};

// A chunk is a block per column. Their numbers in the file: CPU, then TraceColumn's.
inline constexpr std::uint32_t cpu_block = 0;
[[nodiscard]] constexpr std::uint32_t block_of(TraceColumn column) { return static_cast<std::uint32_t>(column) + 1; }

struct Header {
    std::uint32_t version = trace_format::version;
    std::uint64_t file_bytes = 0;
    std::uint64_t vm_count = 0;
    std::uint64_t interval_count = 0;
    double interval_s = 0.0;
    std::uint32_t intervals_per_chunk = 0;
    std::uint32_t chunk_count = 0;
    std::uint64_t vm_table_offset = 0;
    std::uint64_t vm_table_stored_bytes = 0;
    std::uint64_t vm_table_bytes = 0;
    std::uint32_t vm_table_crc = 0;
    std::uint32_t index_crc = 0;
    std::uint64_t index_offset = 0;
    ByColumn<bool> recorded;

    // The block numbers of a chunk, in the order in which they lie in the file.
    [[nodiscard]] std::vector<std::uint32_t> blocks() const;
    [[nodiscard]] std::size_t index_bytes() const { return chunk_count * blocks().size() * index_entry_bytes; }
};

struct IndexEntry {
    std::uint64_t offset = 0;
    std::uint32_t stored_bytes = 0;
    std::uint32_t crc = 0;
    Encoding encoding = Encoding::whole_percent;
    std::uint32_t block = cpu_block;
};

// CRC-32 (ISO 3309, the one of gzip).
[[nodiscard]] std::uint32_t crc32(Bytes bytes);

[[nodiscard]] std::vector<std::byte> encode(const Header& header);
[[nodiscard]] std::vector<std::byte> encode(std::span<const IndexEntry> index);
// The VM table before compression, with the name of the trace. Lifetimes end with the trace at the latest.
[[nodiscard]] std::vector<std::byte> encode_vm_table(const TraceInfo& info);

// The decoders check everything about their bytes but not about the rest of the file. Errors say what is wrong, without
// the file's name. `bytes` begins with the file's first byte and is at least header_bytes long.
[[nodiscard]] Result<Header> decode_header(Bytes bytes);
// Blocks lie one after the other, from the header on to the VM table.
[[nodiscard]] Result<std::vector<IndexEntry>> decode_index(Bytes bytes, const Header& header);
[[nodiscard]] Result<TraceInfo> decode_vm_table(Bytes bytes, const Header& header);

// 1 to 255 bytes, no control characters.
[[nodiscard]] bool is_name(std::string_view name);
// MHz from 0 to 1e12 and bytes of memory from 0 to 1e18.
[[nodiscard]] bool is_vm_size(const TraceVm& vm);

}  // namespace ballast::trace_format
