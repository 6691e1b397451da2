// SPDX-License-Identifier: Apache-2.0
#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"

namespace ballast {

std::string_view name(SideState state) {
    switch (state) {
        case SideState::unreachable: return "unreachable";
        case SideState::absent: return "absent";
        case SideState::defined: return "defined";
        case SideState::incoming: return "incoming";
        case SideState::paused: return "paused";
        case SideState::running: return "running";
    }
    return "?";
}

std::string_view name(Handover handover) {
    switch (handover) {
        case Handover::direct: return "direct";
        case Handover::paused: return "paused";
    }
    return "?";
}

std::string_view name(MigrationState state) {
    switch (state) {
        case MigrationState::intended: return "intended";
        case MigrationState::migrating: return "migrating";
        case MigrationState::verifying: return "verifying";
        case MigrationState::done: return "done";
        case MigrationState::rolled_back: return "rolled-back";
        case MigrationState::rejected: return "rejected";
        case MigrationState::needs_operator: return "needs-operator";
    }
    return "?";
}

}  // namespace ballast
