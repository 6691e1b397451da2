// SPDX-License-Identifier: Apache-2.0
#include "scheduler/load_window.hpp"

#include <algorithm>
#include <cmath>

#include "core/check.hpp"

namespace ballast {

std::size_t samples_of(double seconds, const History& history) {
    if (seconds <= 0.0) return 0;
    if (history.period_s() <= 0.0) return 1;
    return static_cast<std::size_t>(std::max(1.0, std::ceil(seconds / history.period_s())));
}

LoadWindow::LoadWindow(const Cluster& cluster, const History& history, std::size_t samples)
    : cluster_(cluster), rows_(std::min(samples, history.sample_count())) {
    BALLAST_CHECK(rows_.empty() || history.vm_count() == cluster.vm_count(), "one history column per VM");
    for (std::size_t age = 0; age < rows_.size(); ++age) rows_[age] = history.row(age).data();
    load_.resize(cluster.host_count() * rows_.size());
    complete_.resize(load_.size(), 1);
    need_mhz_.resize(cluster.host_count());
    for (std::size_t h = 0; h < cluster.host_count(); ++h) look_at(HostId(h));
}

void LoadWindow::look_at(HostId host) {
    const std::size_t samples = rows_.size();
    double* const load = load_.data() + host.index() * samples;
    char* const complete = complete_.data() + host.index() * samples;
    const double overhead_mhz = cluster_.state(host).overhead.cpu_mhz();
    std::fill(load, load + samples, overhead_mhz);
    double need = overhead_mhz;
    for (const VmId vm : cluster_.vms_on(host)) {
        for (std::size_t age = 0; age < samples; ++age) {
            const double sample = rows_[age][vm.index()];
            if (std::isnan(sample)) {
                complete[age] = 0;
            } else {
                load[age] += sample;
            }
        }
        need += need_mhz(vm);
    }
    need_mhz_[host.index()] = need;
    for (std::size_t age = 0; age < samples; ++age) load[age] /= cluster_.usable(host).cpu_mhz();
}

double LoadWindow::need_mhz(VmId vm) const {
    double sum = 0.0;
    double count = 0.0;
    for (const double* const row : rows_) {
        const double sample = row[vm.index()];
        if (std::isnan(sample)) continue;
        sum += sample;
        count += 1.0;
    }
    const double now = cluster_.cpu_mhz(vm);
    return count > 0.0 ? std::max(now, sum / count) : now;
}

std::size_t LoadWindow::samples_above(HostId host, double fraction) const {
    const double* const load = load_.data() + host.index() * rows_.size();
    std::size_t count = 0;
    while (count < rows_.size() && load[count] > fraction) ++count;
    return count;
}

std::size_t LoadWindow::samples_below(HostId host, double fraction) const {
    const double* const load = load_.data() + host.index() * rows_.size();
    const char* const complete = complete_.data() + host.index() * rows_.size();
    std::size_t count = 0;
    while (count < rows_.size() && complete[count] != 0 && load[count] < fraction) ++count;
    return count;
}

}  // namespace ballast
