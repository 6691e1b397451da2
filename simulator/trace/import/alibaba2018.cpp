// SPDX-License-Identifier: Apache-2.0
// Columns: https://github.com/alibaba/clusterdata, cluster-trace-v2018/schema.txt. Times are seconds from the beginning
// of the recording; sizes of memory, network and disk are normalised and therefore not used, only the memory in use,
// which is a percentage.
#include <cmath>

#include "simulator/trace/import/formats.hpp"
#include "simulator/trace/import/rows.hpp"

namespace ballast {

namespace {

constexpr std::size_t machine_usage_fields = 9;
constexpr std::size_t container_usage_fields = 11;
constexpr std::size_t machine_meta_fields = 7;
constexpr std::size_t container_meta_fields = 8;
constexpr double request_per_core = 100.0;

// "abnormal values are of -1 or 101"; an empty field is missing.
bool is_void(std::string_view field, double value) { return field.empty() || value == -1.0 || value == 101.0; }

}  // namespace

Status read_alibaba_meta(LineReader& lines, TraceBuilder& builder) {
    return for_each_row(lines, ',', [&](const CsvFields& fields) -> Status {
        const bool machines = fields.size() == machine_meta_fields;
        if (!machines && fields.size() != container_meta_fields) {
            return wrong_width(fields.size(), "the 7 of machine_meta or the 8 of container_meta");
        }
        const std::string_view field = fields[machines ? 4 : 5];
        const auto value = to_number(field);
        if (!field.empty() && (!value || *value < 0.0 || *value > 65'536.0 * request_per_core)) {
            return bad_row(in_quotes(field) + (machines ? " is not a number of CPUs" : " is not a CPU request"));
        }
        const Result<TraceBuilder::VmIndex> vm = builder.vm(fields[0]);
        if (!vm) return tl::unexpected(vm.error());
        const double cores = std::ceil(value.value_or(0.0) / (machines ? 1.0 : request_per_core));
        builder.set_size(*vm, static_cast<std::uint32_t>(cores), 0.0, 0.0);
        return {};
    });
}

Status read_alibaba_usage(LineReader& lines, TraceBuilder& builder, ImportSkips& skips) {
    return for_each_row(lines, ',', [&](const CsvFields& fields) -> Status {
        const bool machines = fields.size() == machine_usage_fields;
        if (!machines && fields.size() != container_usage_fields) {
            return wrong_width(fields.size(), "the 9 of machine_usage or the 11 of container_usage");
        }
        const std::string_view time_field = fields[machines ? 1 : 2];
        const std::string_view cpu_field = fields[machines ? 2 : 3];
        const auto time = to_number(time_field);
        const auto cpu = to_number(cpu_field);
        if (!time || *time < 0.0) return bad_row(in_quotes(time_field) + " is not a time in seconds");
        if (!cpu && !cpu_field.empty()) return bad_row(in_quotes(cpu_field) + " is not a CPU use in percent");
        const Result<TraceBuilder::VmIndex> vm = builder.vm(fields[0]);
        if (!vm) return tl::unexpected(vm.error());
        if (is_void(cpu_field, cpu.value_or(0.0))) {
            ++skips.invalid_samples;
            return {};
        }
        const std::string_view memory_field = fields[machines ? 3 : 4];
        const auto memory = to_number(memory_field);
        if (!memory && !memory_field.empty())
            return bad_row(in_quotes(memory_field) + " is not a memory use in percent");
        OtherUse others;
        if (!is_void(memory_field, memory.value_or(0.0))) others[TraceColumn::memory] = memory;
        return builder.add(*vm, *time, 0.0, *cpu, others);
    });
}

}  // namespace ballast
