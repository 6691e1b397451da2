// SPDX-License-Identifier: Apache-2.0
#include "scheduler/pressure_signs.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "scheduler/load_window.hpp"

namespace ballast {

namespace {

Reason sign(ReasonCode code, HostId host, double value, double limit) {
    Reason reason;
    reason.code = code;
    reason.host = host;
    reason.resource = code == ReasonCode::cpu_wait ? Resource::cpu : Resource::memory;
    reason.value = value;
    reason.limit = limit;
    return reason;
}

std::optional<Reason> cpu_sign(const Cluster& cluster, HostId host, const std::vector<VmId>& vms, double level) {
    double waited_mhz = 0.0;
    double needed_mhz = 0.0;
    for (const VmId vm : vms) {
        waited_mhz += cluster.state(vm).pressure.cpu_wait.value_or(0.0) * cluster.cpu_mhz(vm);
        needed_mhz += cluster.cpu_mhz(vm);
    }
    if (waited_mhz <= level * needed_mhz) return std::nullopt;
    return sign(ReasonCode::cpu_wait, host, waited_mhz / needed_mhz, level);
}

std::optional<Reason> memory_sign(const Cluster& cluster, HostId host, const std::vector<VmId>& vms, double level) {
    const HostPressure& pressure = cluster.state(host).pressure;
    if (const double stall = pressure.memory_some.value_or(0.0); stall > level) {
        return sign(ReasonCode::memory_stall, host, stall, level);
    }
    if (const double swap = pressure.swap_bytes_per_s.value_or(0.0); swap > swap_bytes_per_s_max) {
        return sign(ReasonCode::swapping, host, swap, swap_bytes_per_s_max);
    }
    for (const VmId vm : vms) {
        const VmPressure& own = cluster.state(vm).pressure;
        const double swap = own.swap_bytes_per_s.value_or(0.0);
        if (own.ballooned_bytes <= 0.0 || swap <= swap_bytes_per_s_max) continue;
        Reason reason = sign(ReasonCode::swapping, host, swap, swap_bytes_per_s_max);
        reason.vm = vm;
        return reason;
    }
    return std::nullopt;
}

// Which VMs the signs are of, by host: those that are there, but for who came lately, and who left lately.
class Measured {
  public:
    Measured(const Cluster& cluster, const History& history)
        : cluster_(cluster), changed_(cluster.host_count(), false) {
        const double window_s = std::max(pressure_window_s, history.period_s());
        for (const PastMove& move : history.moves()) {
            if (move.failed || history.now_s() - move.time_s >= window_s) continue;
            for (const HostId host : {move.from, move.to}) {
                if (host.valid()) changed_[host.index()] = true;
            }
            if (moved_.insert(move.vm).second && move.from.valid()) left_[move.from].push_back(move.vm);
        }
    }

    [[nodiscard]] std::vector<VmId> on(HostId host) const {
        std::vector<VmId> vms;
        for (const VmId vm : cluster_.vms_on(host)) {
            if (moved_.count(vm) == 0) vms.push_back(vm);
        }
        if (const auto left = left_.find(host); left != left_.end()) {
            vms.insert(vms.end(), left->second.begin(), left->second.end());
        }
        return vms;
    }
    // By host: a VM left or came.
    [[nodiscard]] const std::vector<bool>& changed() const { return changed_; }

  private:
    const Cluster& cluster_;
    std::vector<bool> changed_;
    std::set<VmId> moved_;
    std::map<HostId, std::vector<VmId>> left_;  // by where they were first
};

}  // namespace

PressureSigns::PressureSigns(const Cluster& cluster, const History& history, const PressureLevels& levels)
    : samples_(samples_of(pressure_window_s, history)) {
    if (!cluster.has_pressure()) return;
    const Measured measured(cluster, history);
    changed_ = measured.changed();
    cpu_.resize(cluster.host_count());
    memory_.resize(cluster.host_count());
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        const bool answers = cluster.state(host).power == PowerState::on && cluster.state(host).reachable;
        if (!answers) continue;
        const std::vector<VmId> vms = measured.on(host);
        if (levels.cpu_wait < 1.0) cpu_[h] = cpu_sign(cluster, host, vms, levels.cpu_wait);
        if (levels.memory_stall < 1.0) memory_[h] = memory_sign(cluster, host, vms, levels.memory_stall);
    }
}

std::optional<Reason> PressureSigns::any(HostId host) const {
    auto reason = of_cpu(host);
    return reason ? reason : of_memory(host);
}

}  // namespace ballast
