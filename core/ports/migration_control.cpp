// SPDX-License-Identifier: Apache-2.0
#include "core/ports/migration_control.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ballast {

namespace {
constexpr double ladder_begin = 0.2;  // of the timeout
constexpr double ladder_end = 0.8;
constexpr double forced_time = 1.5;  // of the timeout: then it is given up all the same

struct ActionName {
    TimeoutAction action;
    std::string_view name;
};
constexpr std::array action_names = {
    ActionName{TimeoutAction::abort, "abort"},
    ActionName{TimeoutAction::force, "force"},
    ActionName{TimeoutAction::pause, "pause"},
    ActionName{TimeoutAction::post_copy, "post-copy"},
};
}  // namespace

std::string_view name(TimeoutAction action) {
    for (const ActionName& row : action_names) {
        if (row.action == action) return row.name;
    }
    return "?";
}

std::optional<TimeoutAction> timeout_action_named(std::string_view name) {
    for (const ActionName& row : action_names) {
        if (row.name == name) return row.action;
    }
    return std::nullopt;
}

double allowed_downtime_s(const MigrationControl& control, double elapsed_s) {
    const double first = MigrationControl::downtime_s_first;
    if (control.timeout_s <= 0.0) return std::max(first, control.downtime_s_max);
    const double share = elapsed_s / control.timeout_s;
    if (share >= 1.0 && control.on_timeout == TimeoutAction::pause) return MigrationControl::downtime_s_most;
    if (share >= 1.0 && control.on_timeout == TimeoutAction::force) {
        return std::max(control.force_downtime_s, control.downtime_s_max);
    }
    const double climbed = std::clamp((share - ladder_begin) / (ladder_end - ladder_begin), 0.0, 1.0);
    const double steps = std::floor(climbed * MigrationControl::downtime_steps + 1e-9);
    return first + std::max(0.0, control.downtime_s_max - first) * steps / MigrationControl::downtime_steps;
}

double abort_after_s(const MigrationControl& control) {
    return control.timeout_s * (control.on_timeout == TimeoutAction::abort ? 1.0 : forced_time);
}

}  // namespace ballast
