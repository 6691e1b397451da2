// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "cli/toml/table_reader.hpp"
#include "core/host.hpp"

namespace ballast::toml_io {

// The power keys of a host or host group: power_table = "NAME" or power_watts = [11 values], sleep_watts, boot_s,
// boot_watts, suspend_s, power_control. Absent without power_table and power_watts.
[[nodiscard]] std::optional<HostPower> read_power(TableReader& table);

}  // namespace ballast::toml_io
