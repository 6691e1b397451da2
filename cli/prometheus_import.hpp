// SPDX-License-Identifier: Apache-2.0
// Makes a trace of what a Prometheus has recorded of VMs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "metrics/prometheus/answer.hpp"
#include "simulator/trace/import/trace_builder.hpp"

namespace ballast {

// PromQL, each with one series per VM; empty = not asked for. "$interval" stands for the length of an interval
// ("300000ms"). The defaults are for Debian's prometheus-libvirt-exporter and the others that come from the same root
// (github.com/kumina/libvirt_exporter). A VM that moves has series of several hosts: hence the sums.
struct VmLoadQueries {
    std::string vm_label = "domain";  // names the VM
    std::string cpu_percent =         // 100 is all CPU the VM was given
        "100 * sum by (domain) (rate(libvirt_domain_info_cpu_time_seconds_total[$interval]))"
        " / max by (domain) (max_over_time(libvirt_domain_info_virtual_cpus[$interval]))";
    std::string memory_percent =  // of the configured memory
        "100 * max by (domain) (avg_over_time(libvirt_domain_info_memory_usage_bytes[$interval]))"
        " / max by (domain) (max_over_time(libvirt_domain_info_maximum_memory_bytes[$interval]))";
    std::string network_bytes_per_s =
        "sum by (domain) (rate(libvirt_domain_interface_stats_receive_bytes_total[$interval]))"
        " + sum by (domain) (rate(libvirt_domain_interface_stats_transmit_bytes_total[$interval]))";
    std::string disk_bytes_per_s =
        "sum by (domain) (rate(libvirt_domain_block_stats_read_bytes_total[$interval]))"
        " + sum by (domain) (rate(libvirt_domain_block_stats_write_bytes_total[$interval]))";
    // Sizes, which are asked for like load; the largest value counts.
    std::string vcpus = "max by (domain) (max_over_time(libvirt_domain_info_virtual_cpus[$interval]))";
    std::string memory_bytes = "max by (domain) (max_over_time(libvirt_domain_info_maximum_memory_bytes[$interval]))";
    std::string cpu_mhz;  // of 100 %
};

// The span, in seconds since 1970, and the length of an interval: intervals begin at multiples of it.
struct ImportSpan {
    double from_s = 0.0;
    double until_s = 0.0;
    double interval_s = 300.0;
};

// PrometheusClient::query_range().
using RangeQuery = std::function<Result<std::vector<PrometheusSeries>>(const std::string& expression, double from_s,
                                                                       double until_s, double step_s)>;

// Asks for every whole interval within the span, at most 256 at a time, and half as many whenever an answer fails,
// until it is one; and adds what comes to `builder`. A value at t is of the interval that ends at t. Errors: usage for
// a span without a whole interval, or with more than a trace can have; those of `ask`; failed, if nothing was recorded,
// or a value is none (which series, when).
[[nodiscard]] Status import_from_prometheus(
    const RangeQuery& ask, const VmLoadQueries& queries, const ImportSpan& span, TraceBuilder& builder,
    const std::function<void(std::uint64_t intervals_done, std::uint64_t intervals)>& progress = {});

}  // namespace ballast
