// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/statistics.hpp"

#include <algorithm>
#include <vector>

namespace ballast {

namespace {

// VMs that live, by interval.
std::vector<std::size_t> count_alive(const TraceInfo& info) {
    std::vector<std::size_t> arrivals(info.interval_count + 1, 0);
    std::vector<std::size_t> departures(info.interval_count + 1, 0);
    for (const TraceVm& vm : info.vms) {
        ++arrivals[std::min(vm.first_interval, info.interval_count)];
        ++departures[std::min(vm.end_interval, info.interval_count)];
    }
    std::vector<std::size_t> alive(info.interval_count);
    std::size_t now = 0;
    for (std::size_t i = 0; i < alive.size(); ++i) alive[i] = now = now + arrivals[i] - departures[i];
    return alive;
}

Result<ColumnStatistics> column_statistics(TraceSource& source, TraceColumn column, std::uint64_t vm_intervals,
                                           const std::function<void()>& progress) {
    ColumnStatistics statistics;
    std::vector<float> samples(source.info().vms.size());
    double total = 0.0;
    for (std::size_t i = 0; i < source.info().interval_count; ++i) {
        if (Status ok = source.read_column(i, column, samples); !ok) return tl::unexpected(ok.error());
        double sum = 0.0;
        for (const float sample : samples) {
            sum += static_cast<double>(sample);
            statistics.max = std::max(statistics.max, sample);
        }
        total += sum;
        statistics.sum_max = std::max(statistics.sum_max, sum);
        progress();
    }
    if (vm_intervals > 0) statistics.mean = total / static_cast<double>(vm_intervals);
    return statistics;
}

}  // namespace

Result<TraceStatistics> trace_statistics(TraceSource& source,
                                         const std::function<void(std::size_t done, std::size_t all)>& progress) {
    const TraceInfo& info = source.info();
    TraceStatistics statistics;
    for (const TraceVm& vm : info.vms) {
        statistics.vms_with_vcpus += vm.vcpus > 0 ? 1 : 0;
        statistics.vms_with_mhz += vm.cpu_mhz > 0.0 ? 1 : 0;
        statistics.vms_with_memory += vm.memory_bytes > 0.0 ? 1 : 0;
    }
    const std::vector<std::size_t> alive = count_alive(info);
    if (!alive.empty()) {
        statistics.vms_alive_min = *std::ranges::min_element(alive);
        statistics.vms_alive_max = *std::ranges::max_element(alive);
    }
    std::size_t passes = 1;  // one per column
    for (const TraceColumn column : trace_columns) passes += info.recorded[column] ? 1 : 0;
    const std::function<void()> step = [&, done = std::size_t{0}]() mutable {
        if (progress) progress(++done, passes * info.interval_count);
    };
    std::vector<float> percent(info.vms.size());
    double total = 0.0;
    for (std::size_t i = 0; i < info.interval_count; ++i) {
        if (Status ok = source.read_cpu_percent(i, percent); !ok) return tl::unexpected(ok.error());
        double sum = 0.0;
        for (const float p : percent) {
            sum += static_cast<double>(p);
            statistics.max_percent = std::max(statistics.max_percent, p);
        }
        total += sum;
        statistics.vm_intervals += alive[i];
        const double mean = alive[i] > 0 ? sum / static_cast<double>(alive[i]) : 0.0;
        if (mean > statistics.busiest_mean_percent) {
            statistics.busiest_mean_percent = mean;
            statistics.busiest_interval = i;
        }
        step();
    }
    if (statistics.vm_intervals > 0) statistics.mean_percent = total / static_cast<double>(statistics.vm_intervals);
    for (const TraceColumn column : trace_columns) {
        if (!info.recorded[column]) continue;
        const Result<ColumnStatistics> other = column_statistics(source, column, statistics.vm_intervals, step);
        if (!other) return tl::unexpected(other.error());
        statistics.others[column] = *other;
    }
    return statistics;
}

}  // namespace ballast
