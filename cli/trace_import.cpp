// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "cli/toml/trace_columns.hpp"
#include "cli/trace.hpp"
#include "cli/trace_import_prometheus.hpp"
#include "simulator/trace/import/import.hpp"

namespace ballast {

namespace {

struct Arguments {
    std::string format;
    std::string columns;
    std::string queries;
    std::string output;
    double machine_memory_gib = 0.0;
    std::optional<double> interval_s;
    std::optional<double> load_percent;
    ImportOptions import;
};

constexpr const char* prometheus_format = "prometheus";  // the one that is no table

Status check_numbers(const Arguments& arguments) {
    const auto positive = [](double value) { return std::isfinite(value) && value > 0.0; };
    if (arguments.interval_s && !(positive(*arguments.interval_s) && *arguments.interval_s <= 1e9)) {
        return fail(ErrorKind::usage, "--interval must be a positive number of seconds");
    }
    for (const auto& time : {arguments.import.from_s, arguments.import.until_s}) {
        if (time && !std::isfinite(*time)) return fail(ErrorKind::usage, "--from and --until are numbers of seconds");
    }
    const double mhz = arguments.import.google_machine.cpu_mhz;
    const double cores = arguments.import.azure_packing.machine_cores;
    const double gib = arguments.machine_memory_gib;
    const auto is_size = [](double value, double max) { return value >= 0.0 && value <= max; };
    if (!is_size(mhz, 1e9) || !is_size(cores, 65'536.0) || !is_size(gib, 1e6)) {
        return fail(ErrorKind::usage, "--machine-mhz, --machine-cores and --machine-memory-gib are sizes of a machine");
    }
    const bool google = arguments.import.format == ImportFormat::google2011 && !arguments.import.vm_tables.empty();
    const bool packing = arguments.import.format == ImportFormat::azure_packing2020;
    if ((mhz > 0.0 && !google) || (gib > 0.0 && !google && !packing)) {
        return fail(ErrorKind::usage, "--machine-mhz and --machine-memory-gib go with google2011 and --vm-table");
    }
    if ((cores > 0.0 && !packing) || packing != arguments.load_percent.has_value()) {
        return fail(ErrorKind::usage,
                    "--load-percent and --machine-cores go with azure-packing2020, which needs the first");
    }
    if (packing && !(positive(*arguments.load_percent) && *arguments.load_percent <= 100.0)) {
        return fail(ErrorKind::usage, "--load-percent must be above 0 and at most 100");
    }
    return {};
}

Result<ImportOptions> to_options(const Arguments& arguments) {
    ImportOptions options = arguments.import;
    const std::optional<ImportFormat> format = find_import_format(arguments.format);
    if (!format) {
        std::string known;
        for (const ImportFormatInfo& info : import_formats()) known += std::string(info.name) + ", ";
        known += prometheus_format;
        return fail(ErrorKind::usage, "unknown format \"" + arguments.format + "\"; known: " + known);
    }
    options.format = *format;
    Arguments checked = arguments;
    checked.import.format = *format;
    if (Status ok = check_numbers(checked); !ok) return tl::unexpected(ok.error());
    options.interval_s = arguments.interval_s.value_or(0.0);
    options.google_machine.memory_bytes = arguments.machine_memory_gib * 1073741824.0;
    options.azure_packing.machine_memory_bytes = arguments.machine_memory_gib * 1073741824.0;
    options.azure_packing.load_percent = arguments.load_percent.value_or(options.azure_packing.load_percent);
    if (!arguments.queries.empty()) return fail(ErrorKind::usage, "--queries goes with --format prometheus");
    if ((*format == ImportFormat::csv) != !arguments.columns.empty()) {
        return fail(ErrorKind::usage, "--format csv and --columns MAP.toml go together");
    }
    if (*format == ImportFormat::csv) {
        const Result<CsvMap> map = load_trace_columns(arguments.columns);
        if (!map) return tl::unexpected(map.error());
        options.csv = *map;
    }
    return options;
}

std::vector<std::string> recorded(const TraceBuilderSummary& trace) {
    std::vector<std::string> columns = {"cpu"};
    if (trace.recorded[TraceColumn::memory]) columns.emplace_back("memory");
    if (trace.recorded[TraceColumn::network]) columns.emplace_back("network");
    if (trace.recorded[TraceColumn::disk_io]) columns.emplace_back("disk");
    return columns;
}

// `files` = 0: they came from somewhere else.
std::string to_json(const std::string& path, const ImportSummary& summary) {
    nlohmann::ordered_json json;
    json["path"] = path;
    json["files"] = summary.files;
    json["vms"] = summary.trace.vms;
    json["intervals"] = summary.trace.intervals;
    json["samples"] = summary.trace.samples;
    json["samples_outside"] = summary.trace.samples_outside;
    json["samples_above_100"] = summary.trace.samples_above_100;
    json["samples_invalid"] = summary.skips.invalid_samples;
    json["samples_of_unknown_vms"] = summary.skips.unknown_vms;
    json["vms_without_samples"] = summary.trace.vms_without_samples;
    json["vm_intervals_held"] = summary.trace.held;
    json["vm_intervals_unsampled"] = summary.trace.unsampled;
    json["recorded"] = recorded(summary.trace);
    json["file_bytes"] = summary.trace.file_bytes;
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_text(const std::string& path, const ImportSummary& summary) {
    const TraceBuilderSummary& trace = summary.trace;
    const std::string from = summary.files > 0 ? fmt::format(" from {} files", summary.files) : "";
    std::string text = fmt::format("{}: {} VMs, {} intervals, {} samples{}; {}\n", path, trace.vms, trace.intervals,
                                   trace.samples, from, bytes_in_words(static_cast<double>(trace.file_bytes)));
    text += fmt::format("  recorded: {}\n", fmt::join(recorded(trace), ", "));
    const auto also = [&](std::uint64_t count, const char* what) {
        if (count > 0) text += fmt::format("  {} {}\n", count, what);
    };
    also(trace.samples_outside, "samples left out: not between --from and --until");
    also(trace.samples_above_100, "samples above 100 %, taken as 100 %");
    also(summary.skips.invalid_samples, "samples skipped: the recording has no valid value there");
    also(summary.skips.unknown_vms, "samples skipped: their VMs are not in the VM table");
    also(trace.vms_without_samples, "VMs left out: no sample");
    also(trace.held, "VM-intervals without a sample filled with the one before (--hold)");
    also(trace.unsampled, "VM-intervals without a sample, taken as 0 %");
    return text;
}

Result<ImportSummary> import_tables(const Arguments& arguments) {
    const Result<ImportOptions> options = to_options(arguments);
    if (!options) return tl::unexpected(options.error());
    const auto reading = timed_progress("1/2 reading");
    std::function<void(std::uint64_t, std::uint64_t)> writing;
    Result<ImportSummary> summary = import_trace(*options, arguments.output, [&](const ImportProgress& progress) {
        if (progress.writing && !writing) writing = timed_progress("2/2 writing");
        (progress.writing ? writing : reading)(progress.done, progress.all);
    });
    ProgressLine::clear();
    return summary;
}

Result<ImportSummary> import_range(const Arguments& arguments) {
    const ImportOptions& import = arguments.import;
    Arguments checked = arguments;
    checked.import.format = ImportFormat::csv;
    if (Status ok = check_numbers(checked); !ok) return tl::unexpected(ok.error());
    if (import.inputs.size() != 1 || !import.vm_tables.empty() || !arguments.columns.empty()) {
        return fail(ErrorKind::usage, "--format prometheus has one input, the address, and no tables or columns");
    }
    const Result<TraceBuilderSummary> trace =
        import_prometheus_trace({import.inputs.front(), arguments.queries, arguments.output, import.name,
                                 arguments.interval_s, import.from_s, import.until_s, import.hold_intervals_max});
    if (!trace) return tl::unexpected(trace.error());
    return ImportSummary{*trace, {}, 0};
}

Result<int> run_import(const Arguments& arguments, const CommonOptions& common) {
    if (Status ok = check_trace_output(arguments.output); !ok) return tl::unexpected(ok.error());
    const Result<ImportSummary> summary =
        arguments.format == prometheus_format ? import_range(arguments) : import_tables(arguments);
    if (!summary) return tl::unexpected(summary.error());
    const Status ok = print(common.json ? to_json(arguments.output, *summary) : to_text(arguments.output, *summary));
    if (!ok) return tl::unexpected(ok.error());
    return 0;
}

std::string footer() {
    std::string text = "Formats:";
    for (const ImportFormatInfo& info : import_formats()) {
        text += fmt::format("\n  {}: {}", info.name, info.inputs);
        if (info.vm_table != nullptr) {
            text += fmt::format("\n      --vm-table {}: {}", info.vm_table_required ? "(required)" : "(optional)",
                                info.vm_table);
        }
    }
    text +=
        "\n  prometheus: the address of a Prometheus that has recorded a libvirt exporter; --from and --until are "
        "seconds "
        "since\n      1970, by default the last day; --queries FILE.toml for other exporters, and for credentials";
    return text +
           "\nExamples:\n"
           "  ballast trace import --format prometheus http://127.0.0.1:9090 --from $(date -d '7 days ago' +%s) -o "
           "week.trace\n"
           "  ballast trace import --format bitbrains fastStorage/2013-8 -o bitbrains.trace\n"
           "  ballast trace import --format azure2019 --vm-table vmtable.csv.gz vm_cpu_readings-*.csv.gz\n"
           "      --from 0 --until 86400 -o azure-day1.trace\n"
           "  ballast trace import --format csv --columns map.toml load.csv -o load.trace\n"
           "Memory grows with the number of VMs, not with the length of the recording; the import needs room beside "
           "the\n"
           "output, 8 bytes per sample and column. docs/formats/trace.md has every column, and the keys of map.toml.";
}

}  // namespace

void declare_trace_import(CLI::App& trace, CommonOptions& common, CommandAction& selected) {
    auto arguments = std::make_shared<Arguments>();
    ImportOptions& import = arguments->import;
    CLI::App* command = trace.add_subcommand("import", "Make a trace of the tables of a public recording");
    command->add_option("--format", arguments->format, "What the inputs are; see below")->required();
    command->add_option("input", import.inputs, "Files (.csv or .csv.gz), or folders of them; or the address")
        ->required();
    command->add_option("-o,--output", arguments->output, "The file to write; it appears when it is complete")
        ->required();
    command->add_option("--vm-table", import.vm_tables, "The recording's table of VMs; may be repeated")
        ->allow_extra_args(false);
    command->add_option("--columns", arguments->columns, "Which column is what (TOML), for --format csv");
    command->add_option("--queries", arguments->queries,
                        "What to ask for, and how to get in (TOML), for --format prometheus");
    command->add_option("--interval", arguments->interval_s, "Seconds; default: 300, or what the column map says");
    command->add_option("--from", import.from_s, "Leave out samples before this time, in the recording's seconds");
    command->add_option("--until", import.until_s, "Leave out samples at this time and later");
    command->add_option("--hold", import.hold_intervals_max, "Bridge gaps of so many intervals with the sample before")
        ->capture_default_str();
    command->add_option("--name", import.name, "Name of the trace in tables and results; default: that of the output");
    command->add_option("--machine-mhz", import.google_machine.cpu_mhz, "google2011: CPU of the largest machine");
    command->add_option("--machine-cores", import.azure_packing.machine_cores, "azure-packing2020: cores of a machine");
    command->add_option("--machine-memory-gib", arguments->machine_memory_gib,
                        "google2011, azure-packing2020: its memory");
    command->add_option("--load-percent", arguments->load_percent, "azure-packing2020: the CPU use of every VM");
    command->footer(footer());
    add_common_options(*command, common);
    command->callback([arguments, &common, &selected] {
        selected = [arguments, &common] { return run_import(*arguments, common); };
    });
}

}  // namespace ballast
