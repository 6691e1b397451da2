// SPDX-License-Identifier: Apache-2.0
#include "core/ports/migration_control.hpp"

#include <algorithm>
#include <cmath>

namespace ballast {

namespace {
constexpr double ladder_begin = 0.2;  // of the timeout
constexpr double ladder_end = 0.8;
constexpr double forced_time = 1.5;  // of the timeout: then it is given up all the same
}  // namespace

double allowed_downtime_s(const MigrationControl& control, double elapsed_s) {
    const double first = MigrationControl::downtime_s_first;
    if (control.timeout_s <= 0.0) return std::max(first, control.downtime_s_max);
    const double share = elapsed_s / control.timeout_s;
    const bool forced = share >= 1.0 && control.on_timeout == TimeoutAction::force;
    if (forced) return std::max(control.force_downtime_s, control.downtime_s_max);
    const double climbed = std::clamp((share - ladder_begin) / (ladder_end - ladder_begin), 0.0, 1.0);
    const double steps = std::floor(climbed * MigrationControl::downtime_steps + 1e-9);
    return first + std::max(0.0, control.downtime_s_max - first) * steps / MigrationControl::downtime_steps;
}

double abort_after_s(const MigrationControl& control) {
    return control.timeout_s * (control.on_timeout == TimeoutAction::force ? forced_time : 1.0);
}

}  // namespace ballast
