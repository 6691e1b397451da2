// SPDX-License-Identifier: Apache-2.0
// The hosts and VMs of the reference world at one moment: who is where, who gets how much, what it costs. Structure of
// arrays: a replayed day is 2,000 updates of all hosts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "simulator/cloudsim/options.hpp"

namespace ballast::cloudsim {

using HostIndex = std::uint32_t;
using VmIndex = std::uint32_t;
inline constexpr HostIndex no_host = static_cast<HostIndex>(-1);

// A VM in a host's list. A VM in flight is in two lists: on its source, and `arriving` on its destination.
struct Slot {
    VmIndex vm = 0;
    bool arriving = false;
    double allocated = 0.0;  // MIPS
};

// Watts as the reference interpolates them, to the bit.
class PowerTable {
  public:
    explicit PowerTable(const std::array<double, PowerCurve::points>& watts);
    // `utilisation` in [0, 1]; what lies above is taken for 1.
    [[nodiscard]] double watts(double utilisation) const;

  private:
    std::array<double, PowerCurve::points> watts_{};
    std::array<double, PowerCurve::points> slope_{};  // to the next point, as a tenth
    std::array<double, PowerCurve::points> at_{};     // k / 10
};

inline double PowerTable::watts(double utilisation) const {
    const double u = std::min(utilisation, 1.0);
    const double tenths = u * 10.0;
    const auto k = static_cast<std::size_t>(tenths);
    const double above = tenths - static_cast<double>(k);
    if (above == 0.0) return watts_[k];  // no slope between a point and itself
    // Whatever 0.1 divides lies next to a tenth.
    if ((above < 1e-9 || above > 1.0 - 1e-9) && std::fmod(u, 0.1) == 0.0) return watts_[k];
    return watts_[k] + slope_[k] * (u - at_[k]) * 100.0;
}

// Half of the destination's bandwidth carries a migration, whatever else is on the way.
[[nodiscard]] inline double migration_seconds(double memory_mb, const HostType& destination) {
    return memory_mb / (destination.bandwidth / (2.0 * 8000.0));
}

struct Datacenter {
    Datacenter(const Options& options, std::size_t vm_count);

    std::size_t host_count() const { return slots.size(); }
    std::size_t vm_count() const { return mips.size(); }
    const HostType& type(HostIndex h) const { return options.host_types[host_type[h]]; }
    double power_watts(HostIndex h, double u) const { return power[host_type[h]].watts(u); }

    // Shares the host's CPU among its VMs in list order (facts: CloudSim's VmSchedulerTimeSharedOverSubscription).
    void share(HostIndex h);
    // Shares, and takes down the host's utilisation. O(VMs of the host).
    void update(HostIndex h);
    // The CPU use of every VM at a decision. O(VMs alive).
    void add_samples(std::span<const double> use);

    Options options;
    std::vector<PowerTable> power;  // per host type

    // Per host.
    std::vector<std::uint8_t> host_type;
    std::vector<double> total_mips;
    std::vector<double> core_mips;
    std::vector<std::vector<Slot>> slots;
    std::vector<double> free_mips;
    std::vector<double> used_mips;    // as of its last update; a VM leaving counts in full, one arriving a tenth
    std::vector<double> utilisation;  // the same in [0, 1]; what rounding brings just above 1 is 1
    std::vector<double> watts;        // at that use
    std::vector<std::uint8_t> violating;

    // Per VM.
    std::vector<double> mips;
    std::vector<double> memory_mb;
    std::vector<double> bandwidth;
    std::vector<double> request_mips;  // now
    std::vector<HostIndex> host;       // no_host = gone
    std::vector<std::uint8_t> migrating;
    std::vector<double> given_mips;  // as of its host's last update
    std::vector<VmIndex> alive;      // those on a host, in ascending order

    // CPU use at the last decisions, newest first, 0 where there was none yet: `history_samples` of them.
    std::span<const double> history_of(VmIndex vm) const {
        return std::span(history_).subspan(vm * history_stride() + newest_, options.history_samples);
    }

  private:
    [[nodiscard]] std::size_t history_stride() const { return 2 * options.history_samples; }

    std::vector<double> history_;  // per VM history_stride(), of which those from newest_ on count
    std::size_t newest_ = 0;
};

}  // namespace ballast::cloudsim
