// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/memory_source.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace ballast {

MemoryTraceSource::MemoryTraceSource(Trace trace) : trace_(std::move(trace)) {
    info_.name = trace_.name;
    info_.interval_s = trace_.interval_s;
    info_.interval_count = trace_.interval_count();
    info_.vms.reserve(trace_.vm_count());
    for (const std::string& name : trace_.vm_names) {
        TraceVm vm;
        vm.name = name;
        info_.vms.push_back(std::move(vm));
    }
}

Status MemoryTraceSource::read_cpu_percent(std::size_t interval, std::span<float> percent) {
    BALLAST_CHECK(interval < info_.interval_count && percent.size() == info_.vms.size(), "outside the trace");
    std::ranges::copy(trace_.interval(interval), percent.begin());
    return {};
}

}  // namespace ballast
