// SPDX-License-Identifier: Apache-2.0
#include "simulator/demands.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "core/check.hpp"

namespace ballast {

DemandReader::DemandReader(TraceSource& trace, const Workload& start)
    : trace_(&trace), configured_mhz_(start.configured_mhz), samples_(configured_mhz_.size()) {
    BALLAST_CHECK(configured_mhz_.size() == trace.info().vms.size(), "the workload was made for this trace");
    if (!trace.info().recorded[TraceColumn::memory]) return;
    for (const VmSpec& vm : start.inventory->vms()) memory_bytes_.push_back(vm.memory_bytes);
}

Status DemandReader::read(std::size_t interval, Demands& demands) {
    if (Status ok = trace_->read_cpu_percent(interval, samples_); !ok) return ok;
    if (Status ok = read_percent_of(configured_mhz_, "a sample", interval, demands.cpu_mhz); !ok) return ok;
    if (!memory_bytes_.empty()) {
        if (Status ok = trace_->read_column(interval, TraceColumn::memory, samples_); !ok) return ok;
        Status ok = read_percent_of(memory_bytes_, "a memory use", interval, demands.memory_bytes);
        if (!ok) return ok;
    }
    if (Status ok = read_rates(TraceColumn::network, interval, demands.network_bytes_per_s); !ok) return ok;
    return read_rates(TraceColumn::disk_io, interval, demands.disk_bytes_per_s);
}

Status DemandReader::read_percent_of(const std::vector<double>& whole, const char* what, std::size_t interval,
                                     std::vector<double>& demands) {
    demands.resize(samples_.size());
    bool valid = true;
    for (std::size_t v = 0; v < samples_.size(); ++v) {
        const float percent = samples_[v];
        valid &= percent >= 0.0F && percent <= 100.0F;
        demands[v] = static_cast<double>(percent) / 100.0 * whole[v];
    }
    return valid ? Status() : bad((std::string(what) + " outside of 0 to 100 %").c_str(), 100.0F, interval);
}

Status DemandReader::read_rates(TraceColumn column, std::size_t interval, std::vector<double>& demands) {
    if (!trace_->info().recorded[column]) return {};
    if (Status ok = trace_->read_column(interval, column, samples_); !ok) return ok;
    demands.assign(samples_.begin(), samples_.end());
    constexpr float max = std::numeric_limits<float>::max();
    const bool valid = std::ranges::all_of(samples_, [](float rate) { return rate >= 0.0F && rate <= max; });
    return valid ? Status() : bad("a network or disk rate that is none", max, interval);
}

tl::unexpected<Error> DemandReader::bad(const char* what, float max, std::size_t interval) const {
    const TraceInfo& info = trace_->info();
    const auto out = [max](float sample) { return !(sample >= 0.0F && sample <= max); };
    const auto vm = static_cast<std::size_t>(std::ranges::find_if(samples_, out) - samples_.begin());
    return fail(ErrorKind::usage, "trace \"" + info.name + "\": VM \"" + info.vms[vm].name + "\" has " + what +
                                      " in interval " + std::to_string(interval));
}

}  // namespace ballast
