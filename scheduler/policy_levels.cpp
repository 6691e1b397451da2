// SPDX-License-Identifier: Apache-2.0
#include "scheduler/policy_levels.hpp"

#include "scheduler/policy_options.hpp"

namespace ballast {

PolicyLevels levels_of(std::string_view specification) {
    const auto target = option_in(specification, "target");
    return {option_in(specification, "enter"),
            option_in(specification, "low"),
            target ? target : option_in(specification, "exit"),
            option_in(specification, "memory"),
            option_in(specification, "margin"),
            option_in(specification, "sustain")};
}

}  // namespace ballast
