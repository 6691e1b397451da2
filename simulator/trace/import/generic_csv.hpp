// SPDX-License-Identifier: Apache-2.0
// Any table with one sample per line: which column is what is told by a map.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "simulator/trace/import/line_reader.hpp"
#include "simulator/trace/import/trace_builder.hpp"

namespace ballast {

// A column by its name in the header, or by its number from 1 where there is no header; neither = there is none.
struct CsvColumn {
    std::string name;
    std::size_t number = 0;

    [[nodiscard]] bool given() const { return number > 0 || !name.empty(); }
};

enum class CsvTimeUnit { seconds, milliseconds, microseconds, date };
enum class CsvCpuUnit { percent, fraction, mhz };          // mhz: of the column cpu_mhz
enum class CsvMemoryUsedUnit { percent, fraction, size };  // size: of the column memory, in its unit

struct CsvMap {
    char separator = ',';
    bool header = true;
    bool decimal_comma = false;
    double interval_s = 300.0;
    CsvColumn vm;  // none: a file is a VM, called as the file
    CsvColumn time;
    CsvTimeUnit time_unit = CsvTimeUnit::seconds;
    CsvColumn cpu;
    CsvCpuUnit cpu_unit = CsvCpuUnit::percent;
    CsvColumn vcpus;
    CsvColumn cpu_mhz;
    CsvColumn memory;
    double memory_unit_bytes = 1.0;
    // What is in use of the memory, and rates: one column, or one per direction, which are added. An empty field is no
    // sample of that column.
    CsvColumn memory_used;
    CsvMemoryUsedUnit memory_used_unit = CsvMemoryUsedUnit::percent;
    CsvColumn network;
    CsvColumn network_sent;
    double network_unit_bytes_per_s = 1.0;
    CsvColumn disk;
    CsvColumn disk_written;
    double disk_unit_bytes_per_s = 1.0;
};

// Reads one file. Errors: usage, "FILE:LINE: reason".
[[nodiscard]] Status read_generic_csv(LineReader& lines, const CsvMap& map, std::string_view file_vm_name,
                                      TraceBuilder& builder);

}  // namespace ballast
