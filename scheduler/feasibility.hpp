// SPDX-License-Identifier: Apache-2.0
// May these VMs go to that host in the working placement? The first hard constraint that refuses is the answer.
//
// Order of the checks, and so of the reasons:
//   leaving    1 source host not on, unreachable, ignored   2 VM ignored or frozen   3 immovable   4 not sampled
//   arriving   5 destination not on, unreachable, in maintenance, ignored, or with a VM that has no fresh sample
//              6 processor (cpu_compatibility.hpp), then what else the VM needs of a host (core/provisions.hpp)
//              7 pin, forbid   8 affinity   9 anti-affinity, then soft rules   10 left this host lately
//              (stability.hpp), then
//             the host does not give its own VMs what they ask for (pressure_signs.hpp)
//             11 number of virtual CPUs, then fit of all resources, in resource order
// A destination where arrivals failed lately is closed as by check 5.
// A destination with a VM that was not sampled is refused because its load is not known: the last known demand of that
// VM would be taken for its present one. Leaving such a host is not refused for its other VMs: less load never hurts.
//
// A soft rule refuses what would break it more than it is broken already, as long as soft rules hold.
//
// An affinity unit moves as a whole; of what is bound to it but runs elsewhere, some
// must already be at the destination: a torn group comes closer together, one part at a time.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "core/reason.hpp"
#include "scheduler/affinity_units.hpp"
#include "scheduler/cpu_compatibility.hpp"
#include "scheduler/placement.hpp"
#include "scheduler/pressure_signs.hpp"
#include "scheduler/stability.hpp"

namespace ballast {

// How full a destination may become, as fractions of its usable capacity.
struct Level {
    double rate = 1.0;       // cpu, network and disk I/O: they vary from minute to minute
    double memory = 1.0;     // configured memory: it does not vary
    bool evacuates = false;  // for who has to leave: check 10 refuses nothing

    [[nodiscard]] double operator[](Resource r) const { return r == Resource::memory ? memory : rate; }
};

class Feasibility {
  public:
    // Refers to all of them while it lives. Without `stability` no past counts, without
    // `pressure` no sign of want. O(hosts).
    Feasibility(const Cluster& cluster, const Placement& placement, const AffinityUnits& units,
                const Stability* stability = nullptr, const PressureSigns* pressure = nullptr);

    // Checks 1-4. O(1).
    [[nodiscard]] std::optional<Reason> leaving(VmId vm) const;
    // Checks 5-11 for a whole unit. O(members of the unit and of its rules).
    [[nodiscard]] std::optional<Reason> arriving(UnitId unit, HostId to, const Level& level) const {
        return arriving(unit, need(unit), to, level);
    }
    // The same for who asks about many hosts and has need(unit) at hand.
    [[nodiscard]] std::optional<Reason> arriving(UnitId unit, const ResourceVector& need, HostId to,
                                                 const Level& level) const;
    // Checks 5-7, 9 and 11 for one VM that stops over at `to`, with whole capacities: the rest of its unit may be
    // elsewhere while it travels.
    [[nodiscard]] std::optional<Reason> stopping_over(VmId vm, HostId to) const;

    // Why this host may neither be put to sleep nor woken: a freeze rule. Nothing for most.
    [[nodiscard]] std::optional<Reason> power_refusal(HostId host) const;

    // Checks 1 and 5 of a host alone.
    [[nodiscard]] std::optional<Reason> source_refusal(HostId host) const;
    [[nodiscard]] const std::optional<Reason>& closed(HostId host) const { return closed_[host.index()]; }
    // The hosts that check 5 lets through, in id order.
    [[nodiscard]] std::span<const HostId> open_hosts() const { return open_hosts_; }
    // From now on, a host that sleeps or wakes up passes check 5 if nothing but its power state is against it.
    // False if something else is.
    bool assume_on(HostId host);

    // From now on, soft rules refuse or do not. At first they do.
    void let_soft_rules_hold(bool hold) { soft_rules_hold_ = hold; }
    [[nodiscard]] bool has_soft_rules(UnitId unit) const { return !soft_rules_of(unit).empty(); }
    struct SoftCost {
        double weight = 0.0;  // sum over the soft rules that would be broken more than they are
        RuleId heaviest;      // of them, the first; none if it breaks none
    };
    // O(members of the unit and of its soft rules).
    [[nodiscard]] SoftCost soft_cost(UnitId unit, HostId to) const;

    // The sum of what its members need. O(members * samples of the window).
    [[nodiscard]] ResourceVector need(UnitId unit) const;
    [[nodiscard]] const CpuCompatibility& cpu() const { return cpu_; }

    // True if refusal `a` was nearer to a yes than `b`: a later check refused, or the same and it lacks relatively
    // less.
    [[nodiscard]] static bool closer(const Reason& a, const Reason& b);

  private:
    [[nodiscard]] Reason frozen(ReasonCode code, HostId host, RuleId rule) const;
    [[nodiscard]] std::optional<Reason> closed_for(HostId host, bool power_matters) const;
    [[nodiscard]] std::optional<Reason> against_machine(VmId vm, HostId to) const;
    [[nodiscard]] std::optional<Reason> against_rules(std::span<const VmId> members, HostId to) const;
    [[nodiscard]] std::optional<Reason> against_hosts(VmId vm, HostId to) const;
    [[nodiscard]] std::optional<Reason> against_affinity(VmId vm, HostId to) const;
    [[nodiscard]] std::optional<Reason> against_anti_affinity(VmId vm, HostId to, bool alone) const;
    [[nodiscard]] std::vector<RuleId> soft_rules_of(UnitId unit) const;
    [[nodiscard]] bool breaks(const Rule& rule, UnitId unit, HostId to) const;
    [[nodiscard]] std::optional<Reason> against_soft_rules(UnitId unit, HostId to) const;
    [[nodiscard]] std::optional<Reason> against_vcpus(std::span<const VmId> members, HostId to) const;
    [[nodiscard]] std::optional<Reason> against_fit(const ResourceVector& need, HostId to, const Level& level) const;

    const Cluster& cluster_;
    const Placement& placement_;
    const AffinityUnits& units_;
    const Stability* stability_;
    const PressureSigns* pressure_;
    CpuCompatibility cpu_;
    std::vector<std::optional<Reason>> closed_;  // by host
    std::vector<HostId> open_hosts_;
    bool soft_rules_hold_ = true;
};

}  // namespace ballast
