// SPDX-License-Identifier: Apache-2.0
// "Why does it not move?", "why is this host still on?": one decision, explained for one VM or host at a time, with the
// alternatives that there were and what would change the decision. A pure function of the policy's input and the
// decision made from it; nothing is decided here.
//
// Alternatives are judged on the placement the plan leads to, but with the VM (and what moves with it) where it is now:
// the hard constraints of feasibility.hpp first, then the levels that the policy's specification names for destinations
// (policy_levels.hpp) and, where it packs, what it plans with (joint_load.hpp); not so the host that the policy chose,
// which was judged when less had come to it. What a policy prefers among the hosts that could take a VM is its own
// affair.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/models/migration_model.hpp"
#include "core/reason.hpp"
#include "scheduler/affinity_units.hpp"
#include "scheduler/engine.hpp"
#include "scheduler/joint_load.hpp"
#include "scheduler/load_window.hpp"
#include "scheduler/placement.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/policy_levels.hpp"
#include "scheduler/what_would_change.hpp"

namespace ballast {

enum class Standing : std::uint8_t {
    moves,     // the plan migrates it
    left_out,  // the policy wants it to move, the plan could not order that safely
    stays,
};

[[nodiscard]] std::string_view name(Standing standing);  // "moves", "left-out", "stays"

// How full a host is: fractions of what is usable of it.
struct HostLoad {
    double cpu = 0.0;
    double memory = 0.0;
};

// Another host that a VM could go to.
struct Candidate {
    HostId host;
    std::optional<Reason> refusal;  // the first one; none = the host could take the VM
    bool idle = false;              // could take it, but carries nothing: to empty one host into it gains nothing
    HostLoad with_it;               // planned load of the host with the VM and what moves with it
    double peak = 0.0;  // the highest planned utilisation of any measured resource, times its weight, likewise
};

struct VmExplanation {
    VmId vm;
    Standing standing = Standing::stays;
    HostId from;                          // where it is
    HostId to;                            // where the policy wants it; none if it stays
    Reason reason;                        // why it moves, was left out, or stays
    std::vector<ActionId> actions;        // its migrations in the plan; two if it steps aside on the way
    std::vector<VmId> moves_with;         // the others of its affinity unit
    std::vector<RuleId> rules;            // that name it
    std::optional<double> last_move_s;    // seconds ago; none = not known to have moved
    HostLoad host_now;                    // of its host
    HostLoad host_after;                  // planned, when the plan is done
    MigrationCost cost;                   // of moving it, whether it moves or not
    double relief_mhz = 0.0;              // benefit of its move, as in Move
    double saved_watts = 0.0;             // likewise
    std::vector<Candidate> candidates;    // every other host, best first
    HostId best_alternative;              // best candidate but the one it goes to; none if there is no other host
    std::vector<Condition> would_change;  // never empty
};

// One VM of a host that is explained.
struct VmOutcome {
    VmId vm;
    Standing standing = Standing::stays;
    HostId to;  // none if it stays
    Reason reason;
};

struct HostExplanation {
    HostId host;
    HostAction action = HostAction::none;
    Reason reason;
    std::vector<ActionId> actions;  // its power actions in the plan
    HostLoad now;
    HostLoad after;                      // planned, when the plan is done
    std::optional<double> watts_now;     // none: it has no power curve
    std::optional<double> asleep_watts;  // likewise
    // CPU that is missing until it is hot, or too much until it is worth emptying; negative: it is beyond that. None:
    // it is not on or does not answer, or the policy has no such level.
    std::optional<double> to_hot_mhz;
    std::optional<double> to_empty_mhz;
    std::vector<VmOutcome> vms;           // on it now, in id order
    std::vector<VmId> arriving;           // VMs that the plan brings, in id order
    std::vector<Condition> would_change;  // never empty
};

class Explainer {
  public:
    // Refers to both while it lives; `decision` was made from `input`. O((hosts + VMs) * samples).
    Explainer(const PolicyInput& input, const Decision& decision);
    Explainer(const Explainer&) = delete;
    Explainer& operator=(const Explainer&) = delete;

    // O(hosts log hosts + moves).
    [[nodiscard]] VmExplanation explain(VmId vm) const;
    // O(VMs of the host + moves).
    [[nodiscard]] HostExplanation explain(HostId host) const;
    // O(log of the moves left out).
    [[nodiscard]] VmOutcome outcome(VmId vm) const;

  private:
    [[nodiscard]] Circumstances circumstances() const { return {input_, decision_, levels_}; }
    [[nodiscard]] const Move* move_of(VmId vm) const;
    // The unit that a VM was decided about with.
    struct Bound {
        const AffinityUnits& units;
        UnitId unit;
        bool gave_way;  // soft rules were broken for it
    };
    [[nodiscard]] Bound bound_to(VmId vm) const;
    [[nodiscard]] Placement placement_without(const Bound& bound) const;
    [[nodiscard]] std::vector<Candidate> candidates(const Bound& bound, HostId to) const;
    [[nodiscard]] std::optional<Reason> planned_refusal(const Bound& bound, HostId to, JointLoad& joint) const;
    [[nodiscard]] HostId best_alternative(const VmExplanation& explanation) const;

    PolicyInput input_;
    const Decision& decision_;
    PolicyLevels levels_;
    LoadWindow window_;
    AffinityUnits units_;
    AffinityUnits hard_units_;
    std::vector<std::uint32_t> move_index_;  // by VM: its place in the proposal's moves, or no_move
    std::map<VmId, HostId> goes_to_;         // by VM that the plan migrates: where it is in the end
    Placement after_;                        // when the plan is done
};

}  // namespace ballast
