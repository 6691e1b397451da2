// SPDX-License-Identifier: Apache-2.0
#include "core/models/migration_model.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace ballast {

MigrationCost migration_cost(const MigrationModel& model, double memory_bytes) {
    BALLAST_CHECK(model.bandwidth_bytes_per_s > 0.0, "migration bandwidth must be positive");
    const double working_set = model.working_set_fraction * memory_bytes;
    const double stop_at = model.bandwidth_bytes_per_s * model.downtime_limit_s;
    MigrationCost cost;
    double to_send = memory_bytes;
    for (int round = 0; round < model.rounds_max && to_send > stop_at; ++round) {
        const double round_s = to_send / model.bandwidth_bytes_per_s;
        cost.bytes += to_send;
        cost.duration_s += round_s;
        to_send = std::min(working_set, model.dirty_bytes_per_s * round_s);
    }
    cost.bytes += to_send;
    cost.downtime_s = to_send / model.bandwidth_bytes_per_s + model.resume_s;
    cost.duration_s += cost.downtime_s + model.fixed_overhead_s;
    return cost;
}

}  // namespace ballast
