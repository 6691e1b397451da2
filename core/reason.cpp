// SPDX-License-Identifier: Apache-2.0
#include "core/reason.hpp"

#include <array>
#include <cstdio>

#include "core/number_text.hpp"
#include "core/utc_time.hpp"

namespace ballast {

namespace {

std::string quantity(Resource resource, double value) {
    switch (resource) {
        case Resource::cpu: return number_text(value, 0) + " MHz";
        case Resource::memory: return number_text(value / bytes_per_mib, 0) + " MiB";
        case Resource::network:
        case Resource::disk_io: return number_text(value / 1e6, 1) + " MB/s";
    }
    return {};
}

std::string cpu_in_words(const HostCpu& cpu) {
    return (cpu.vendor.empty() ? "an unknown vendor" : cpu.vendor) + (cpu.model.empty() ? "" : " " + cpu.model);
}

// The sentence in the making: what it may refer to, with fallbacks for what is not set.
struct Phrase {
    const Reason& reason;
    const Cluster& cluster;

    [[nodiscard]] std::string host() const {
        return reason.host.valid() ? cluster.spec(reason.host).name : std::string("its host");
    }
    [[nodiscard]] std::string vm() const {
        return reason.vm.valid() ? cluster.spec(reason.vm).name : std::string("another VM");
    }
    [[nodiscard]] std::string rule() const {
        if (!reason.rule.valid()) return "a rule";
        const Rule& rule = cluster.rule(reason.rule);
        if (!rule.soft()) return "rule \"" + rule.name + "\"";
        std::array<char, 32> weight{};
        std::snprintf(weight.data(), weight.size(), "%g", rule.weight);
        return "the soft rule \"" + rule.name + "\" (weight " + weight.data() + ")";
    }
    // Of a move.
    [[nodiscard]] std::string breaking() const {
        return reason.rule.valid() ? ", and nothing else is possible than to break " + rule() : std::string();
    }
    [[nodiscard]] std::string anti_affinity() const {
        const bool plain = !reason.rule.valid() || (cluster.rule(reason.rule).at_most == 1 &&
                                                    cluster.rule(reason.rule).per == FaultDomain::host);
        if (plain) return rule() + " keeps it apart from " + vm() + ", which is on " + host();
        const std::string domain(name(cluster.rule(reason.rule).per));
        return rule() + " allows " + number_text(reason.limit, 0) + " of its VMs per " + domain + "; " +
               number_text(reason.value, 0) + " would be on " + host() +
               (domain == "host" ? "" : " and the others of its " + domain);
    }
    [[nodiscard]] std::string missing() const {
        const bool known = reason.vm.valid() && reason.host.valid();
        const std::string* need = known ? cluster.inventory().provisions().missing(reason.vm, reason.host) : nullptr;
        return need == nullptr ? std::string("what it needs") : "\"" + *need + "\", which " + vm() + " needs";
    }
    [[nodiscard]] std::string until() const {
        const bool known = reason.value > 0.0 && reason.value <= unix_time_max_s;
        return known ? " until " + utc_text(reason.value) : std::string();
    }
    [[nodiscard]] std::string swaps() const {
        const std::string who = reason.vm.valid() ? vm() + " on " + host() : host();
        return who + " swaps " + quantity(Resource::disk_io, reason.value) + ", more than " +
               quantity(Resource::disk_io, reason.limit) +
               (reason.vm.valid() ? ", and its balloon has taken memory from it" : "");
    }
    [[nodiscard]] std::string load() const { return host() + " is at " + percent_text(reason.value) + " " + what(); }
    [[nodiscard]] std::string what() const {
        return reason.resource == Resource::cpu ? "CPU" : std::string(name(reason.resource));
    }
};

std::string describe_move(const Phrase& p) {
    const Reason& r = p.reason;
    switch (r.code) {
        case ReasonCode::relieve_overload: return p.load() + ", above " + percent_text(r.limit) + p.breaking();
        case ReasonCode::empty_host: return p.load() + ", below " + percent_text(r.limit) + ", and can be emptied";
        case ReasonCode::leave_maintenance: return p.host() + " is in maintenance" + p.breaking();
        case ReasonCode::repair_rule: return p.rule() + " is broken while it is on " + p.host();
        case ReasonCode::make_room: return "it makes room on " + p.host() + " for " + p.vm();
        case ReasonCode::drain_low: return p.load() + ", below " + percent_text(r.limit) + ", and is emptied VM by VM";
        case ReasonCode::lower_imbalance:
            return "the imbalance of the cluster falls from " + number_text(r.value, 3) + " to " +
                   number_text(r.limit, 3);
        case ReasonCode::pack_tighter:
            return p.host() + " is fuller and has room for it: " + percent_text(r.value) + " " + p.what() + " with it";
        case ReasonCode::cpu_wait:
            return "the VMs of " + p.host() + " wait for a CPU " + percent_text(r.value) +
                   " of the time they want one, more than " + percent_text(r.limit) + p.breaking();
        case ReasonCode::memory_stall:
            return p.host() + " stands still for want of memory " + percent_text(r.value) + " of the time, more than " +
                   percent_text(r.limit) + p.breaking();
        case ReasonCode::swapping: return p.swaps() + p.breaking();
        case ReasonCode::lower_contention:
            return p.host() + " is expected to be short of " + number_text(r.limit, 1) + " MHz within the hour; " +
                   (r.vm.valid() ? "with the move of " + p.vm() + ", for which this makes room, all hosts are short of "
                                 : std::string("with this move all hosts are short of ")) +
                   number_text(r.value, 1) + " MHz less";
        default: return {};
    }
}

std::string describe_refusal(const Phrase& p) {
    const Reason& r = p.reason;
    switch (r.code) {
        case ReasonCode::resource_fit:
            return p.host() + " would use " + quantity(r.resource, r.value) + " " + std::string(name(r.resource)) +
                   " of the " + quantity(r.resource, r.limit) + " it may use";
        case ReasonCode::planned_load:
            return p.host() + " would be planned to need " + percent_text(r.value) + " of its CPU, more than " +
                   percent_text(r.limit);
        case ReasonCode::affinity: return p.rule() + " keeps it on one host with " + p.vm();
        case ReasonCode::anti_affinity: return p.anti_affinity();
        case ReasonCode::left_lately:
            return "it left " + p.host() + " " + number_text(r.value, 0) + " s ago and does not go back for " +
                   number_text(r.limit, 0) + " s";
        case ReasonCode::host_quarantined:
            return p.host() + " is avoided: " + number_text(r.value, 0) + " migrations to it failed within " +
                   number_text(r.limit, 0) + " s";
        case ReasonCode::pinned: return p.rule() + " pins it to other hosts than " + p.host();
        case ReasonCode::forbidden: return p.rule() + " forbids " + p.host();
        case ReasonCode::vm_ignored: return p.rule() + " says that it is never moved";
        case ReasonCode::frozen: return p.rule() + " freezes it" + p.until();
        case ReasonCode::host_ignored: return p.rule() + " says that " + p.host() + " is left alone";
        case ReasonCode::host_unreachable: return p.host() + " does not answer";
        case ReasonCode::host_maintenance: return p.host() + " is in maintenance";
        case ReasonCode::host_not_on: return p.host() + " is not on";
        case ReasonCode::cpu_arch:
            return p.host() + " (" + p.cluster.spec(r.host).cpu.arch + ") cannot run the guest's architecture";
        case ReasonCode::cpu_vendor:
            return p.host() + " has a CPU of another vendor (" + cpu_in_words(p.cluster.spec(r.host).cpu) +
                   ") and no cpu-compatible rule allows it";
        case ReasonCode::cpu_model:
            return "its CPU is bound to its host's model, and " + p.host() + " has " +
                   cpu_in_words(p.cluster.spec(r.host).cpu);
        case ReasonCode::hypervisor_older: return p.host() + " has an older hypervisor than its present host";
        case ReasonCode::soft_rule: return "on " + p.host() + " it would break " + p.rule();
        case ReasonCode::vcpu_limit:
            return p.host() + " would have " + number_text(r.value, 0) +
                   " virtual CPUs, and its cpu_overcommit allows " + number_text(r.limit, 0);
        case ReasonCode::not_provided: return p.host() + " does not provide " + p.missing();
        case ReasonCode::no_destination: {
            std::string text = "no host can take it";
            if (r.host.valid()) text += "; " + p.host() + " came closest";
            return text;
        }
        default: return {};
    }
}

std::string describe_stay(const Phrase& p) {
    const Reason& r = p.reason;
    switch (r.code) {
        case ReasonCode::immovable: return "it cannot be live-migrated";
        case ReasonCode::not_sampled: return "there is no fresh sample of it, so nothing is decided about it";
        case ReasonCode::cooldown:
            return "it moved " + number_text(r.value, 0) + " s ago and rests for " + number_text(r.limit, 0) + " s";
        case ReasonCode::daily_budget:
            return "it moved " + number_text(r.value, 0) + " times in the last day, and " + number_text(r.limit, 0) +
                   " are allowed";
        case ReasonCode::quarantine:
            return "a migration of it failed " + number_text(r.value, 0) + " s ago; it is left alone for " +
                   number_text(r.limit, 0) + " s";
        case ReasonCode::host_content: return p.load() + ", not above " + percent_text(r.limit);
        case ReasonCode::not_sustained:
            return p.host() + " crossed the level in " + number_text(r.value, 0) + " of the " +
                   number_text(r.limit, 0) + " samples needed";
        case ReasonCode::not_needed:
            return "without it " + p.host() + " comes down to " + percent_text(r.value) + ", and " +
                   percent_text(r.limit) + " is enough";
        case ReasonCode::spared:
            return "VMs of lower priority leave " + p.host() + " in its place, which comes down to " +
                   percent_text(r.value) + ", and " + percent_text(r.limit) + " is enough";
        case ReasonCode::host_not_emptied: return p.host() + " stays on, because " + p.vm() + " cannot leave it";
        case ReasonCode::too_little_saving:
            return "emptying " + p.host() + " would save " + number_text(r.value, 1) +
                   " W after what it costs, less than " + number_text(r.limit, 1) + " W";
        case ReasonCode::not_tried:
            return "it was not tried to empty " + p.host() + ": for " + number_text(r.value, 0) +
                   " hosts in a row that come before it no room was found";
        case ReasonCode::move_limit:
            return number_text(r.value, 0) + " moves are planned already, " + number_text(r.limit, 0) +
                   " are allowed at a time";
        case ReasonCode::balanced:
            return "the imbalance of the cluster is " + number_text(r.value, 3) + ", not above " +
                   number_text(r.limit, 3);
        case ReasonCode::no_gain: return "no move of it was found that the policy holds for an improvement";
        case ReasonCode::tagged: return p.rule() + " mentions it, and the policy leaves such VMs alone";
        case ReasonCode::move_cycle: return "it waits for a VM that waits for it, and no third host has room for one";
        default: return {};
    }
}

std::string describe_power(const Phrase& p) {
    const Reason& r = p.reason;
    switch (r.code) {
        case ReasonCode::sleep_empty: return p.host() + " is empty; asleep it saves " + number_text(r.value, 0) + " W";
        case ReasonCode::woke_lately:
            return p.host() + " was woken " + number_text(r.value, 0) + " s ago and stays on for " +
                   number_text(r.limit, 0) + " s";
        case ReasonCode::sleep_budget:
            return p.host() + " was put to sleep " + number_text(r.value, 0) + " times in the last day, and " +
                   number_text(r.limit, 0) + " are allowed";
        case ReasonCode::stays_headroom:
            return p.host() + " stays on as headroom: without it " + number_text(r.value, 2) + " of the " +
                   number_text(r.limit, 2) + " needed would be left";
        case ReasonCode::stays_spare:
            return p.host() + " stays on as a spare: should other hosts fail, " + quantity(r.resource, r.limit) + " " +
                   std::string(name(r.resource)) + " would be left for the " + quantity(r.resource, r.value) +
                   " that all VMs take";
        case ReasonCode::stays_forecast:
            return p.host() + " stays on for what is expected within the hour: without it " +
                   quantity(Resource::cpu, r.limit) + " would be left for the " + quantity(Resource::cpu, r.value) +
                   " that all VMs may need";
        case ReasonCode::no_power_control: return p.host() + " is empty, but Ballast has no way to put it to sleep";
        case ReasonCode::drained:
            return p.host() + " is in maintenance; all its " + number_text(r.value, 0) + " VMs leave";
        case ReasonCode::drain_waits:
            return p.host() + " is in maintenance; " + number_text(r.value, 0) +
                   " of its VMs leave when the hosts that are being woken are on";
        case ReasonCode::drain_blocked:
            return p.host() + " is in maintenance, and " + number_text(r.value, 0) +
                   " of its VMs cannot leave, the first is " + p.vm();
        case ReasonCode::power_frozen:
            return p.rule() + " keeps " + p.host() + " from being put to sleep or woken" + p.until();
        case ReasonCode::wake_for_overload:
            return p.host() + " is needed: a host is at " + percent_text(r.value) + " CPU, above " +
                   percent_text(r.limit) + ", and nothing else has room";
        case ReasonCode::wake_spare:
            return p.host() + " is woken as a spare: " + number_text(r.value, 0) + " empty hosts are on, " +
                   number_text(r.limit, 0) + " are wanted";
        case ReasonCode::wake_forecast:
            return p.host() + " is woken ahead of the load: all VMs are expected to need " +
                   quantity(Resource::cpu, r.value) + " soon, and " + quantity(Resource::cpu, r.limit) +
                   " are there for them";
        case ReasonCode::wake_every_host: return p.host() + " is woken, because the policy keeps every host on";
        default: return {};
    }
}

}  // namespace

std::string_view name(ReasonCode code) {
    switch (code) {
        case ReasonCode::relieve_overload: return "relieve-overload";
        case ReasonCode::empty_host: return "empty-host";
        case ReasonCode::leave_maintenance: return "leave-maintenance";
        case ReasonCode::make_room: return "make-room";
        case ReasonCode::repair_rule: return "repair-rule";
        case ReasonCode::drain_low: return "drain-low";
        case ReasonCode::lower_imbalance: return "lower-imbalance";
        case ReasonCode::pack_tighter: return "pack-tighter";
        case ReasonCode::cpu_wait: return "cpu-wait";
        case ReasonCode::memory_stall: return "memory-stall";
        case ReasonCode::swapping: return "swapping";
        case ReasonCode::lower_contention: return "lower-contention";
        case ReasonCode::resource_fit: return "resource-fit";
        case ReasonCode::planned_load: return "planned-load";
        case ReasonCode::affinity: return "affinity";
        case ReasonCode::anti_affinity: return "anti-affinity";
        case ReasonCode::left_lately: return "left-lately";
        case ReasonCode::host_quarantined: return "host-quarantined";
        case ReasonCode::soft_rule: return "soft-rule";
        case ReasonCode::vcpu_limit: return "vcpu-limit";
        case ReasonCode::pinned: return "pinned";
        case ReasonCode::forbidden: return "forbidden";
        case ReasonCode::vm_ignored: return "vm-ignored";
        case ReasonCode::frozen: return "frozen";
        case ReasonCode::host_ignored: return "host-ignored";
        case ReasonCode::host_unreachable: return "host-unreachable";
        case ReasonCode::host_maintenance: return "host-maintenance";
        case ReasonCode::host_not_on: return "host-not-on";
        case ReasonCode::cpu_arch: return "cpu-arch";
        case ReasonCode::cpu_vendor: return "cpu-vendor";
        case ReasonCode::cpu_model: return "cpu-model";
        case ReasonCode::hypervisor_older: return "hypervisor-older";
        case ReasonCode::not_provided: return "not-provided";
        case ReasonCode::immovable: return "immovable";
        case ReasonCode::not_sampled: return "not-sampled";
        case ReasonCode::cooldown: return "cooldown";
        case ReasonCode::daily_budget: return "daily-budget";
        case ReasonCode::quarantine: return "quarantine";
        case ReasonCode::host_content: return "host-content";
        case ReasonCode::not_sustained: return "not-sustained";
        case ReasonCode::not_needed: return "not-needed";
        case ReasonCode::spared: return "spared";
        case ReasonCode::no_destination: return "no-destination";
        case ReasonCode::host_not_emptied: return "host-not-emptied";
        case ReasonCode::too_little_saving: return "too-little-saving";
        case ReasonCode::not_tried: return "not-tried";
        case ReasonCode::move_limit: return "move-limit";
        case ReasonCode::move_cycle: return "move-cycle";
        case ReasonCode::balanced: return "balanced";
        case ReasonCode::no_gain: return "no-gain";
        case ReasonCode::tagged: return "tagged";
        case ReasonCode::sleep_empty: return "sleep-empty";
        case ReasonCode::woke_lately: return "woke-lately";
        case ReasonCode::sleep_budget: return "sleep-budget";
        case ReasonCode::stays_headroom: return "stays-headroom";
        case ReasonCode::stays_spare: return "stays-spare";
        case ReasonCode::stays_forecast: return "stays-forecast";
        case ReasonCode::no_power_control: return "no-power-control";
        case ReasonCode::drained: return "drained";
        case ReasonCode::drain_waits: return "drain-waits";
        case ReasonCode::drain_blocked: return "drain-blocked";
        case ReasonCode::power_frozen: return "power-frozen";
        case ReasonCode::wake_for_overload: return "wake-for-overload";
        case ReasonCode::wake_spare: return "wake-spare";
        case ReasonCode::wake_forecast: return "wake-forecast";
        case ReasonCode::wake_every_host: return "wake-every-host";
    }
    return "?";
}

std::optional<ReasonCode> find_reason_code(std::string_view identifier) {
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(ReasonCode::wake_every_host); ++i) {
        const auto code = static_cast<ReasonCode>(i);
        if (name(code) == identifier) return code;
    }
    return std::nullopt;
}

std::string describe(const Reason& reason, const Cluster& cluster) {
    const Phrase phrase{reason, cluster};
    for (const auto part : {describe_move, describe_refusal, describe_stay, describe_power}) {
        if (std::string text = part(phrase); !text.empty()) return text;
    }
    return std::string(name(reason.code));
}

}  // namespace ballast
