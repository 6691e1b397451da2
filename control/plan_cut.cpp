// SPDX-License-Identifier: Apache-2.0
#include "control/plan_cut.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/checker.hpp"

namespace ballast {

namespace {

std::size_t count_moves(const Plan& plan) {
    return static_cast<std::size_t>(std::count_if(plan.actions.begin(), plan.actions.end(), [](const Action& action) {
        return action.kind == ActionKind::migrate;
    }));
}

// Which actions remain when only the first `moves_max` migrations may.
std::vector<bool> kept_actions(const Plan& plan, std::size_t moves_max) {
    std::vector<bool> kept(plan.actions.size(), false);
    std::size_t moves = 0;
    for (std::size_t i = 0; i < plan.actions.size(); ++i) {
        const Action& action = plan.actions[i];
        const bool is_move = action.kind == ActionKind::migrate;
        kept[i] = std::all_of(action.after.begin(), action.after.end(), [&](ActionId id) { return kept[id.index()]; });
        kept[i] = kept[i] && !(is_move && moves == moves_max);
        moves += kept[i] && is_move ? 1 : 0;
    }
    return kept;
}

// A host that was to be woken for others, none of which remains, sleeps on.
void drop_idle_wakes(const Plan& plan, std::vector<bool>& kept) {
    std::vector<bool> wanted(plan.actions.size(), false);
    std::vector<bool> had_a_purpose(plan.actions.size(), false);
    for (std::size_t i = 0; i < plan.actions.size(); ++i) {
        for (const ActionId before : plan.actions[i].after) {
            had_a_purpose[before.index()] = true;
            wanted[before.index()] = wanted[before.index()] || kept[i];
        }
    }
    for (std::size_t i = 0; i < plan.actions.size(); ++i) {
        const bool idle = had_a_purpose[i] && !wanted[i];
        if (plan.actions[i].kind == ActionKind::power_on && idle) kept[i] = false;
    }
}

Plan only(const Plan& plan, const std::vector<bool>& kept) {
    Plan part;
    part.left_out = plan.left_out;
    std::vector<std::optional<ActionId>> new_id(plan.actions.size());
    for (std::size_t i = 0; i < plan.actions.size(); ++i) {
        if (!kept[i]) continue;
        new_id[i] = ActionId(part.actions.size());
        Action action = plan.actions[i];
        for (ActionId& before : action.after) before = new_id[before.index()].value_or(before);
        part.actions.push_back(std::move(action));
    }
    return part;
}

}  // namespace

CutPlan cut_plan(const Plan& plan, const Cluster& cluster, std::size_t moves_max) {
    const std::size_t all = count_moves(plan);
    if (all <= moves_max) return {plan, 0};
    for (std::size_t max = moves_max + 1; max-- > 0;) {
        std::vector<bool> kept = kept_actions(plan, max);
        drop_idle_wakes(plan, kept);
        Plan part = only(plan, kept);
        if (check_plan(cluster, part).empty()) return {part, all - count_moves(part)};
    }
    return {Plan{{}, plan.left_out}, all};
}

}  // namespace ballast
