// SPDX-License-Identifier: Apache-2.0
// Columns: http://gwa.ewi.tudelft.nl/datasets/gwa-t-12-bitbrains; Materna has the same and some more, written the
// German way: quotes around the fields, decimal commas, dates as DD.MM.YYYY HH:MM:SS.
#include <optional>

#include "simulator/trace/import/csv_fields.hpp"
#include "simulator/trace/import/formats.hpp"

namespace ballast {

namespace {

constexpr char separator = ';';
// The year 5138 in seconds, 1973 in milliseconds.
constexpr double seconds_max = 1e11;
constexpr double bytes_per_kb = 1024.0;

struct Columns {
    std::size_t time = 0;
    std::size_t cpu = 0;
    std::optional<std::size_t> cores;
    std::optional<std::size_t> mhz;
    std::optional<std::size_t> memory;
    std::optional<std::size_t> memory_used;
    std::optional<std::size_t> disk_read;
    std::optional<std::size_t> disk_written;
    std::optional<std::size_t> received;
    std::optional<std::size_t> transmitted;
    std::size_t count = 0;
};

std::optional<Columns> find_columns(const CsvFields& header) {
    const auto time = header.find("Timestamp [ms]") ? header.find("Timestamp [ms]") : header.find("Timestamp");
    const auto cpu = header.find("CPU usage [%]");
    if (!time || !cpu) return std::nullopt;
    return Columns{*time,
                   *cpu,
                   header.find("CPU cores"),
                   header.find("CPU capacity provisioned [MHZ]"),
                   header.find("Memory capacity provisioned [KB]"),
                   header.find("Memory usage [KB]"),
                   header.find("Disk read throughput [KB/s]"),
                   header.find("Disk write throughput [KB/s]"),
                   header.find("Network received throughput [KB/s]"),
                   header.find("Network transmitted throughput [KB/s]"),
                   header.size()};
}

std::optional<double> to_time(std::string_view field) {
    if (field.size() > 2 && field[2] == '.') return to_date(field);
    const auto value = to_number(field);
    return value && *value >= seconds_max ? *value / 1000.0 : value;
}

// A size, 0 if the column is not there; nothing if it is not a size.
std::optional<double> to_size(const CsvFields& fields, std::optional<std::size_t> column, double max) {
    if (!column) return 0.0;
    const auto value = to_number(fields[*column], true);
    return value && *value >= 0.0 && *value <= max ? value : std::nullopt;
}

constexpr double kb_max = 1e15;

// Both directions added, in bytes per second; nothing if one of the columns is not there. Errors: not a size.
Result<std::optional<double>> to_rate(const CsvFields& fields, std::optional<std::size_t> one,
                                      std::optional<std::size_t> other) {
    if (!one || !other) return std::nullopt;
    const auto a = to_size(fields, one, kb_max);
    const auto b = to_size(fields, other, kb_max);
    if (!a || !b) return fail(ErrorKind::usage, "disk or network throughput is not one");
    return std::optional((*a + *b) * bytes_per_kb);
}

// Of a row with this memory; a VM that is switched off has none, and uses none of it.
Result<OtherUse> to_other_use(const CsvFields& fields, const Columns& columns, double memory_kb) {
    OtherUse use;
    const auto used_kb = to_size(fields, columns.memory_used, kb_max);
    if (!used_kb) return fail(ErrorKind::usage, "the memory in use is not a size");
    if (columns.memory_used && memory_kb > 0.0) use[TraceColumn::memory] = *used_kb / memory_kb * 100.0;
    const auto network = to_rate(fields, columns.received, columns.transmitted);
    const auto disk = to_rate(fields, columns.disk_read, columns.disk_written);
    if (!network) return tl::unexpected(network.error());
    if (!disk) return tl::unexpected(disk.error());
    use[TraceColumn::network] = *network;
    use[TraceColumn::disk_io] = *disk;
    return use;
}

Status read_row(const CsvFields& fields, const Columns& columns, TraceBuilder::VmIndex vm, TraceBuilder& builder) {
    const auto bad = [](std::string reason) { return fail(ErrorKind::usage, std::move(reason)); };
    if (fields.size() != columns.count) {
        return bad(std::to_string(fields.size()) + " fields; the header has " + std::to_string(columns.count));
    }
    const auto time = to_time(fields[columns.time]);
    if (!time) return bad(in_quotes(fields[columns.time]) + " is not a time");
    const auto cpu = to_number(fields[columns.cpu], true);
    if (!cpu) return bad(in_quotes(fields[columns.cpu]) + " is not a CPU use in percent");
    const auto cores = to_size(fields, columns.cores, 65'536.0);
    const auto mhz = to_size(fields, columns.mhz, 1e12);
    const auto memory = to_size(fields, columns.memory, kb_max);
    if (!cores || !mhz || !memory) return bad("cores, capacity or memory is not a size");
    builder.set_size(vm, static_cast<std::uint32_t>(*cores), *mhz, *memory * bytes_per_kb);
    const Result<OtherUse> others = to_other_use(fields, columns, *memory);
    if (!others) return tl::unexpected(others.error());
    return builder.add(vm, *time, 0.0, *cpu, *others);
}

}  // namespace

Status read_bitbrains_file(LineReader& lines, std::string_view vm_name, TraceBuilder& builder) {
    const Result<TraceBuilder::VmIndex> vm = builder.vm(vm_name);
    if (!vm) return lines.bad(vm.error().message);
    std::string_view line;
    CsvFields fields;
    std::optional<Columns> columns;
    for (;;) {
        const Result<bool> more = lines.next(line);
        if (!more) return tl::unexpected(more.error());
        if (!*more) break;
        if (Status ok = fields.split(line, separator); !ok) return lines.bad(ok.error().message);
        if (!columns) {
            columns = find_columns(fields);
            if (!columns) return lines.bad("no header with the columns \"Timestamp [ms]\" and \"CPU usage [%]\"");
            continue;
        }
        if (Status ok = read_row(fields, *columns, *vm, builder); !ok) return lines.bad(ok.error().message);
    }
    if (!columns) return lines.bad("the file is empty");
    return {};
}

}  // namespace ballast
