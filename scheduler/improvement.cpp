// SPDX-License-Identifier: Apache-2.0
#include "scheduler/improvement.hpp"

#include <algorithm>
#include <vector>

namespace ballast {

namespace {

class Improvement {
  public:
    Improvement(Draft& draft, Problem::GoalId contention, Packer* packer)
        : draft_(draft), contention_(contention), packer_(packer) {}

    void make(const Change& change) {
        Problem& problem = draft_.problem();
        const UnitId first = change.shifts.front().unit;
        Reason reason;
        reason.code = ReasonCode::lower_contention;
        reason.host = problem.host_of(first);
        reason.limit = problem.in_goal_units(contention_, problem.of_host(contention_, reason.host));
        reason.value = problem.in_goal_units(contention_, saved(change));
        for (const Shift& shift : change.shifts) {
            if (shift.unit != first) reason.vm = draft_.units().members(first).front();
            move(shift, reason, shift.unit == first ? reason.value : 0.0);
        }
    }

  private:
    // Of contention alone.
    [[nodiscard]] Cost saved(const Change& change) {
        Problem& problem = draft_.problem();
        const std::size_t mark = problem.mark();
        const Cost before = problem.added(contention_);
        for (const Shift& shift : change.shifts) problem.apply(shift);
        const Cost after = problem.added(contention_);
        problem.undo(mark);
        return before - after;
    }

    void move(const Shift& shift, const Reason& reason, double relief_mhz) {
        if (packer_ != nullptr) {
            packer_->move(shift.unit, shift.to, reason, relief_mhz);
        } else {
            draft_.move(shift.unit, shift.to, reason, relief_mhz);
        }
    }

    Draft& draft_;
    Problem::GoalId contention_;
    Packer* packer_;
};

}  // namespace

bool improve(Draft& draft, const Optimiser& optimiser, Problem::GoalId contention, const ImprovementOptions& options,
             Packer* packer) {
    if (options.evaluations == 0 || !draft.may_move(1)) return false;
    std::vector<char> closed(draft.cluster().host_count(), 0);
    for (std::size_t h = 0; h < closed.size(); ++h) closed[h] = draft.sleeps(HostId(h)) ? 1 : 0;
    const OptimiserLimits limits{options.evaluations, draft.options().moves_max - draft.move_count(), options.level,
                                 options.urgency,     std::max<Cost>(1, to_cost(options.gain_min)),   closed};
    const std::vector<Change> changes = optimiser.improve(draft.problem(), limits);
    Improvement improvement(draft, contention, packer);
    for (const Change& change : changes) improvement.make(change);
    return !changes.empty();
}

}  // namespace ballast
