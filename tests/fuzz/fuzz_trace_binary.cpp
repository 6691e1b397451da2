// SPDX-License-Identifier: Apache-2.0
// Whatever opens as a trace can be read without harm. The checksums are made right first: behind them is the code that
// has to survive.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "simulator/trace/binary_format.hpp"
#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/sample_codes.hpp"

namespace {

using namespace ballast::trace_format;

// Where docs/formats/trace.md has them.
constexpr std::size_t file_bytes_at = 16, chunks_at = 52, table_at = 56, table_bytes_at = 64, table_crc_at = 80,
                      index_crc_at = 84, index_at = 88, columns_at = 96, header_crc_at = 124;

template <typename T>
T get(const std::vector<std::byte>& bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    return value;
}

template <typename T>
void put(std::vector<std::byte>& bytes, std::size_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof(T));
}

// Sets the checksum at `crc_at` to that of [at, at + size), if that is inside.
void mend(std::vector<std::byte>& bytes, std::size_t crc_at, std::uint64_t at, std::uint64_t size) {
    if (at > bytes.size() || size > bytes.size() - at) return;
    put(bytes, crc_at, crc32(Bytes(bytes).subspan(at, size)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* begin = reinterpret_cast<const std::byte*>(data);
    std::vector<std::byte> bytes(begin, begin + size);
    if (size >= header_bytes) {
        put<std::uint64_t>(bytes, file_bytes_at, size);
        const auto index = get<std::uint64_t>(bytes, index_at);
        const auto columns = static_cast<unsigned>(std::popcount(get<std::uint32_t>(bytes, columns_at) & 7U));
        const std::uint64_t blocks = std::uint64_t{get<std::uint32_t>(bytes, chunks_at)} * (1 + columns);
        for (std::uint64_t c = 0; index < size && c < blocks && index + (c + 1) * index_entry_bytes <= size; ++c) {
            const std::size_t entry = index + c * index_entry_bytes;
            mend(bytes, entry + 12, get<std::uint64_t>(bytes, entry), get<std::uint32_t>(bytes, entry + 8));
        }
        mend(bytes, table_crc_at, get<std::uint64_t>(bytes, table_at), get<std::uint64_t>(bytes, table_bytes_at));
        mend(bytes, index_crc_at, index, blocks * index_entry_bytes);
        mend(bytes, header_crc_at, 0, header_crc_at);
    }
    const auto source = ballast::BinaryTraceSource::over(bytes, "fuzz");
    if (!source) return 0;
    std::vector<float> row((*source)->info().vms.size());
    const std::size_t step = (*source)->info().interval_count / 64 + 1;  // millions of empty intervals say nothing new
    for (std::size_t i = 0; i < (*source)->info().interval_count; i += step) {
        if (!(*source)->read_cpu_percent(i, row)) return 0;
        for (const float percent : row) {
            if (!(percent >= 0.0F && percent <= 100.0F)) __builtin_trap();
        }
        for (const ballast::TraceColumn column : ballast::trace_columns) {
            if (!(*source)->info().recorded[column]) continue;
            if (!(*source)->read_column(i, column, row)) return 0;
            const float max = column == ballast::TraceColumn::memory ? 100.0F : static_cast<float>(rate_max);
            for (const float value : row) {
                if (!(value >= 0.0F && value <= max)) __builtin_trap();
            }
        }
    }
    return 0;
}
