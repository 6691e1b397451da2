// SPDX-License-Identifier: Apache-2.0
// Imports the tables of public recordings into Ballast's own trace file.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "simulator/trace/import/formats.hpp"
#include "simulator/trace/import/generic_csv.hpp"
#include "simulator/trace/import/trace_builder.hpp"

namespace ballast {

enum class ImportFormat { bitbrains, azure2017, azure2019, azure_packing2020, google2011, alibaba2018, csv };

struct ImportFormatInfo {
    ImportFormat format;
    const char* name;      // on the command line
    const char* inputs;    // what the inputs are
    const char* vm_table;  // what the VM table is; nullptr = there is none
    bool vm_table_required;
};
[[nodiscard]] std::span<const ImportFormatInfo> import_formats();
[[nodiscard]] std::optional<ImportFormat> find_import_format(std::string_view name);

struct ImportOptions {
    ImportFormat format = ImportFormat::csv;
    // Files, plain or gzip, or folders of .csv and .csv.gz files, in which names are sorted by length first: 2
    // before 10.
    std::vector<std::string> inputs;
    std::vector<std::string> vm_tables;
    GoogleMachine google_machine;
    AzurePacking azure_packing;
    CsvMap csv;
    // 0 = that of the format: five minutes, or what `csv` says.
    double interval_s = 0.0;
    std::optional<double> from_s;
    std::optional<double> until_s;
    std::size_t hold_intervals_max = 1;
    std::string name;  // of the trace; empty = that of the output
};

struct ImportSummary {
    TraceBuilderSummary trace;
    ImportSkips skips;
    std::size_t files = 0;
};

// Bytes of input read, then intervals written.
struct ImportProgress {
    bool writing = false;
    std::uint64_t done = 0;
    std::uint64_t all = 0;
};

// Writes `path`; needs about as much room again beside it while it works. Memory: about 240 bytes per VM and 150 for
// its 24 intervals, plus 64 MiB. Deterministic. Errors: usage, "FILE:LINE: reason" for damaged input; failed where
// `path` cannot be written. `progress`, if given, is called now and then.
[[nodiscard]] Result<ImportSummary> import_trace(const ImportOptions& options, const std::string& path,
                                                 const std::function<void(const ImportProgress&)>& progress = {});

}  // namespace ballast
