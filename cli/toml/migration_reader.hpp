// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/toml/table_reader.hpp"
#include "core/models/migration_model.hpp"

namespace ballast::toml_io {

// The keys of a migration model: bandwidth_mib_per_s, dirty_mib_per_s, working_set_fraction, downtime_limit_s,
// fixed_overhead_s, resume_s, rounds_max. What is absent stays as it is in `model`.
void read_migration_model(TableReader& table, MigrationModel& model);

}  // namespace ballast::toml_io
