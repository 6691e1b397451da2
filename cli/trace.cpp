// SPDX-License-Identifier: Apache-2.0
#include "cli/trace.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/convert.hpp"
#include "simulator/trace/open.hpp"

namespace ballast {

namespace {

constexpr const char* footer =
    "A trace is recorded load: the CPU use of every VM, interval by interval, and memory, network and disk where "
    "the\nrecording has them. `ballast simulate --trace` replays it.\n"
    "It is read from a PlanetLab day (a folder, or a tar archive of one) or from Ballast's own file, which is "
    "compact,\n"
    "checked, and read a piece at a time. Tables of other recordings are made into such a file once:\n"
    "  ballast trace import --format bitbrains fastStorage/2013-8 -o bitbrains.trace\n"
    "  ballast trace info bitbrains.trace\n"
    "  ballast simulate --trace bitbrains.trace --policy consolidate\n"
    "docs/formats/trace.md describes the file byte by byte, and every table that can be imported.";

struct ConvertOptions {
    std::string input;
    std::string output;
};

Result<int> run_convert(const ConvertOptions& options, const CommonOptions& common) {
    if (Status ok = check_trace_output(options.output); !ok) return tl::unexpected(ok.error());
    const Result<std::unique_ptr<TraceSource>> source = open_trace(options.input);
    if (!source) return tl::unexpected(source.error());
    const Result<ConvertSummary> summary = write_trace(**source, options.output, timed_progress("converting"));
    ProgressLine::clear();
    if (!summary) return tl::unexpected(summary.error());
    const TraceInfo& info = (*source)->info();
    const auto error = static_cast<double>(summary->error_percent_max);
    const auto rate_error = static_cast<double>(summary->error_rate_max);
    if (common.json) {
        const Status ok =
            print(fmt::format("{{\"vms\":{},\"intervals\":{},\"file_bytes\":{},\"error_percent_max\":{:.4f},"
                              "\"error_rate_max\":{:.6f}}}\n",
                              info.vms.size(), info.interval_count, summary->file_bytes, error, rate_error));
        return ok ? Result<int>(0) : tl::unexpected(ok.error());
    }
    std::string exactness = error == 0.0 ? "every sample exact" : fmt::format("samples within {:.4f} %", error);
    if (rate_error > 0.0) {
        exactness =
            fmt::format("percentages within {:.4f}, rates within {:.4f} % of themselves", error, rate_error * 100.0);
    }
    const Status ok = print(fmt::format("{}: {} VMs, {} intervals of {} s, {}; {}\n", options.output, info.vms.size(),
                                        info.interval_count, info.interval_s,
                                        bytes_in_words(static_cast<double>(summary->file_bytes)), exactness));
    return ok ? Result<int>(0) : tl::unexpected(ok.error());
}

}  // namespace

Status check_trace_output(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error) || BinaryTraceSource::is_one(path)) return {};
    return fail(ErrorKind::usage, path + ": exists and is no Ballast trace; remove it first, or write elsewhere");
}

void declare_trace_convert(CLI::App& trace, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<ConvertOptions>();
    CLI::App* command = trace.add_subcommand("convert", "Write any trace as Ballast's own compact file");
    command->add_option("input", options->input, "A PlanetLab day (folder or tar archive), or a Ballast trace")
        ->required();
    command->add_option("-o,--output", options->output, "The file to write; it appears when it is complete")
        ->required();
    command->footer(
        "Samples keep two digits after the point: whole percents, as PlanetLab has, stay exact, others within 0.005 "
        "%.\n"
        "Network and disk rates keep 12 bits: within 0.025 % of themselves.\n"
        "  ballast trace convert planetlab-20110303.tar.xz -o 20110303.trace");
    add_common_options(*command, common);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_convert(*options, common); }; });
}

void declare_trace(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    CLI::App* command = app.add_subcommand("trace", "Look at recorded load, and import it from public recordings");
    command->footer(footer);
    command->require_subcommand(1);
    declare_trace_info(*command, common, selected);
    declare_trace_convert(*command, common, selected);
    declare_trace_import(*command, common, selected);
}

}  // namespace ballast
