// SPDX-License-Identifier: Apache-2.0
#include "core/proposal.hpp"

namespace ballast {

std::string_view name(HostAction action) {
    switch (action) {
        case HostAction::none: return "none";
        case HostAction::wake: return "wake";
        case HostAction::sleep: return "sleep";
    }
    return "?";
}

}  // namespace ballast
