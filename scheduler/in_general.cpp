// SPDX-License-Identifier: Apache-2.0
#include "scheduler/what_would_change.hpp"

namespace ballast {

std::string_view in_general(ReasonCode code) {
    switch (code) {
        case ReasonCode::relieve_overload: return "too much load on a host";
        case ReasonCode::empty_host: return "the host can be emptied";
        case ReasonCode::leave_maintenance: return "the host is in maintenance";
        case ReasonCode::repair_rule: return "a rule is broken where it is";
        case ReasonCode::make_room: return "makes room for a VM that has to leave its host";
        case ReasonCode::left_lately: return "it left the host nearest to a yes only a short time ago";
        case ReasonCode::host_quarantined: return "migrations to the host nearest to a yes failed lately";
        case ReasonCode::daily_budget: return "moved as often in a day as allowed";
        case ReasonCode::quarantine: return "a migration failed lately";
        case ReasonCode::woke_lately: return "woken only a short time ago";
        case ReasonCode::sleep_budget: return "slept as often in a day as allowed";
        case ReasonCode::stays_forecast: return "kept on for the load that is expected within the hour";
        case ReasonCode::wake_forecast: return "the load that is expected soon needs it";
        case ReasonCode::stays_spare: return "kept on as a spare for failures";
        case ReasonCode::drained: return "in maintenance, and all VMs leave";
        case ReasonCode::drain_waits: return "in maintenance, and VMs wait for hosts that are being woken";
        case ReasonCode::drain_blocked: return "in maintenance, and not all VMs can leave";
        case ReasonCode::drain_low: return "the host is emptied VM by VM";
        case ReasonCode::lower_imbalance: return "the cluster becomes more even";
        case ReasonCode::pack_tighter: return "a fuller host has room";
        case ReasonCode::lower_contention: return "a host is expected to run short of CPU";
        case ReasonCode::balanced: return "the cluster is even enough";
        case ReasonCode::no_gain: return "no move is an improvement by the policy's measure";
        case ReasonCode::tagged: return "the policy leaves VMs in such rules alone";
        case ReasonCode::wake_spare: return "too few spare hosts are on";
        case ReasonCode::wake_every_host: return "the policy keeps every host on";
        case ReasonCode::cpu_wait: return "the VMs of the host wait for CPUs";
        case ReasonCode::memory_stall: return "the host stands still for want of memory";
        case ReasonCode::swapping: return "the host swaps, or a VM whose balloon took its memory";
        case ReasonCode::spared: return "VMs of lower priority are moved in its place";
        case ReasonCode::resource_fit: return "no host has the room";
        case ReasonCode::planned_load: return "no host has the CPU to spare that is planned with";
        case ReasonCode::affinity: return "a rule demands one host together with a VM that is elsewhere";
        case ReasonCode::anti_affinity: return "a rule demands to be apart from a VM on the host nearest to a yes";
        case ReasonCode::pinned: return "a rule pins to other hosts than the one nearest to a yes";
        case ReasonCode::forbidden: return "a rule forbids the host nearest to a yes";
        case ReasonCode::vm_ignored: return "a rule says never to move it";
        case ReasonCode::not_provided: return "the host nearest to a yes lacks what it needs";
        case ReasonCode::soft_rule: return "a soft rule would be broken on the host nearest to a yes";
        case ReasonCode::vcpu_limit: return "the host nearest to a yes has as many virtual CPUs as it may";
        case ReasonCode::frozen: return "a freeze window is in force";
        case ReasonCode::power_frozen: return "a freeze window keeps the host as it is";
        case ReasonCode::host_ignored: return "a rule says that the host is left alone";
        case ReasonCode::host_unreachable: return "the host does not answer";
        case ReasonCode::host_maintenance: return "the host is in maintenance";
        case ReasonCode::host_not_on: return "the host is not on";
        case ReasonCode::cpu_arch: return "no host of the guest's architecture is open";
        case ReasonCode::cpu_vendor: return "no host with a CPU of the same vendor is open";
        case ReasonCode::cpu_model: return "no host with the CPU model that the guest is bound to is open";
        case ReasonCode::hypervisor_older: return "no host with a hypervisor as new is open";
        case ReasonCode::immovable: return "no live migration is possible";
        case ReasonCode::not_sampled: return "there is no fresh sample of the load";
        case ReasonCode::cooldown: return "moved only a short time ago";
        case ReasonCode::host_content: return "the host is neither hot nor worth emptying";
        case ReasonCode::not_sustained: return "the host crossed the level only now";
        case ReasonCode::not_needed: return "other moves are enough for the host";
        case ReasonCode::no_destination: return "no host can take it";
        case ReasonCode::host_not_emptied: return "another VM of the host cannot leave, so none does";
        case ReasonCode::too_little_saving: return "emptying the host would save too little";
        case ReasonCode::not_tried: return "it was not tried to empty the host";
        case ReasonCode::move_limit: return "as many moves as allowed at a time are planned already";
        case ReasonCode::move_cycle: return "the moves wait for each other, and no third host has room";
        case ReasonCode::sleep_empty: return "empty";
        case ReasonCode::stays_headroom: return "kept on as headroom";
        case ReasonCode::no_power_control: return "empty, but Ballast has no way to put it to sleep";
        case ReasonCode::wake_for_overload: return "nothing that is on has room for what hot hosts have too much";
    }
    return "?";
}

}  // namespace ballast
