// SPDX-License-Identifier: Apache-2.0
// The tables of the public recordings, one function per kind of file: each reads one file into a TraceBuilder. Errors:
// usage, "FILE:LINE: reason". Where the layouts come from is in docs/formats/trace.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "simulator/trace/import/line_reader.hpp"
#include "simulator/trace/import/trace_builder.hpp"

namespace ballast {

// What a reader leaves out, because the recording itself declares it void, or because the VM is not in the table.
struct ImportSkips {
    std::uint64_t invalid_samples = 0;
    std::uint64_t unknown_vms = 0;
};

// Bitbrains (GWA-T-12) and Materna (GWA-T-13): one file per VM with a header; columns are found by name. "Timestamp
// [ms]" holds seconds since 1970 in fact; what is too large for seconds is read as milliseconds. Memory in use, network
// and disk are read where their columns are there.
[[nodiscard]] Status read_bitbrains_file(LineReader& lines, std::string_view vm_name, TraceBuilder& builder);

enum class AzureYear { y2017, y2019 };
// vmtable.csv: names, lives and sizes. In 2019 cores and memory are buckets, of which ">24" counts as 30 cores and
// ">64" as 70 GB, as in Microsoft's own analysis.
[[nodiscard]] Status read_azure_vm_table(LineReader& lines, AzureYear year, TraceBuilder& builder);
// vm_cpu_readings-*.csv: the average counts. Readings of VMs that are not in the table are skipped, so that a part of
// the table selects a part of the VMs.
[[nodiscard]] Status read_azure_readings(LineReader& lines, TraceBuilder& builder, ImportSkips& skips);

// Azure's packing trace of 2020 has lives and sizes but no load; sizes are shares of a machine. `load_percent` stands
// for the load.
struct AzurePacking {
    double load_percent = 100.0;
    double machine_cores = 0.0;  // 0 = sizes stay unknown
    double machine_memory_bytes = 0.0;
};
// A table made of the recording's SQLite file: vmId,starttime,endtime,core,memory (docs/formats/trace.md has the
// query).
[[nodiscard]] Status read_azure_packing(LineReader& lines, const AzurePacking& packing, TraceBuilder& builder);

// Google normalises by its largest machine: what that has is not published.
struct GoogleMachine {
    double cpu_mhz = 0.0;  // 0 = sizes stay unknown
    double memory_bytes = 0.0;
};
// task_events: what every task asked for, which makes its size. 100 % is then the task's own request.
class GoogleRequests {
  public:
    [[nodiscard]] Status read(LineReader& lines, TraceBuilder& builder, const GoogleMachine& machine);
    [[nodiscard]] bool empty() const { return of_.empty(); }
    // In shares of the largest machine; 0 = not known.
    [[nodiscard]] double cpu_of(TraceBuilder::VmIndex vm) const { return vm < of_.size() ? of_[vm].cpu : 0.0; }
    [[nodiscard]] double memory_of(TraceBuilder::VmIndex vm) const { return vm < of_.size() ? of_[vm].memory : 0.0; }

  private:
    struct Request {
        float cpu = 0.0F;
        float memory = 0.0F;
    };
    std::vector<Request> of_;
};
// task_usage: a task is a VM called JOB/INDEX. Without requests 100 % is the largest machine; with them, samples of
// tasks that asked for no CPU are skipped, and the memory in use is not known of those that asked for none.
[[nodiscard]] Status read_google_usage(LineReader& lines, const GoogleRequests& requests, TraceBuilder& builder,
                                       ImportSkips& skips);

// machine_meta (7 columns) or container_meta (8): cores. Told apart by the number of columns.
[[nodiscard]] Status read_alibaba_meta(LineReader& lines, TraceBuilder& builder);
// machine_usage (9 columns) or container_usage (11): CPU and memory; network and disk are normalised. The values -1 and
// 101 mean "invalid": without CPU a sample is skipped, without memory it has none.
[[nodiscard]] Status read_alibaba_usage(LineReader& lines, TraceBuilder& builder, ImportSkips& skips);

}  // namespace ballast
