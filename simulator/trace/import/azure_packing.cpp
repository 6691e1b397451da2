// SPDX-License-Identifier: Apache-2.0
// Columns: https://github.com/Azure/AzurePublicDataset, AzureTracesForPacking2020.md. Times are days from the beginning
// of the recording, negative for VMs that were there before; an empty end means that the VM outlived the 90 days that
// ends are reported for.
#include <algorithm>
#include <cmath>
#include <optional>

#include "simulator/trace/import/formats.hpp"
#include "simulator/trace/import/rows.hpp"

namespace ballast {

namespace {

constexpr double seconds_per_day = 86'400.0;
constexpr double days_max = 90.0;

bool is_share(std::optional<double> value) { return value && *value >= 0.0 && *value <= 1.0; }

// Whole seconds: 0.00347222 days are 300 s, not a bit less.
double to_seconds(double days) { return std::round(std::max(days, 0.0) * seconds_per_day); }

}  // namespace

Status read_azure_packing(LineReader& lines, const AzurePacking& packing, TraceBuilder& builder) {
    return for_each_row(lines, ',', [&](const CsvFields& fields) -> Status {
        if (fields.size() != 5) return wrong_width(fields.size(), "the 5 of vmId,starttime,endtime,core,memory");
        const auto start = to_number(fields[1]);
        const auto end = fields[2].empty() ? std::optional(days_max) : to_number(fields[2]);
        if (!start || !end || *end < *start || std::abs(*start) > 1e6 || *end > 1e6) {
            return bad_row("from " + in_quotes(fields[1]) + " to " + in_quotes(fields[2]) + ": not a life in days");
        }
        const auto cores = to_number(fields[3]);
        const auto memory = to_number(fields[4]);
        if (!is_share(cores)) return bad_row(in_quotes(fields[3]) + " is not a share of a machine's cores");
        if (!is_share(memory)) return bad_row(in_quotes(fields[4]) + " is not a share of a machine's memory");
        const Result<TraceBuilder::VmIndex> vm = builder.vm(fields[0]);
        if (!vm) return tl::unexpected(vm.error());
        builder.set_size(*vm, static_cast<std::uint32_t>(std::ceil(*cores * packing.machine_cores)), 0.0,
                         *memory * packing.machine_memory_bytes);
        return builder.set_constant(*vm, to_seconds(*start), to_seconds(*end), packing.load_percent);
    });
}

}  // namespace ballast
