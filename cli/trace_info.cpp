// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "cli/trace.hpp"
#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/open.hpp"
#include "simulator/trace/statistics.hpp"

namespace ballast {

namespace {

// null = not recorded.
nlohmann::ordered_json to_json(const std::optional<ColumnStatistics>& column, bool rate) {
    if (!column) return nullptr;
    nlohmann::ordered_json json = {{"mean", column->mean}, {"max", column->max}};
    if (rate) json["sum_max"] = column->sum_max;
    return json;
}

std::string to_json(const std::string& path, TraceSource& source, const TraceStatistics& statistics) {
    const TraceInfo& info = source.info();
    nlohmann::ordered_json json;
    json["path"] = path;
    const auto* binary = dynamic_cast<const BinaryTraceSource*>(&source);
    json["format"] = binary != nullptr ? "ballast" : "planetlab";
    if (binary != nullptr) {
        json["version"] = binary->header().version;
        json["file_bytes"] = binary->header().file_bytes;
        json["chunks"] = binary->header().chunk_count;
        json["intervals_per_chunk"] = binary->header().intervals_per_chunk;
    }
    json["name"] = info.name;
    json["vms"] = info.vms.size();
    json["intervals"] = info.interval_count;
    json["interval_s"] = info.interval_s;
    json["duration_s"] = info.interval_s * static_cast<double>(info.interval_count);
    json["vm_intervals"] = statistics.vm_intervals;
    json["vms_alive"] = {{"min", statistics.vms_alive_min}, {"max", statistics.vms_alive_max}};
    json["vms_with_size"] = {
        {"vcpus", statistics.vms_with_vcpus}, {"mhz", statistics.vms_with_mhz}, {"memory", statistics.vms_with_memory}};
    json["cpu_percent"] = {{"mean", statistics.mean_percent},
                           {"max", statistics.max_percent},
                           {"busiest_interval", statistics.busiest_interval},
                           {"busiest_mean", statistics.busiest_mean_percent}};
    json["memory_percent"] = to_json(statistics.others[TraceColumn::memory], false);
    json["network_bytes_per_s"] = to_json(statistics.others[TraceColumn::network], true);
    json["disk_bytes_per_s"] = to_json(statistics.others[TraceColumn::disk_io], true);
    // Names come from outside and need not be UTF-8.
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string duration_in_words(double seconds) {
    if (seconds >= 2.0 * 86'400.0) return fmt::format("{:.1f} days", seconds / 86'400.0);
    if (seconds >= 2.0 * 3600.0) return fmt::format("{:.1f} h", seconds / 3600.0);
    return fmt::format("{:.0f} s", seconds);
}

std::string other_columns(const ByColumn<std::optional<ColumnStatistics>>& columns) {
    std::string text;
    const auto& memory = columns[TraceColumn::memory];
    text += !memory ? "  memory use not recorded\n"
                    : fmt::format("  memory use {:.2f} % of the configured memory on average, {:.2f} % at most\n",
                                  memory->mean, static_cast<double>(memory->max));
    const auto rate = [&](const char* title, const std::optional<ColumnStatistics>& column) {
        if (!column) {
            text += fmt::format("  {:<10} not recorded\n", title);
            return;
        }
        const auto per_s = [](double bytes) { return bytes_in_words(bytes) + "/s"; };
        text += fmt::format("  {:<10} {} per VM on average, {} at most, {} of all VMs at once\n", title,
                            per_s(column->mean), per_s(static_cast<double>(column->max)), per_s(column->sum_max));
    };
    rate("network", columns[TraceColumn::network]);
    rate("disk I/O", columns[TraceColumn::disk_io]);
    return text;
}

std::string to_text(TraceSource& source, const TraceStatistics& statistics) {
    const TraceInfo& info = source.info();
    const std::size_t vms = info.vms.size();
    std::string text = fmt::format("{}\n", info.name);
    const auto* binary = dynamic_cast<const BinaryTraceSource*>(&source);
    if (binary != nullptr) {
        const trace_format::Header& header = binary->header();
        text += fmt::format("  file       Ballast trace, version {}: {} in {} chunks of {} intervals, all checked\n",
                            header.version, bytes_in_words(static_cast<double>(header.file_bytes)), header.chunk_count,
                            header.intervals_per_chunk);
    } else {
        text += "  file       PlanetLab day\n";
    }
    text += fmt::format("  length     {} intervals of {} s: {}\n", info.interval_count, info.interval_s,
                        duration_in_words(info.interval_s * static_cast<double>(info.interval_count)));
    text += fmt::format("  VMs        {}, of which {} to {} at a time\n", vms, statistics.vms_alive_min,
                        statistics.vms_alive_max);
    text += fmt::format("  sizes      of {} of {} VMs: {} with vCPUs, {} with MHz, {} with memory\n",
                        std::max({statistics.vms_with_vcpus, statistics.vms_with_mhz, statistics.vms_with_memory}), vms,
                        statistics.vms_with_vcpus, statistics.vms_with_mhz, statistics.vms_with_memory);
    text += fmt::format("  CPU use    {:.2f} % on average of {} VM-intervals, {:.2f} % in the busiest interval ({})\n",
                        statistics.mean_percent, statistics.vm_intervals, statistics.busiest_mean_percent,
                        statistics.busiest_interval);
    text += other_columns(statistics.others);
    return text;
}

Result<int> run_info(const std::string& path, const CommonOptions& common) {
    const Result<std::unique_ptr<TraceSource>> source = open_trace(path);
    if (!source) return tl::unexpected(source.error());
    const Result<TraceStatistics> statistics = trace_statistics(**source, timed_progress("reading"));
    ProgressLine::clear();
    if (!statistics) return tl::unexpected(statistics.error());
    const Status ok = print(common.json ? to_json(path, **source, *statistics) : to_text(**source, *statistics));
    if (!ok) return tl::unexpected(ok.error());
    return 0;
}

}  // namespace

void declare_trace_info(CLI::App& trace, CommonOptions& common, CommandAction& selected) {
    auto path = std::make_shared<std::string>();
    CLI::App* command = trace.add_subcommand("info", "What a trace holds; reads and checks all of it");
    command->add_option("path", *path, "A PlanetLab day (folder or tar archive), or a Ballast trace")->required();
    command->footer("  ballast trace info planetlab-20110303.tar.xz\n  ballast trace info --json bitbrains.trace");
    add_common_options(*command, common);
    command->callback([path, &common, &selected] { selected = [path, &common] { return run_info(*path, common); }; });
}

}  // namespace ballast
