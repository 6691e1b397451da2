// SPDX-License-Identifier: Apache-2.0
// The problem that policies solve, in one place:
//   objects      affinity units, VMs that move together (affinity_units.hpp)
//   containers   hosts
//   dimensions   the resources, and the CPU that the VMs of a host need together over time (joint_load.hpp)
//   constraints  feasibility.hpp and stability.hpp: allows(), blocked()
//   goals        terms of one objective (goal.hpp), each with a weight: the objective's unit per unit of the goal
// and its working state, which is changed one shift at a time and changed back to the last bit. Whoever improves a
// placement needs nothing else, and knows nothing of what is behind a constraint or a goal (optimiser.hpp).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "scheduler/affinity_units.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/joint_load.hpp"
#include "scheduler/load_window.hpp"
#include "scheduler/placement.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/pressure_signs.hpp"
#include "scheduler/problem/cost.hpp"
#include "scheduler/problem/goal.hpp"
#include "scheduler/stability.hpp"

namespace ballast {

// A unit goes to a host where it is not.
struct Shift {
    UnitId unit;
    HostId to;
};

class Problem {
  public:
    // VMs need the mean over the newest `window_samples` samples (load_window.hpp); `weights` as Placement. Refers to
    // `input` while it lives. O((hosts + VMs) * window_samples).
    Problem(const PolicyInput& input, std::size_t window_samples, const StabilityOptions& stability,
            const PressureLevels& pressure = {}, const ResourceVector& weights = {1.0, 1.0, 1.0, 1.0});
    Problem(const Problem&) = delete;
    Problem& operator=(const Problem&) = delete;

    [[nodiscard]] const Cluster& cluster() const { return input_.cluster; }
    [[nodiscard]] const AffinityUnits& units() const { return units_; }
    [[nodiscard]] const LoadWindow& window() const { return window_; }
    [[nodiscard]] const Placement& placement() const { return placement_; }
    [[nodiscard]] const Stability& stability() const { return stability_; }
    [[nodiscard]] const PressureSigns& pressure() const { return pressure_; }
    [[nodiscard]] Feasibility& feasibility() { return feasibility_; }
    [[nodiscard]] const Feasibility& feasibility() const { return feasibility_; }
    [[nodiscard]] HostId host_of(UnitId unit) const { return placement_.host_of(units_.members(unit).front()); }
    [[nodiscard]] bool moved(UnitId unit) const { return placement_.moved(units_.members(unit).front()); }
    // The units that are on this host now, by first member. O(VMs on it in the cluster + steps).
    [[nodiscard]] std::vector<UnitId> units_on(HostId host) const;

    // To be called once, before anything has moved: from now on the joint load of hosts is kept. As JointLoad.
    JointLoad& plan_jointly(double z, bool looks_ahead);
    [[nodiscard]] JointLoad& joint();  // checked: they are kept

    // Constraints.
    struct Block {
        VmId blocker;
        Reason reason;
    };
    // Why this unit cannot move in this decision, wherever to: a member may not leave its host, or rests.
    [[nodiscard]] std::optional<Block> blocked(UnitId unit, Urgency urgency) const;
    // Whether every shift is allowed where all the others have been made. Different units, at most 3 (checked).
    // O(1) checks of Feasibility::arriving() per pair of shifts.
    [[nodiscard]] bool allows(std::span<const Shift> change, const Level& level);
    // As Feasibility::let_soft_rules_hold(), and soft affinity binds or not. Only between moves of whole units; once a
    // unit that soft affinity bound has been moved in part, the others stay unbound.
    void let_soft_rules_hold(bool hold);

    // Goals. To be added before anything has moved (checked); `weight` at least 0.
    using GoalId = Id<struct GoalTag>;
    GoalId add(std::unique_ptr<Goal> goal, double weight);
    // The objective, and the part of it that is one goal, weighted. O(hosts + VMs + rules) the first time, then O(1).
    [[nodiscard]] Cost value();
    [[nodiscard]] Cost value(GoalId goal);
    // What has been added to them since nothing had moved. O(1).
    [[nodiscard]] Cost added() const;
    [[nodiscard]] Cost added(GoalId goal) const { return added_[goal.index()]; }
    // What the hosts' parts of the objective are on this host. O(goals) once known, else O(samples).
    [[nodiscard]] Cost of_host(HostId host);
    [[nodiscard]] Cost of_host(GoalId goal, HostId host);
    // Without its weight, which must not be 0.
    [[nodiscard]] double in_goal_units(GoalId goal, Cost cost) const {
        return in_units(cost) / terms_[goal.index()].weight;
    }
    // value() after the change less value() before it. O(shifts * (goals * samples + members + their rules)).
    [[nodiscard]] Cost delta(std::span<const Shift> change);

    // The working state. O(members * samples + goals * samples).
    void apply(const Shift& shift);
    // Number of VMs shifted so far; the way back to there restores every sum to the last bit.
    [[nodiscard]] std::size_t mark() const { return records_.size(); }
    void undo(std::size_t mark);

  private:
    struct Step {
        HostId from;
        HostId to;
        std::size_t records;  // before it
        std::size_t joint;    // JointLoad::mark() before it
    };

    void know(HostId host);
    void look_at(std::span<const VmId> members, Cost sign);
    void save(HostId host);
    void refresh(HostId host);
    void restore(HostId host);

    PolicyInput input_;
    LoadWindow window_;
    Stability stability_;
    PressureSigns pressure_;
    AffinityUnits units_;
    Placement placement_;
    Feasibility feasibility_;
    std::optional<JointLoad> joint_;

    struct Term {
        std::unique_ptr<Goal> goal;
        double weight;
        std::optional<Cost> start;  // its value when nothing had moved
    };
    std::vector<Term> terms_;
    std::vector<Cost> added_;       // by goal
    std::vector<char> known_;       // by host: its row of host_costs_ is filled
    std::vector<Cost> host_costs_;  // by host and goal
    std::vector<RuleId> rules_;     // scratch of look_at()

    std::vector<Step> steps_;
    std::vector<Placement::Record> records_;
    std::vector<Cost> saved_;  // per step: added_, and the costs of both hosts
};

}  // namespace ballast
