// SPDX-License-Identifier: Apache-2.0
// A [[rule]] of the configuration; every key is explained in configs/ballast.toml.
#pragma once

#include "cli/toml/table_reader.hpp"
#include "core/rules.hpp"

namespace ballast::toml_io {

[[nodiscard]] RuleSpec read_rule(TableReader table);

}  // namespace ballast::toml_io
