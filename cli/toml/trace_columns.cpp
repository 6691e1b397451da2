// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/trace_columns.hpp"

#include <charconv>
#include <utility>

#include "cli/toml/table_reader.hpp"
#include "simulator/trace/import/csv_fields.hpp"

namespace ballast {

namespace {

using toml_io::Document;
using toml_io::TableReader;

// "cpu" is the column of this name, "#3" the third one.
CsvColumn read_column(TableReader& table, const char* key, bool header) {
    CsvColumn column;
    const std::string text = table.text(key);
    if (!text.starts_with('#')) {
        column.name = text;
        if (!text.empty() && !header)
            table.error(key, "without a header a column is given by number: \"#1\" is the first");
        return column;
    }
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, column.number);
    if (error != std::errc() || stop != end || column.number < 1 || column.number > CsvFields::fields_max) {
        table.error(key, "a column by number is \"#1\" to \"#64\"");
        column.number = 0;
    }
    return column;
}

// The value that belongs to the text of `key`; the first one if the key is absent.
template <typename T, std::size_t N>
T read_choice(TableReader& table, const char* key, const std::pair<const char*, T> (&choices)[N]) {
    const std::string text = table.text(key, choices[0].first);
    std::string known;
    for (const auto& [name, value] : choices) {
        if (text == name) return value;
        known.append(known.empty() ? "\"" : ", \"").append(name).append("\"");
    }
    table.error(key, std::string("\"").append(key).append("\" must be one of ").append(known));
    return choices[0].second;
}

constexpr std::pair<const char*, CsvTimeUnit> time_units[] = {{"s", CsvTimeUnit::seconds},
                                                              {"ms", CsvTimeUnit::milliseconds},
                                                              {"us", CsvTimeUnit::microseconds},
                                                              {"date", CsvTimeUnit::date}};
constexpr std::pair<const char*, CsvCpuUnit> cpu_units[] = {
    {"percent", CsvCpuUnit::percent}, {"fraction", CsvCpuUnit::fraction}, {"mhz", CsvCpuUnit::mhz}};
constexpr std::pair<const char*, double> memory_units[] = {
    {"bytes", 1.0}, {"kib", 1024.0}, {"mib", 1048576.0}, {"gib", 1073741824.0}};
constexpr std::pair<const char*, CsvMemoryUsedUnit> memory_used_units[] = {{"percent", CsvMemoryUsedUnit::percent},
                                                                           {"fraction", CsvMemoryUsedUnit::fraction},
                                                                           {"memory", CsvMemoryUsedUnit::size}};
constexpr std::pair<const char*, double> rate_units[] = {
    {"bytes/s", 1.0}, {"kib/s", 1024.0}, {"mib/s", 1048576.0}, {"kbit/s", 125.0}, {"mbit/s", 125000.0}};

void read_columns(TableReader table, CsvMap& map) {
    map.vm = read_column(table, "vm", map.header);
    map.time = read_column(table, "time", map.header);
    map.cpu = read_column(table, "cpu", map.header);
    map.vcpus = read_column(table, "vcpus", map.header);
    map.cpu_mhz = read_column(table, "cpu_mhz", map.header);
    map.memory = read_column(table, "memory", map.header);
    map.memory_used = read_column(table, "memory_used", map.header);
    map.network = read_column(table, "network", map.header);
    map.network_sent = read_column(table, "network_sent", map.header);
    map.disk = read_column(table, "disk", map.header);
    map.disk_written = read_column(table, "disk_written", map.header);
    if (map.network_sent.given() && !map.network.given()) {
        table.error("network_sent", "\"network_sent\" is added to the column \"network\", which is missing");
    }
    if (map.disk_written.given() && !map.disk.given()) {
        table.error("disk_written", "\"disk_written\" is added to the column \"disk\", which is missing");
    }
    if (!map.time.given()) table.error("time", "[columns] does not say which column is the time");
    if (!map.cpu.given()) table.error("cpu", "[columns] does not say which column is the CPU use");
    table.finish();
}

void read_units(TableReader table, CsvMap& map) {
    map.time_unit = read_choice(table, "time", time_units);
    map.cpu_unit = read_choice(table, "cpu", cpu_units);
    map.memory_unit_bytes = read_choice(table, "memory", memory_units);
    map.memory_used_unit = read_choice(table, "memory_used", memory_used_units);
    map.network_unit_bytes_per_s = read_choice(table, "network", rate_units);
    map.disk_unit_bytes_per_s = read_choice(table, "disk", rate_units);
    if (map.memory_used_unit == CsvMemoryUsedUnit::size && !map.memory.given()) {
        table.error("memory_used", "memory in use as a size needs the column memory: what 100 % is");
    }
    if (map.cpu_unit == CsvCpuUnit::mhz && !map.cpu_mhz.given()) {
        table.error("cpu", "a CPU use in MHz needs the column cpu_mhz: what 100 % is");
    }
    table.finish();
}

Result<CsvMap> read_map(const Document& document) {
    TableReader root = document.root();
    CsvMap map;
    const std::string separator = root.text("separator", ",");
    if (separator.size() != 1 || separator == "\"") root.error("separator", "\"separator\" must be one character");
    if (!separator.empty()) map.separator = separator.front();
    map.header = root.boolean("header", map.header);
    map.decimal_comma = root.boolean("decimal_comma", map.decimal_comma);
    map.interval_s = root.number("interval_s", map.interval_s, {0.001, 1e9});
    if (auto table = root.table("columns")) {
        read_columns(*table, map);
    } else {
        root.error("columns", "the map has no [columns]");
    }
    if (auto table = root.table("units")) read_units(*table, map);
    root.finish();
    if (document.error()) return tl::unexpected(*document.error());
    return map;
}

}  // namespace

Result<CsvMap> load_trace_columns(const std::string& path) {
    const Result<Document> document = Document::load(path);
    if (!document) return tl::unexpected(document.error());
    return read_map(*document);
}

Result<CsvMap> parse_trace_columns(std::string_view text, const std::string& name) {
    const Result<Document> document = Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    return read_map(*document);
}

}  // namespace ballast
