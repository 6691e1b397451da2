// SPDX-License-Identifier: Apache-2.0
#include "scheduler/policy_levels.hpp"

#include "scheduler/policy_options.hpp"

namespace ballast {

PolicyLevels levels_of(std::string_view specification) {
    auto fill = option_in(specification, "target");
    if (!fill) fill = option_in(specification, "exit");
    if (!fill) fill = option_in(specification, "fill");
    const auto weight = [&](std::string_view key) { return option_in(specification, key).value_or(1.0); };
    PolicyLevels levels;
    levels.enter = option_in(specification, "enter");
    levels.low = option_in(specification, "low");
    levels.fill = fill;
    levels.memory = option_in(specification, "memory");
    levels.margin = option_in(specification, "margin");
    levels.cpu_wait = option_in(specification, "cpu_wait");
    levels.memory_stall = option_in(specification, "memory_stall");
    levels.weights = {weight("cpu_weight"), weight("memory_weight"), weight("network_weight"), weight("disk_weight")};
    levels.sustain_s = option_in(specification, "sustain");
    levels.no_return_s = option_in(specification, "no_return");
    return levels;
}

}  // namespace ballast
