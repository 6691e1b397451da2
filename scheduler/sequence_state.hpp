// SPDX-License-Identifier: Apache-2.0
// A plan in the making: the state after all actions appended so far, and the dependencies each new action needs so that
// the plan is sound for any overlap (the argument is in sequence.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/cluster.hpp"
#include "core/plan.hpp"
#include "scheduler/placement.hpp"

namespace ballast {

// What VMs take of a host.
struct Load {
    ResourceVector resources;
    std::int64_t vcpus = 0;

    Load& operator+=(const Load& other) {
        resources += other.resources;
        vcpus += other.vcpus;
        return *this;
    }
    Load& operator-=(const Load& other) {
        resources -= other.resources;
        vcpus -= other.vcpus;
        return *this;
    }
    friend Load operator+(Load a, const Load& b) { return a += b; }
};

class SequenceState {
  public:
    // Refers to `cluster` while it lives. VMs take their present footprints.
    explicit SequenceState(const Cluster& cluster);

    // Where everything is when all actions so far are done.
    [[nodiscard]] const Placement& placement() const { return placement_; }
    // Whether `vm` can go to `to` now: room for its footprint, and not too many VMs there that it must be kept apart
    // from. With `without`, as if that VM were not on `to`.
    [[nodiscard]] bool can_arrive(VmId vm, HostId to, VmId without = {}) const;

    // O(actions / 64 * dependencies + arrivals and departures at `to`).
    void append_migration(VmId vm, HostId to, const Reason& reason, const MigrationCost& cost);
    void append_power_on(HostId host, const Reason& reason);
    // After all arrivals and departures of the host.
    void append_power_off(HostId host, const Reason& reason);

    [[nodiscard]] std::vector<Action> take_actions() { return std::move(actions_); }

  private:
    struct Arrival {
        ActionId action;
        Load use;  // the bound on the host's use while this arrives
    };
    struct HostLog {
        std::vector<Arrival> arrivals;
        std::vector<ActionId> departures;
        ActionId power_on;
    };
    struct Stop {
        HostId host;
        ActionId departure;
    };
    // The actions that certainly come before the one being made: a bit per action, and which were asked for.
    struct Predecessors {
        std::vector<std::uint64_t> bits;
        std::vector<ActionId> direct;
    };

    [[nodiscard]] const HostLog& log_of(HostId host) const;
    [[nodiscard]] static bool has(const std::vector<std::uint64_t>& bits, ActionId action);
    void add(Predecessors& before, ActionId action) const;
    [[nodiscard]] bool in_domain(HostId host, const Rule& rule, HostId of) const;
    void add_moves_to_wait_for(Predecessors& before, const Rule& rule, VmId vm, HostId to) const;
    void add_departures_needed(Predecessors& before, VmId vm, HostId to) const;
    [[nodiscard]] Load load_of(VmId vm) const;
    [[nodiscard]] Load use_given(const Predecessors& before, HostId host, const Load& more) const;
    [[nodiscard]] bool within(const Load& use, HostId host) const;
    void append(Action action, const Predecessors& before);

    const Cluster& cluster_;
    Placement placement_;
    std::vector<Action> actions_;
    std::vector<std::vector<std::uint64_t>> predecessors_;  // by action
    std::map<HostId, HostLog> hosts_;                       // those that take part
    std::map<VmId, std::vector<Stop>> stops_;               // where a VM was and which action took it away
};

}  // namespace ballast
