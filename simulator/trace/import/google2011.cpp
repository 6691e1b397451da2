// SPDX-License-Identifier: Apache-2.0
// Columns: "Google cluster-usage traces: format + schema", version 2.1 (C. Reiss, J. Wilkes, J. Hellerstein,
// 2011/2014), https://github.com/google/cluster-data, ClusterData2011_2.md. Times are microseconds, the recording
// begins at 600 s; CPU and memory are shares of the largest machine, a CPU rate is core-seconds per second. Disk I/O is
// recorded as time, not as bytes, and the network is not: neither is used.
#include <algorithm>
#include <array>
#include <optional>

#include "simulator/trace/import/formats.hpp"
#include "simulator/trace/import/rows.hpp"

namespace ballast {

namespace {

constexpr double microseconds_per_s = 1e6;

// Events before and after the recording have the times 0 and 2^63-1; they carry requests all the same.
constexpr std::size_t event_fields = 13;

// 19 columns in clusterdata-2011-1, 20 in -2: the last is one randomly picked second, which is not used.
bool is_usage(std::size_t fields) { return fields == 19 || fields == 20; }

Result<TraceBuilder::VmIndex> task_of(const CsvFields& fields, TraceBuilder& builder) {
    // Most tasks come back every five minutes: no allocation for a name that is known.
    constexpr std::size_t id_bytes_max = 20;
    std::array<char, 2 * id_bytes_max + 1> name{};
    if (fields[2].empty() || fields[3].empty() || fields[2].size() > id_bytes_max || fields[3].size() > id_bytes_max) {
        return bad_row("job " + in_quotes(fields[2]) + ", task " + in_quotes(fields[3]) + ": not a task");
    }
    char* end = std::copy(fields[2].begin(), fields[2].end(), name.begin());
    *end++ = '/';
    end = std::copy(fields[3].begin(), fields[3].end(), end);
    return builder.vm({name.data(), static_cast<std::size_t>(end - name.data())});
}

// A share of the largest machine; 0 for an empty field, which the schema allows.
std::optional<double> to_share(std::string_view field) {
    if (field.empty()) return 0.0;
    const auto value = to_number(field);
    return value && *value >= 0.0 && *value <= 1000.0 ? value : std::nullopt;
}

}  // namespace

Status GoogleRequests::read(LineReader& lines, TraceBuilder& builder, const GoogleMachine& machine) {
    return for_each_row(lines, ',', [&](const CsvFields& fields) -> Status {
        if (fields.size() != event_fields) {
            return wrong_width(fields.size(), "the 13 of task_events (time,missing info,job,task,machine,...)");
        }
        const Result<TraceBuilder::VmIndex> vm = task_of(fields, builder);
        if (!vm) return tl::unexpected(vm.error());
        const auto cpu = to_share(fields[9]);
        const auto memory = to_share(fields[10]);
        if (!cpu) return bad_row(in_quotes(fields[9]) + " is not a CPU request");
        if (!memory) return bad_row(in_quotes(fields[10]) + " is not a memory request");
        if (*vm >= of_.size()) of_.resize(*vm + std::size_t{1});
        of_[*vm].cpu = std::max(of_[*vm].cpu, static_cast<float>(*cpu));
        of_[*vm].memory = std::max(of_[*vm].memory, static_cast<float>(*memory));
        builder.set_size(*vm, 0, *cpu * machine.cpu_mhz, *memory * machine.memory_bytes);
        return {};
    });
}

Status read_google_usage(LineReader& lines, const GoogleRequests& requests, TraceBuilder& builder, ImportSkips& skips) {
    return for_each_row(lines, ',', [&](const CsvFields& fields) -> Status {
        if (!is_usage(fields.size())) {
            return wrong_width(fields.size(), "the 19 or 20 of task_usage (start,end,job,task,machine,CPU rate,...)");
        }
        const auto start = to_number(fields[0]);
        const auto end = to_number(fields[1]);
        const auto rate = to_number(fields[5]);
        if (!start || !end || *end < *start) {
            return bad_row("from " + in_quotes(fields[0]) + " to " + in_quotes(fields[1]) +
                           ": not a period in microseconds");
        }
        if (!rate) return bad_row(in_quotes(fields[5]) + " is not a CPU rate");
        const auto memory = to_share(fields[6]);
        if (!memory) return bad_row(in_quotes(fields[6]) + " is not a memory usage");
        const Result<TraceBuilder::VmIndex> vm = task_of(fields, builder);
        if (!vm) return tl::unexpected(vm.error());
        const double whole = requests.empty() ? 1.0 : requests.cpu_of(*vm);
        if (whole <= 0.0) {
            ++skips.invalid_samples;
            return {};
        }
        OtherUse others;
        const double whole_memory = requests.empty() ? 1.0 : requests.memory_of(*vm);
        if (whole_memory > 0.0 && !fields[6].empty()) others[TraceColumn::memory] = 100.0 * *memory / whole_memory;
        return builder.add(*vm, *start / microseconds_per_s, (*end - *start) / microseconds_per_s,
                           100.0 * *rate / whole, others);
    });
}

}  // namespace ballast
