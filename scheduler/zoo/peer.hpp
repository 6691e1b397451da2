// SPDX-License-Identifier: Apache-2.0
// What the policies of the zoo share: another balancer's algorithm at work on a Draft. The algorithm decides what it
// wants by criteria of its own, on the loads that it sees; its wish comes true if no hard constraint is against it.
//
// An affinity unit stands for one VM with the unit's load. A VM moves at most once in a decision. What may not leave
// its host (a rule, a local disk, no fresh sample) is no candidate, as if the operator had excluded it. Hosts in
// maintenance are neither relieved nor used: draining is not what is compared here.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "scheduler/draft.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/zoo/loads.hpp"

namespace ballast::zoo {

// How often something that is done every `seconds` is done in one period of the history; at least once.
[[nodiscard]] std::size_t rounds_of(double seconds, const History& history);

class Peer {
  public:
    // `vm_mhz`: the CPU load that the policy sees, by VM (loads.hpp). `high`: the limit told of hosts with nothing to
    // do. Refers to what is in `input` while it lives.
    Peer(const PolicyInput& input, std::vector<double> vm_mhz, double high);

    [[nodiscard]] Draft& draft() { return draft_; }
    [[nodiscard]] const Cluster& cluster() const { return draft_.cluster(); }
    [[nodiscard]] const Placement& placement() const { return draft_.placement(); }
    [[nodiscard]] const Loads& loads() const { return loads_; }
    [[nodiscard]] double cpu_mhz(UnitId unit) const;
    [[nodiscard]] double memory_bytes(UnitId unit) const;  // in use
    [[nodiscard]] double configured_bytes(UnitId unit) const;
    [[nodiscard]] double free_bytes(HostId host) const;  // of memory, after what is configured

    // Hosts that are on, answer, and are neither ignored nor in maintenance; in id order.
    [[nodiscard]] std::span<const HostId> hosts() const { return hosts_; }
    // What may leave the host: units that were on it at the begin and have not moved, by first member. Of the others
    // it is said why they stay.
    [[nodiscard]] std::vector<UnitId> movable_units(HostId host, double rest_s = 0.0);

    // Why the hard constraints refuse this move, if they do.
    [[nodiscard]] std::optional<Reason> refusal(UnitId unit, HostId to);
    // Moves the unit, or says of it why that is refused. `to` is not the host it is on.
    bool move(UnitId unit, HostId to, const Reason& reason);
    // Takes all moves since draft().move_count() was `mark` back.
    void rollback(std::size_t mark);

    // Says of the units that were on the host at the begin and of which nothing is known yet why they stay.
    void explain_rest(HostId host, const Reason& reason);
    // Says of every host without a verdict, and so of its VMs, that nothing is done for this reason.
    void explain_hosts(Reason reason);

    // Puts an empty host to sleep if Ballast can; otherwise says why not.
    bool sleep(HostId host);
    void wake(HostId host, Reason reason);
    // Watts saved if the host, as loaded now, went to sleep.
    [[nodiscard]] double saving_watts(HostId host) const;
    [[nodiscard]] bool controllable(HostId host) const;
    // Hosts in this state that Ballast can switch, neither ignored nor in maintenance; in id order. From then on the
    // hard constraints are asked about them as if they were on.
    [[nodiscard]] std::vector<HostId> controllable_hosts(PowerState power);
    // Of hosts(), those that carry nothing and were not told to sleep.
    [[nodiscard]] std::vector<HostId> empty_hosts() const;

  private:
    [[nodiscard]] std::optional<Reason> resting(UnitId unit, double rest_s) const;

    const History& history_;
    Draft draft_;
    Loads loads_;
    std::vector<HostId> hosts_;
    std::vector<char> told_to_sleep_;  // by host
};

}  // namespace ballast::zoo
