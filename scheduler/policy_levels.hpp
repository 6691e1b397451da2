// SPDX-License-Identifier: Apache-2.0
// The levels a policy acts at, as far as its specification names them: what an explanation compares loads with.
#pragma once

#include <optional>
#include <string_view>

#include "core/resources.hpp"

namespace ballast {

struct PolicyLevels {
    std::optional<double> enter;     // fraction of usable CPU: a host above it is hot
    std::optional<double> low;       // fraction: a host below it is worth emptying
    std::optional<double> fill;      // fraction: destinations stay at or below it (`target`, `exit` or `fill`)
    std::optional<double> memory;    // fraction of usable memory: the same
    std::optional<double> margin;    // standard deviations: destinations are planned by joint load (joint_load.hpp)
    std::optional<double> cpu_wait;  // shares of the time: a host above them is under pressure (pressure_signs.hpp)
    std::optional<double> memory_stall;
    ResourceVector weights{1.0, 1.0, 1.0, 1.0};  // of resources where destinations are compared
    std::optional<double> sustain_s;
    std::optional<double> no_return_s;  // a VM does not go back to a host it left for so long
};

// `specification`: canonical, as Policy::specification() gives it.
[[nodiscard]] PolicyLevels levels_of(std::string_view specification);

}  // namespace ballast
