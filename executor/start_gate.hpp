// SPDX-License-Identifier: Apache-2.0
// Whether anything new may be begun now: asked before every action of a plan. What runs already is not its business.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace ballast {

// Why nothing may be begun now, in words; nothing if it may. Called by the thread that runs the plan; must not block.
using StartGate = std::function<std::optional<std::string>()>;

}  // namespace ballast
