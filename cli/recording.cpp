// SPDX-License-Identifier: Apache-2.0
#include "cli/recording.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cli/output.hpp"
#include "core/io/json.hpp"
#include "simulator/trace/import/import.hpp"

namespace ballast {

namespace {

// A VM that moves has no sample of the interval in which it does.
constexpr std::size_t gap_intervals_max = 3;

std::string samples_path(const std::string& folder) { return folder + "/samples.csv"; }
std::string cluster_path(const std::string& folder) { return folder + "/cluster.json"; }
std::string trace_path(const std::string& folder) { return folder + "/load.trace"; }

bool every_host_answers(const Cluster& cluster) {
    const auto& hosts = cluster.state().hosts;
    return std::all_of(hosts.begin(), hosts.end(), [](const HostState& host) { return host.reachable; });
}

// When the recording's snapshot was taken.
Result<double> time_of_cluster(const std::string& folder) {
    std::error_code error;
    if (!std::filesystem::exists(cluster_path(folder), error)) {
        return fail(ErrorKind::failed,
                    folder +
                        ": has no cluster.json, because there was no moment at which every host answered; go on "
                        "recording until all of them do");
    }
    const Result<std::string> text = read_file(cluster_path(folder));
    if (!text) return tl::unexpected(text.error());
    const Result<Snapshot> snapshot = snapshot_from_json(*text);
    if (!snapshot) return fail(snapshot.error().kind, cluster_path(folder) + ": " + snapshot.error().message);
    return snapshot->unix_time_s;
}

CsvColumn column(const char* name) { return {name, 0}; }

CsvMap columns(double interval_s) {
    CsvMap map;
    map.interval_s = interval_s;
    map.vm = column("vm");
    map.time = column("time_s");
    map.cpu = column("cpu_mhz");
    map.cpu_unit = CsvCpuUnit::mhz;
    map.cpu_mhz = column("cpu_mhz_max");
    map.vcpus = column("vcpus");
    map.memory = column("memory_bytes");
    map.memory_used = column("memory_used_bytes");
    map.memory_used_unit = CsvMemoryUsedUnit::size;
    map.network = column("network_bytes_per_s");
    map.disk = column("disk_bytes_per_s");
    return map;
}

}  // namespace

Result<Recording> Recording::open(const std::string& folder, double interval_s) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(ErrorKind::failed, folder + ": cannot be made: " + error.message());
    Result<LoadRecorder> recorder = LoadRecorder::open(samples_path(folder), interval_s);
    if (!recorder) return tl::unexpected(recorder.error());
    return Recording(folder, std::move(*recorder), std::filesystem::exists(cluster_path(folder), error));
}

Status Recording::look(const Snapshot& snapshot) {
    if (!has_cluster_ && every_host_answers(snapshot.cluster)) {
        if (Status ok = write_file(cluster_path(folder_), to_json(snapshot)); !ok) return ok;
        has_cluster_ = true;
    }
    return recorder_.add(snapshot);
}

Result<FinishedRecording> finish_recording(const std::string& folder, double interval_s) {
    // Cuts an unfinished line off. If somebody records into it still, the lines are whole.
    if (const auto cut = LoadRecorder::open(samples_path(folder), interval_s);
        !cut && cut.error().kind != ErrorKind::refused) {
        return tl::unexpected(cut.error());
    }
    const Result<double> begin_s = time_of_cluster(folder);
    if (!begin_s) return tl::unexpected(begin_s.error());
    ImportOptions options;
    options.from_s = *begin_s - interval_s;
    options.format = ImportFormat::csv;
    options.inputs = {samples_path(folder)};
    options.csv = columns(interval_s);
    options.hold_intervals_max = gap_intervals_max;
    const Result<ImportSummary> summary = import_trace(options, trace_path(folder));
    if (!summary) return tl::unexpected(summary.error());
    return FinishedRecording{trace_path(folder), cluster_path(folder), summary->trace.vms, summary->trace.intervals,
                             summary->trace.unsampled};
}

}  // namespace ballast
