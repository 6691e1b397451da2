// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/accounting.hpp"

#include <cmath>
#include <limits>

namespace ballast::cloudsim {

namespace {

constexpr std::uint8_t active_bit = 1;
constexpr std::uint8_t violating_bit = 2;

double mean(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

// Sample standard deviation; the running mean starts at the true one, as in the reference.
double stdev(const std::vector<double>& values) {
    if (values.size() < 2) return std::numeric_limits<double>::quiet_NaN();
    double running = mean(values);
    double s = 0.0;
    double n = 0.0;
    for (const double value : values) {
        n += 1.0;
        const double delta = value - running;
        running += delta / n;
        s += delta * (value - running);
    }
    return std::sqrt(s / (n - 1.0));
}

}  // namespace

Accounting::Accounting(const Datacenter& datacenter) : dc_(datacenter), vms_(datacenter.vm_count()) {}

void Accounting::close_moment(double time_s) {
    for (const VmIndex vm : dc_.alive) close_vm(vm, time_s);
    for (const VmIndex vm : gone_) close_vm(vm, time_s);
    gone_.clear();
    moments_s_.push_back(time_s);
    const std::size_t begin = host_states_.size();
    host_states_.resize(begin + dc_.host_count());
    for (HostIndex h = 0; h < dc_.host_count(); ++h) {
        const bool active = dc_.used_mips[h] > 0.0;
        host_states_[begin + h] =
            static_cast<std::uint8_t>((active ? active_bit : 0) | (dc_.violating[h] != 0 ? violating_bit : 0));
    }
}

// A VM that is gone had its last state at the moment it went; after that it is not looked at again.
void Accounting::close_vm(VmIndex vm, double time_s) {
    VmSums& sums = vms_[vm];
    if (sums.seen && !moments_s_.empty()) {
        const double dt = time_s - moments_s_.back();
        sums.requested += sums.last_requested * dt;
        sums.allocated += sums.last_given * dt;
        if (sums.last_given < sums.last_requested) {
            shortfalls_.push_back({vm, (sums.last_requested - sums.last_given) / sums.last_requested});
            if (sums.last_migrating) {
                sums.lost_in_migration += (sums.last_requested - sums.last_given) * dt;
            } else {
                sums.contended_s += dt;
            }
        }
    }
    const bool migrating = dc_.migrating[vm] != 0;
    if (migrating && !sums.last_migrating) sums.migrating_since_s = time_s;
    if (!migrating && sums.last_migrating) migration_times_s_.push_back({vm, time_s - sums.migrating_since_s});
    sums.last_migrating = migrating;
    sums.last_requested = dc_.request_mips[vm];
    sums.last_given = dc_.given_mips[vm];
    sums.seen = dc_.host[vm] != no_host;
}

std::vector<double> Accounting::in_vm_order(const std::vector<OfVm>& values, std::size_t vms) {
    std::vector<std::size_t> begin(vms + 1, 0);
    for (const OfVm& value : values) ++begin[value.vm + 1];
    for (std::size_t i = 0; i < vms; ++i) begin[i + 1] += begin[i];
    std::vector<double> ordered(values.size());
    for (const OfVm& value : values) ordered[begin[value.vm]++] = value.value;
    return ordered;
}

void Accounting::count_hosts(Figures& figures) const {
    double active_s = 0.0, violating_s = 0.0;
    std::vector<double> before_shutdown_s;
    const std::size_t hosts = dc_.host_count();
    for (HostIndex h = 0; h < hosts; ++h) {
        bool active = true;  // since time 0
        double on_since_s = 0.0;
        double own_violating_s = 0.0;
        for (std::size_t m = 0; m < moments_s_.size(); ++m) {
            const std::uint8_t state = host_states_[m * hosts + h];
            const bool now_active = (state & active_bit) != 0;
            if (active && !now_active) before_shutdown_s.push_back(moments_s_[m] - on_since_s);
            if (!active && now_active) {
                on_since_s = moments_s_[m];
                ++figures.starts;
                if (!dc_.options.quirks.switching_is_free) {
                    figures.energy_kwh += dc_.options.boot_s * dc_.power_watts(h, 0.0) / 3.6e6;
                }
            }
            active = now_active;
            if (!now_active || m + 1 == moments_s_.size()) continue;
            const double dt = moments_s_[m + 1] - moments_s_[m];
            active_s += dt;
            if ((state & violating_bit) == 0) continue;
            violating_s += dt;
            own_violating_s += dt;
        }
        if (own_violating_s > figures.worst_host_violating_s) {
            figures.worst_host = h;
            figures.worst_host_violating_s = own_violating_s;
        }
    }
    figures.slatah = active_s > 0.0 ? violating_s / active_s : 0.0;
    figures.shutdowns = before_shutdown_s.size();
    figures.mean_time_before_shutdown_s = mean(before_shutdown_s);
    figures.stdev_time_before_shutdown_s = stdev(before_shutdown_s);
}

void Accounting::count_vms(Figures& figures) const {
    double requested = 0.0, allocated = 0.0, lost = 0.0;
    for (const VmSums& sums : vms_) {
        requested += sums.requested;
        allocated += sums.allocated;
        lost += sums.lost_in_migration;
        figures.contention_vm_hours += sums.contended_s / 3600.0;
    }
    if (requested > 0.0) {
        figures.sla_overall = (requested - allocated) / requested;
        figures.pdm = lost / requested;
    }
    const std::vector<double> shortfalls = in_vm_order(shortfalls_, vms_.size());
    figures.sla_average = shortfalls.empty() ? 0.0 : mean(shortfalls);
    const std::vector<double> times_s = in_vm_order(migration_times_s_, vms_.size());
    figures.mean_migration_s = mean(times_s);
    figures.stdev_migration_s = stdev(times_s);
}

Figures Accounting::figures() const {
    Figures figures;
    figures.energy_kwh = joules_ / 3.6e6;
    figures.migrations = migrations_;
    count_hosts(figures);
    count_vms(figures);
    figures.sla = figures.pdm * figures.slatah;
    for (const HostIndex host : dc_.host) figures.vms_left += host != no_host ? 1 : 0;
    return figures;
}

}  // namespace ballast::cloudsim
