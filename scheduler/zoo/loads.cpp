// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/loads.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "scheduler/load_window.hpp"

namespace ballast::zoo {

std::vector<double> mean_mhz(const Cluster& cluster, const History& history, double window_s) {
    const std::size_t samples = std::min(samples_of(window_s, history), history.sample_count());
    std::vector<double> result(cluster.vm_count(), 0.0);
    std::vector<double> counts(cluster.vm_count(), 0.0);
    for (std::size_t age = 0; age < samples; ++age) {
        const auto row = history.row(age);
        for (std::size_t v = 0; v < result.size(); ++v) {
            if (std::isnan(row[v])) continue;
            result[v] += row[v];
            counts[v] += 1.0;
        }
    }
    for (std::size_t v = 0; v < result.size(); ++v) {
        result[v] = counts[v] > 0.0 ? result[v] / counts[v] : cluster.cpu_mhz(VmId(v));
    }
    return result;
}

std::vector<double> past_mhz(const Cluster& cluster, const History& history, std::size_t age) {
    const auto row = history.row(age);
    std::vector<double> result(cluster.host_count());
    for (std::size_t h = 0; h < result.size(); ++h) {
        result[h] = cluster.state(HostId(h)).overhead.cpu_mhz();
        for (const VmId vm : cluster.vms_on(HostId(h))) {
            const double sample = row[vm.index()];
            result[h] += std::isnan(sample) ? cluster.cpu_mhz(vm) : sample;
        }
    }
    return result;
}

Loads::Loads(const Cluster& cluster, std::vector<double> vm_mhz)
    : cluster_(cluster), vm_mhz_(std::move(vm_mhz)), hosts_(cluster.host_count()) {
    BALLAST_CHECK(vm_mhz_.size() == cluster.vm_count(), "one load per VM");
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
        const ResourceVector& overhead = cluster.state(HostId(h)).overhead;
        hosts_[h] = {overhead.cpu_mhz(), overhead.memory_bytes()};
        for (const VmId vm : cluster.vms_on(HostId(h))) {
            hosts_[h].cpu_mhz += cpu_mhz(vm);
            hosts_[h].memory_bytes += memory_bytes(vm);
        }
    }
}

double Loads::memory_bytes(VmId vm) const {
    const double in_use = cluster_.state(vm).demand.memory_bytes();
    return in_use > 0.0 ? in_use : cluster_.inventory().memory_bytes(vm);
}

void Loads::move(VmId vm, HostId from, HostId to) {
    Use& source = hosts_[from.index()];
    Use& destination = hosts_[to.index()];
    records_.push_back({from, to, source, destination});
    source.cpu_mhz -= cpu_mhz(vm);
    source.memory_bytes -= memory_bytes(vm);
    destination.cpu_mhz += cpu_mhz(vm);
    destination.memory_bytes += memory_bytes(vm);
}

void Loads::undo() {
    const Record& record = records_.back();
    hosts_[record.from.index()] = record.used_from;
    hosts_[record.to.index()] = record.used_to;
    records_.pop_back();
}

}  // namespace ballast::zoo
