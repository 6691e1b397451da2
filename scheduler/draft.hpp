// SPDX-License-Identifier: Apache-2.0
// A proposal in the making: the problem (problem/problem.hpp) in its working state, the moves decided so far, and the
// reason for every VM that stays and for every host. What a policy leaves unsaid is filled in when it is finished, so
// that every VM has a move or a stay and every host a verdict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/proposal.hpp"
#include "scheduler/affinity_units.hpp"
#include "scheduler/feasibility.hpp"
#include "scheduler/load_window.hpp"
#include "scheduler/placement.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/pressure_signs.hpp"
#include "scheduler/problem/problem.hpp"
#include "scheduler/stability.hpp"

namespace ballast {

struct DraftOptions {
    std::size_t sustain = 3;  // samples for which a load must have been as it is, and of which a VM's need is the mean
    StabilityOptions stability;
    PressureLevels pressure;
    ResourceVector weights{1.0, 1.0, 1.0, 1.0};  // of resources where hosts are compared (placement.hpp)
    std::size_t moves_max = 64;                  // VMs moved by one decision
    double enter = 0.8;                          // fraction; reported as the limit of hosts with nothing to do
};

class Draft {
  public:
    Draft(const PolicyInput& input, const DraftOptions& options);
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    [[nodiscard]] const Cluster& cluster() const { return input_.cluster; }
    [[nodiscard]] const DraftOptions& options() const { return options_; }
    // What is shifted there is shifted back before anything is moved here.
    [[nodiscard]] Problem& problem() { return problem_; }
    [[nodiscard]] const LoadWindow& window() const { return problem_.window(); }
    [[nodiscard]] const AffinityUnits& units() const { return problem_.units(); }
    [[nodiscard]] const Placement& placement() const { return problem_.placement(); }
    [[nodiscard]] Feasibility& feasibility() { return problem_.feasibility(); }
    [[nodiscard]] const Stability& stability() const { return problem_.stability(); }
    [[nodiscard]] const PressureSigns& pressure() const { return problem_.pressure(); }

    [[nodiscard]] std::optional<Problem::Block> blocked(UnitId unit, Urgency urgency) const {
        return problem_.blocked(unit, urgency);
    }
    // The highest of its members'.
    [[nodiscard]] Priority priority(UnitId unit) const;
    [[nodiscard]] bool moved(UnitId unit) const { return problem_.moved(unit); }
    // Whether a VM has been moved to this host in this decision.
    [[nodiscard]] bool received(HostId host) const { return received_[host.index()] > 0; }
    // Whether so many more VMs may be moved; and the reason to give if not.
    [[nodiscard]] bool may_move(std::size_t vms) const { return move_count() + vms <= options_.moves_max; }
    [[nodiscard]] Reason move_limit() const;

    // Moves every VM of a unit that has not moved yet. `relief_mhz` is shared among them by their CPU need.
    void move(UnitId unit, HostId to, const Reason& reason, double relief_mhz);
    // Number of VMs moved so far; also the mark to which rollback() returns.
    [[nodiscard]] std::size_t move_count() const { return moves_.size(); }
    [[nodiscard]] std::span<const Move> moves() const { return moves_; }
    void rollback(std::size_t mark);
    // Spreads the watts saved evenly over the moves made since `mark`.
    void credit_watts(std::size_t mark, double watts);

    void let_soft_rules_hold(bool hold) { problem_.let_soft_rules_hold(hold); }

    void stay(UnitId unit, const Reason& reason, HostId best = {});
    [[nodiscard]] bool has_stay(UnitId unit) const { return stays_.contains(units().members(unit).front()); }
    // For every VM that is on the host at the begin.
    void stay_all(HostId host, const Reason& reason);
    void verdict(HostId host, HostAction action, const Reason& reason);
    // Takes back the verdicts that wake hosts.
    void retract_wakes();
    [[nodiscard]] bool has_verdict(HostId host) const { return verdicts_[host.index()].has_value(); }
    // Whether it is to be put to sleep.
    [[nodiscard]] bool sleeps(HostId host) const {
        return has_verdict(host) && verdicts_[host.index()]->action == HostAction::sleep;
    }

    // A reason of this code about the CPU load of this host now.
    [[nodiscard]] Reason load_reason(ReasonCode code, HostId host, double limit) const;

    // Moves in the order they were made; then all the rest. Nothing may be called afterwards.
    [[nodiscard]] Proposal finish(std::string specification);

  private:
    [[nodiscard]] Reason nothing_to_do(HostId host) const;
    // What was not said of a host; and of the VMs on it, of which is true what is said of their host.
    void complete(HostId host);

    PolicyInput input_;
    DraftOptions options_;
    Problem problem_;
    std::vector<Move> moves_;
    std::vector<std::size_t> received_;  // by host: VMs moved to it
    Stays stays_;                        // what was said last of a VM, also of those that move
    std::vector<std::optional<HostVerdict>> verdicts_;
};

}  // namespace ballast
