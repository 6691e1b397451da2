// SPDX-License-Identifier: Apache-2.0
// What Xen Orchestra's two modes share: its levels, the load it sees, and the VMs it never moves.
//
// CPU levels are shares of the critical one, levels of free memory multiples of it. The load of a VM is 0.75 of the
// last minute and 0.25 of the last 30 minutes; a host must be beyond a level with both the load of now and this one.
#pragma once

#include <vector>

#include "scheduler/zoo/peer.hpp"

namespace ballast::zoo {

struct XoLevels {
    double cpu_critical;   // fraction
    double free_critical;  // bytes
    [[nodiscard]] double cpu_high() const { return 0.85 * cpu_critical; }
    [[nodiscard]] double cpu_low() const { return 0.65 * cpu_critical; }
    [[nodiscard]] double free_high() const { return 1.2 * free_critical; }
    [[nodiscard]] double free_low() const { return 1.5 * free_critical; }
};

inline constexpr double xo_round_s = 60.0;

[[nodiscard]] std::vector<double> xo_mhz(const PolicyInput& input);
// As Peer::movable_units(), without VMs in an affinity or anti-affinity rule: Xen Orchestra leaves tagged VMs alone.
[[nodiscard]] std::vector<UnitId> xo_movable_units(Peer& peer, HostId host, double rest_s);

}  // namespace ballast::zoo
