// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/migration_reader.hpp"

#include "core/resources.hpp"

namespace ballast::toml_io {

void read_migration_model(TableReader& table, MigrationModel& model) {
    model.bandwidth_bytes_per_s =
        table.number("bandwidth_mib_per_s", model.bandwidth_bytes_per_s / bytes_per_mib, {0.001, 1e6}) * bytes_per_mib;
    model.dirty_bytes_per_s =
        table.number("dirty_mib_per_s", model.dirty_bytes_per_s / bytes_per_mib, {0.0, 1e6}) * bytes_per_mib;
    model.working_set_fraction = table.number("working_set_fraction", model.working_set_fraction, {0.0, 1.0});
    model.downtime_limit_s = table.number("downtime_limit_s", model.downtime_limit_s, {0.0, 3600.0});
    model.fixed_overhead_s = table.number("fixed_overhead_s", model.fixed_overhead_s, {0.0, 3600.0});
    model.resume_s = table.number("resume_s", model.resume_s, {0.0, 3600.0});
    model.rounds_max = static_cast<int>(table.whole("rounds_max", model.rounds_max, 0, 1000));
}

}  // namespace ballast::toml_io
