// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/toml/table_reader.hpp"
#include "executor/power/options.hpp"

namespace ballast::toml_io {

// A table [power] or [host.power]; what is absent stays as it is in `common`. A host that changes the method starts
// anew: nothing of another method's is taken over. `host` is empty for [power].
[[nodiscard]] power::PowerOptions read_power_method(TableReader table, const power::PowerOptions& common,
                                                    const std::string& host);

}  // namespace ballast::toml_io
