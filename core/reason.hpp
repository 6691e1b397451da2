// SPDX-License-Identifier: Apache-2.0
// Why something is done or not done: a code, the numbers, and the things they are about. Text is made on demand, so
// that a policy can give a reason for a million VMs without writing a million sentences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/resources.hpp"

namespace ballast {

enum class ReasonCode : std::uint8_t {
    // why a VM moves
    relieve_overload,   // its host is above the limit; value = load, limit = enter level (fractions)
    empty_host,         // its host can be emptied; value = its load, limit = level below which it is worth trying
    leave_maintenance,  // its host is in maintenance
    make_room,          // for vm, which comes to its host
    repair_rule,        // rule, which is broken where it is
    drain_low,          // its host is emptied VM by VM; value = its load, limit = level below which that is done
    lower_imbalance,    // value = the policy's measure of imbalance before the move, limit = after it
    pack_tighter,       // host = the fuller host it goes to; value = that host's load with it
    lower_contention,   // host is expected to be short of CPU; value = MHz that all hosts are expected to be short of
                        // less after the change, limit = MHz that host is; vm = whose move this one makes room for
    // why a VM moves, or may not go to a host: signs of want there (pressure.hpp)
    cpu_wait,      // its VMs wait for CPUs; value = share of the time, limit = share that is tolerated
    memory_stall,  // it stands still for want of memory; value, limit = likewise
    swapping,      // it swaps, or vm there does, whose balloon took its memory; value, limit = bytes per second
    // why a VM may not go to a host, or does not move
    resource_fit,   // value = use after the move, limit = what may be used, in the resource's unit
    planned_load,   // value = CPU planned for after the move, limit = what may be planned for (fractions)
    affinity,       // rule
    anti_affinity,  // rule, vm = another VM of it there; value = VMs of it in the domain after, limit = allowed (both 0
                    // if it allows one per host)
    soft_rule,      // rule, which would be broken; value = its weight
    left_lately,    // it would go back to where it came from; value = seconds since it left, limit = seconds to wait
    host_quarantined,  // VMs that were to arrive lately did not; value = how many, limit = seconds the host is avoided
    vcpu_limit,        // value = virtual CPUs after the move, limit = what the host's cpu_overcommit allows
    pinned,            // rule
    forbidden,         // rule
    vm_ignored,        // rule
    frozen,            // rule; value = Unix time at which it ends, 0 = not known
    host_ignored,      // rule
    host_unreachable,
    host_maintenance,
    host_not_on,
    cpu_arch,
    cpu_vendor,
    cpu_model,
    hypervisor_older,
    not_provided,       // vm = the VM that needs what the host is known not to provide
    immovable,          // the VM's own immovable_because
    not_sampled,        // no fresh sample
    cooldown,           // value = seconds since its last move, limit = seconds to wait
    daily_budget,       // value = moves in the last day, limit = moves allowed
    quarantine,         // a migration of it failed; value = seconds since, limit = seconds to wait
    host_content,       // its host is neither above the limit nor worth emptying; value = load, limit = enter level
    not_sustained,      // its host's load crossed the level only now; value = samples above, limit = samples needed
    not_needed,         // other moves bring its host back below the exit level; value = load after, limit = exit
    spared,             // as not_needed, because VMs of lower priority leave
    no_destination,     // no host can take it
    host_not_emptied,   // another VM of the host (vm) cannot leave, so none does
    too_little_saving,  // value = watts saved less what that costs, limit = watts needed
    not_tried,          // value = hosts that come before its host, in a row, for which no room was found
    move_limit,         // value = moves already planned, limit = moves allowed
    move_cycle,         // the moves wait for each other, and no third host could break the circle
    balanced,           // value = the policy's measure of imbalance, limit = the level that is tolerated
    no_gain,            // the policy found no move of it that it holds for an improvement
    tagged,             // the policy leaves VMs in affinity and anti-affinity rules alone; rule
    // why a host sleeps or wakes, or neither
    sleep_empty,        // no VM left; value = watts saved
    woke_lately,        // stays on; value = seconds since it was woken, limit = seconds it stays on
    sleep_budget,       // stays on; value = times it was put to sleep in the last day, limit = times allowed
    stays_headroom,     // kept on as headroom; value = hosts on without it, limit = hosts needed
    stays_spare,        // kept on for when other hosts fail; value = need of all VMs, limit = what would then be left
    stays_forecast,     // kept on for what is expected; value = MHz needed within the hour, limit = MHz left without it
    no_power_control,   // empty, but Ballast has no way to put it to sleep
    drained,            // in maintenance, and all its VMs leave; value = how many
    drain_waits,        // in maintenance; what stays leaves when the hosts that are woken are on; value = how many stay
    drain_blocked,      // in maintenance, and VMs cannot leave: vm is the first of them; value = how many stay
    power_frozen,       // rule; value = Unix time at which it ends, 0 = not known
    wake_for_overload,  // value = load of the busiest host, limit = enter level
    wake_spare,         // value = spare hosts that are on, limit = spare hosts wanted
    wake_forecast,      // value = MHz that all VMs are expected to need soon, limit = MHz that are there for them
    wake_every_host,    // the policy keeps every host on
};

struct Reason {
    ReasonCode code = ReasonCode::host_content;
    HostId host;  // the host it is about, if any
    VmId vm;      // the other VM it is about, if any
    RuleId rule;  // the rule that decided, if any; of a move: the heaviest soft rule that it breaks
    Resource resource = Resource::cpu;
    double value = 0.0;
    double limit = 0.0;
};

// Stable identifier for machines, e.g. "relieve-overload".
[[nodiscard]] std::string_view name(ReasonCode code);
// The code with this identifier, if there is one.
[[nodiscard]] std::optional<ReasonCode> find_reason_code(std::string_view identifier);

// One clause for people, with the numbers, e.g. "h1 is at 92 % CPU, above 80 %".
[[nodiscard]] std::string describe(const Reason& reason, const Cluster& cluster);

}  // namespace ballast
