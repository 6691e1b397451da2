// SPDX-License-Identifier: Apache-2.0
// Somebody else's word on one migration, right before it: a backup that is about to begin, an application that must not
// stand still now.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/ports/hypervisor.hpp"

namespace ballast {

// Why this migration must not start, in one line; nothing if it may. May block for as long as its maker says.
using Veto = std::function<std::optional<std::string>(const MigrationRequest&)>;

}  // namespace ballast
