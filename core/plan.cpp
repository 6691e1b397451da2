// SPDX-License-Identifier: Apache-2.0
#include "core/plan.hpp"

namespace ballast {

std::string_view name(ActionKind kind) {
    switch (kind) {
        case ActionKind::migrate: return "migrate";
        case ActionKind::power_on: return "power-on";
        case ActionKind::power_off: return "power-off";
    }
    return "?";
}

}  // namespace ballast
