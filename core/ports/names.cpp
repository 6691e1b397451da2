// SPDX-License-Identifier: Apache-2.0
#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"
#include "core/ports/power.hpp"
#include "core/ports/power_journal.hpp"

namespace ballast {

std::string_view name(SideState state) {
    switch (state) {
        case SideState::unreachable: return "unreachable";
        case SideState::absent: return "absent";
        case SideState::defined: return "defined";
        case SideState::incoming: return "incoming";
        case SideState::paused: return "paused";
        case SideState::running: return "running";
        case SideState::off: return "off";
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

std::string_view name(PowerSight sight) {
    switch (sight) {
        case PowerSight::on: return "on";
        case PowerSight::asleep: return "asleep";
        case PowerSight::unknown: return "unknown";
    }
    return "?";
}

std::string_view name(SwitchKind kind) {
    switch (kind) {
        case SwitchKind::sleep: return "sleep";
        case SwitchKind::wake: return "wake";
    }
    return "?";
}

std::string_view name(SwitchState state) {
    switch (state) {
        case SwitchState::intended: return "intended";
        case SwitchState::switching: return "switching";
        case SwitchState::done: return "done";
        case SwitchState::rejected: return "rejected";
        case SwitchState::failed: return "failed";
    }
    return "?";
}

}  // namespace ballast
