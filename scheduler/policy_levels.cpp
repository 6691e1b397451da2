// SPDX-License-Identifier: Apache-2.0
#include "scheduler/policy_levels.hpp"

#include "scheduler/policy_options.hpp"

namespace ballast {

PolicyLevels levels_of(std::string_view specification) {
    auto fill = option_in(specification, "target");
    if (!fill) fill = option_in(specification, "exit");
    if (!fill) fill = option_in(specification, "fill");
    return {
        option_in(specification, "enter"),    option_in(specification, "low"),    fill,
        option_in(specification, "memory"),   option_in(specification, "margin"), option_in(specification, "sustain"),
        option_in(specification, "no_return")};
}

}  // namespace ballast
