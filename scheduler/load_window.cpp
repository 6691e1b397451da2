// SPDX-License-Identifier: Apache-2.0
#include "scheduler/load_window.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/check.hpp"

namespace ballast {

std::size_t samples_of(double seconds, const History& history) {
    if (seconds <= 0.0) return 0;
    if (history.period_s() <= 0.0) return 1;
    return static_cast<std::size_t>(std::max(1.0, std::ceil(seconds / history.period_s())));
}

LoadWindow::LoadWindow(const Cluster& cluster, const History& history, std::size_t samples)
    : host_count_(cluster.host_count()),
      samples_(std::min(samples, history.sample_count())),
      load_(host_count_ * samples_),
      complete_(host_count_ * samples_, 1) {
    BALLAST_CHECK(samples_ == 0 || history.vm_count() == cluster.vm_count(), "one history column per VM");
    for (std::size_t age = 0; age < samples_; ++age) {
        const std::span<const double> row = history.row(age);
        double* const load = load_.data() + age * host_count_;
        char* const complete = complete_.data() + age * host_count_;
        for (std::size_t h = 0; h < host_count_; ++h) load[h] = cluster.state(HostId(h)).overhead.cpu_mhz();
        for (std::size_t v = 0; v < row.size(); ++v) {
            const std::size_t h = cluster.state(VmId(v)).host.index();
            if (std::isnan(row[v])) {
                complete[h] = 0;
            } else {
                load[h] += row[v];
            }
        }
        for (std::size_t h = 0; h < host_count_; ++h) load[h] /= cluster.usable(HostId(h)).cpu_mhz();
    }
}

std::size_t LoadWindow::samples_above(HostId host, double fraction) const {
    std::size_t count = 0;
    while (count < samples_ && load_[count * host_count_ + host.index()] > fraction) ++count;
    return count;
}

std::size_t LoadWindow::samples_below(HostId host, double fraction) const {
    std::size_t count = 0;
    while (count < samples_ && complete_[count * host_count_ + host.index()] != 0 &&
           load_[count * host_count_ + host.index()] < fraction) {
        ++count;
    }
    return count;
}

std::vector<ResourceVector> LoadWindow::need(const Cluster& cluster, const History& history, std::size_t samples) {
    const std::size_t window = std::min(samples, history.sample_count());
    std::vector<double> sum(cluster.vm_count(), 0.0);
    std::vector<double> count(cluster.vm_count(), 0.0);
    for (std::size_t age = 0; age < window; ++age) {
        const std::span<const double> row = history.row(age);
        BALLAST_CHECK(row.size() == cluster.vm_count(), "one history column per VM");
        for (std::size_t v = 0; v < row.size(); ++v) {
            if (std::isnan(row[v])) continue;
            sum[v] += row[v];
            count[v] += 1.0;
        }
    }
    std::vector<ResourceVector> result;
    result.reserve(cluster.vm_count());
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        ResourceVector need = cluster.footprint(VmId(v));
        if (count[v] > 0.0) need[Resource::cpu] = std::max(need.cpu_mhz(), sum[v] / count[v]);
        result.push_back(need);
    }
    return result;
}

}  // namespace ballast
