// SPDX-License-Identifier: Apache-2.0
// Columns and buckets: https://github.com/Azure/AzurePublicDataset, AzurePublicDatasetV1.md, AzurePublicDatasetV2.md
// and the notebooks in analysis/. Times are seconds from the beginning of the recording.
#include <optional>

#include "simulator/trace/import/formats.hpp"
#include "simulator/trace/import/rows.hpp"

namespace ballast {

namespace {

constexpr double bytes_per_gb = 1024.0 * 1024.0 * 1024.0;
constexpr double time_s_max = 1e12;

// A number of cores or GB, or the open bucket at the end.
std::optional<double> to_size(std::string_view field, AzureYear year, std::string_view open, double open_value) {
    if (year == AzureYear::y2019 && field == open) return open_value;
    const auto value = to_number(field);
    return value && *value > 0.0 && *value <= 65'536.0 ? value : std::nullopt;
}

Status read_vm(const CsvFields& fields, AzureYear year, TraceBuilder& builder) {
    if (fields.size() != 11) {
        return wrong_width(fields.size(), "the 11 of a VM table (vmid,subscriptionid,deploymentid,vmcreated,...)");
    }
    const Result<TraceBuilder::VmIndex> vm = builder.vm(fields[0]);
    if (!vm) return tl::unexpected(vm.error());
    const auto created = to_number(fields[3]);
    const auto deleted = to_number(fields[4]);
    if (!created || !deleted || *created < 0.0 || *deleted < *created || *deleted > time_s_max) {
        return bad_row("created " + in_quotes(fields[3]) + ", deleted " + in_quotes(fields[4]) +
                       ": not a life in seconds");
    }
    const auto cores = to_size(fields[9], year, ">24", 30.0);
    const auto memory = to_size(fields[10], year, ">64", 70.0);
    if (!cores) return bad_row(in_quotes(fields[9]) + " is not a number of cores");
    if (!memory) return bad_row(in_quotes(fields[10]) + " is not an amount of memory in GB");
    builder.set_size(*vm, static_cast<std::uint32_t>(*cores), 0.0, *memory * bytes_per_gb);
    builder.set_life(*vm, *created, *deleted);
    return {};
}

Status read_reading(const CsvFields& fields, TraceBuilder& builder, ImportSkips& skips) {
    if (fields.size() != 5) return wrong_width(fields.size(), "the 5 of CPU readings (time,vmid,min,max,average)");
    const auto time = to_number(fields[0]);
    const auto average = to_number(fields[4]);
    if (!time) return bad_row(in_quotes(fields[0]) + " is not a time in seconds");
    if (!average) return bad_row(in_quotes(fields[4]) + " is not a CPU use in percent");
    const auto vm = builder.find(fields[1]);
    if (!vm) {
        ++skips.unknown_vms;
        return {};
    }
    return builder.add(*vm, *time, 0.0, *average);
}

}  // namespace

Status read_azure_vm_table(LineReader& lines, AzureYear year, TraceBuilder& builder) {
    return for_each_row(lines, ',', [&](const CsvFields& fields) { return read_vm(fields, year, builder); });
}

Status read_azure_readings(LineReader& lines, TraceBuilder& builder, ImportSkips& skips) {
    return for_each_row(lines, ',', [&](const CsvFields& fields) { return read_reading(fields, builder, skips); });
}

}  // namespace ballast
