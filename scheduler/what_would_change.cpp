// SPDX-License-Identifier: Apache-2.0
#include "scheduler/what_would_change.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "core/number_text.hpp"
#include "scheduler/affinity_units.hpp"

namespace ballast {

namespace {

std::string quantity(Resource resource, double value) {
    switch (resource) {
        case Resource::cpu:
            return value < 999.5 ? number_text(value, 0) + " MHz" : number_text(value / 1000.0, 1) + " GHz";
        case Resource::memory: {
            const double mib = value / bytes_per_mib;
            return mib < 1023.5 ? number_text(mib, 0) + " MiB" : number_text(mib / 1024.0, 1) + " GiB";
        }
        case Resource::network:
        case Resource::disk_io: return number_text(value / 1e6, 1) + " MB/s";
    }
    return {};
}

std::string_view unit_of(Resource resource) {
    switch (resource) {
        case Resource::cpu: return "MHz";
        case Resource::memory: return "bytes";
        case Resource::network:
        case Resource::disk_io: return "bytes/s";
    }
    return {};
}

std::string what(Resource resource) { return resource == Resource::cpu ? "CPU" : std::string(name(resource)); }

std::string duration(double seconds) {
    if (seconds < 120.0) return number_text(seconds, 0) + " s";
    return seconds < 7200.0 ? number_text(seconds / 60.0, 0) + " min" : number_text(seconds / 3600.0, 1) + " h";
}

// The answers in the making: what they may refer to, with fallbacks for what is not set.
class Answer {
  public:
    Answer(const Reason& reason, const Subject& subject, const Circumstances& circumstances)
        : reason_(reason), subject_(subject), at_(circumstances) {}

    [[nodiscard]] std::vector<Condition> all() const;

  private:
    [[nodiscard]] const Cluster& cluster() const { return at_.input.cluster; }
    [[nodiscard]] HostId host_id() const { return reason_.host.valid() ? reason_.host : subject_.host; }
    [[nodiscard]] std::string host() const { return cluster().spec(host_id()).name; }
    [[nodiscard]] std::string own_host() const { return cluster().spec(subject_.host).name; }
    [[nodiscard]] std::string other_vm() const {
        return reason_.vm.valid() ? cluster().spec(reason_.vm).name : std::string("the other VM");
    }
    [[nodiscard]] std::string rule() const {
        return reason_.rule.valid() ? "rule \"" + cluster().rule(reason_.rule).name + "\"" : std::string("the rule");
    }
    [[nodiscard]] std::string nearest() const {
        return host() + (host_id() == subject_.host ? "" : ", the host nearest to a yes");
    }

    [[nodiscard]] Condition crossing(const std::string& verb, double now, double limit, const char* when = "now") const;
    [[nodiscard]] Condition more_room() const;
    [[nodiscard]] Condition less_planned() const;
    [[nodiscard]] std::vector<Condition> other_load() const;
    [[nodiscard]] Condition sustained() const;
    [[nodiscard]] Condition compatible() const;
    [[nodiscard]] std::vector<Condition> blocker_gone() const;
    [[nodiscard]] Condition when_on() const;
    [[nodiscard]] Condition fewer_there() const;
    [[nodiscard]] Condition passed() const;
    [[nodiscard]] Condition higher_limit() const;

    const Reason& reason_;
    Subject subject_;
    const Circumstances& at_;
};

// "if h1's CPU VERB 80 % (now 43 %, +7.4 GHz)"
Condition Answer::crossing(const std::string& verb, double now, double limit, const char* when) const {
    const double missing = (limit - now) * cluster().usable(host_id())[reason_.resource];
    return {"if " + host() + "'s " + what(reason_.resource) + " " + verb + " " + percent_text(limit) + " (" + when +
                " " + percent_text(now) + ", " + (missing < 0.0 ? "-" : "+") +
                quantity(reason_.resource, std::abs(missing)) + ")",
            missing, unit_of(reason_.resource)};
}

Condition Answer::more_room() const {
    const double missing = reason_.value - reason_.limit;
    return {
        "if " + quantity(reason_.resource, missing) + " more " + what(reason_.resource) + " were free on " + nearest(),
        missing, unit_of(reason_.resource)};
}

Condition Answer::less_planned() const {
    const double excess_mhz = (reason_.value - reason_.limit) * cluster().usable(host_id()).cpu_mhz();
    return {"if the VMs of " + host() + " were planned to need " + quantity(Resource::cpu, excess_mhz) + " less CPU",
            excess_mhz, "MHz"};
}

// The host is neither hot nor emptied.
std::vector<Condition> Answer::other_load() const {
    const double now = reason_.value;
    std::vector<Condition> conditions = {crossing("rises above", now, reason_.limit)};
    if (!at_.levels.low) return conditions;
    if (now >= *at_.levels.low) {
        conditions.push_back(crossing("falls below", now, *at_.levels.low));
    } else {
        conditions.push_back({"in a decision that moves no VM to " + host() + ": then it is tried to empty it", 0, {}});
    }
    return conditions;
}

Condition Answer::sustained() const {
    const double missing = std::max(1.0, reason_.limit - reason_.value);
    const double seconds = missing * at_.input.history.period_s();
    const double load = cluster().cpu_utilisation(host_id());
    const bool hot = at_.levels.enter && load > *at_.levels.enter;
    const auto level = hot ? at_.levels.enter : at_.levels.low;
    const std::string where = !level ? " where it is" : (hot ? " above " : " below ") + percent_text(*level);
    return {"if " + host() + " stays" + where + " for " + number_text(missing, 0) + " more sample" +
                (missing > 1.0 ? "s" : "") + " (" + duration(seconds) + ")",
            seconds, "s"};
}

// The guest's processor as a cpu-compatible rule names it.
Condition Answer::compatible() const {
    std::string model = "its CPU model";
    if (subject_.vm.valid() && !cluster().spec(subject_.vm).cpu.model.empty()) {
        model = cluster().spec(subject_.vm).cpu.model;
    }
    return {"with a cpu-compatible rule for " + model + " that names " + own_host() + " and " + host(), 0, {}};
}

// Follows the chain: host_not_emptied names the VM that cannot leave, and that VM has a reason of its own.
std::vector<Condition> Answer::blocker_gone() const {
    const std::string lead = "if " + other_vm() + " could leave " + host();
    const auto blocker = reason_.vm.valid() ? stay_in(at_.decision, reason_.vm) : std::nullopt;
    if (!blocker || blocker->reason.code == ReasonCode::host_not_emptied) return {{lead, 0, {}}};
    const Subject who{reason_.vm, cluster().state(reason_.vm).host};
    std::vector<Condition> conditions = what_would_change(blocker->reason, who, at_);
    const std::string why = lead + " (" + describe(blocker->reason, cluster()) + "): ";
    for (Condition& condition : conditions) condition.text = why + condition.text;
    return conditions;
}

// A host that sleeps is woken for what has to leave another.
Condition Answer::when_on() const {
    const auto& power = cluster().spec(host_id()).power;
    const bool wakeable = power && power->controllable && cluster().state(host_id()).power == PowerState::asleep;
    if (subject_.vm.valid() || !wakeable) return {"when " + host() + " is on", 0, {}};
    return {"if a host were hot or in maintenance and nothing that is on had room: then it is woken", 0, {}};
}

Condition Answer::fewer_there() const {
    const bool plain = !reason_.rule.valid() || (cluster().rule(reason_.rule).at_most == 1 &&
                                                 cluster().rule(reason_.rule).per == FaultDomain::host);
    if (plain) return {"if " + other_vm() + " were not on " + host(), 0, {}};
    const std::string domain(name(cluster().rule(reason_.rule).per));
    const std::string where = domain == "host" ? host() : "the " + domain + " of " + host();
    const double fewer = reason_.value - reason_.limit;
    return {"if " + number_text(fewer, 0) + " fewer of its VMs were on " + where, fewer, "VMs"};
}

// It waits until `limit` seconds have passed, and `value` have.
Condition Answer::passed() const {
    const double left_s = std::max(0.0, reason_.limit - reason_.value);
    return {"in " + number_text(left_s, 0) + " s", left_s, "s"};
}

Condition Answer::higher_limit() const {
    std::size_t more = cluster().vms_on(host_id()).size();
    if (subject_.vm.valid()) {
        const AffinityUnits units(cluster());
        more = units.members(units.unit_of(subject_.vm)).size();
    }
    const double moves = reason_.value + static_cast<double>(std::max<std::size_t>(more, 1));
    return {"with moves=" + number_text(moves, 0) + " as option of the policy, or in the next decision", moves,
            "moves"};
}

std::vector<Condition> Answer::all() const {
    const Reason& r = reason_;
    switch (r.code) {
        case ReasonCode::relieve_overload: return {crossing("were at most", r.value, r.limit)};
        case ReasonCode::empty_host: return {crossing("were at least", r.value, r.limit)};
        case ReasonCode::leave_maintenance: return {{"if " + host() + " were taken out of maintenance", 0, {}}};
        case ReasonCode::repair_rule: return {{"without " + rule(), 0, {}}};
        case ReasonCode::make_room: return {{"if " + other_vm() + " had room elsewhere", 0, {}}};
        case ReasonCode::left_lately:
        case ReasonCode::quarantine:
        case ReasonCode::woke_lately: return {passed()};
        case ReasonCode::host_quarantined:
            return {{"when none of the failures is younger than " + duration(r.limit), r.limit, "s"}};
        case ReasonCode::daily_budget:
            return {{"with daily_moves=" + number_text(r.value + 1.0, 0) +
                         " as option of the policy, or when its oldest move is a day old",
                     r.value + 1.0, "moves"}};
        case ReasonCode::sleep_budget:
            return {{"with daily_sleeps=" + number_text(r.value + 1.0, 0) +
                         " as option of the policy, or when the first of them is a day old",
                     r.value + 1.0, "sleeps"}};
        case ReasonCode::stays_spare: {
            const double missing = r.value - r.limit;
            return {{"with " + quantity(r.resource, missing) + " more " + what(r.resource) +
                         " on the hosts that stay on, or a smaller spare= of the policy",
                     missing, unit_of(r.resource)}};
        }
        case ReasonCode::stays_forecast:
        case ReasonCode::wake_forecast: {
            const double missing = r.value - r.limit;
            return {{"if " + quantity(Resource::cpu, missing) +
                         " less CPU were expected to be needed, or with ahead=0 as option of the policy",
                     -missing, unit_of(Resource::cpu)}};
        }
        case ReasonCode::drained: return {{"if " + host() + " were taken out of maintenance", 0, {}}};
        case ReasonCode::drain_waits: return {{"when the hosts that are being woken are on", 0, {}}};
        case ReasonCode::drain_blocked: return blocker_gone();
        case ReasonCode::drain_low: return {crossing("were at least", r.value, r.limit)};
        case ReasonCode::lower_imbalance:
            return {{"if the move made the cluster no more even by the policy's measure", 0, {}}};
        case ReasonCode::lower_contention:
            return {{"with search=0 as option of the policy, or if " + host() + " were expected to be short of " +
                         quantity(Resource::cpu, r.value) + " less CPU",
                     r.value, "MHz"}};
        case ReasonCode::pack_tighter: return {{"if no fuller host had room for it", 0, {}}};
        case ReasonCode::balanced: {
            const double missing = r.limit - r.value;
            return {
                {"if the imbalance rose above " + number_text(r.limit, 3) + " (now " + number_text(r.value, 3) + ")",
                 missing,
                 {}}};
        }
        case ReasonCode::no_gain: return {{"if a move of it were an improvement by the policy's measure", 0, {}}};
        case ReasonCode::tagged: return {{"without " + rule(), 0, {}}};
        case ReasonCode::wake_spare:
            return {{"if " + number_text(r.limit, 0) + " spare hosts were on (now " + number_text(r.value, 0) + ")",
                     r.limit - r.value, "hosts"}};
        case ReasonCode::wake_every_host: return {{"with another policy: this one keeps every host on", 0, {}}};
        case ReasonCode::cpu_wait:
        case ReasonCode::memory_stall:
            return {{"if it were at most " + percent_text(r.limit) + " (now " + percent_text(r.value) + ")",
                     r.limit - r.value, "fraction"}};
        case ReasonCode::swapping:
            return {{"if it swapped at most " + quantity(Resource::disk_io, r.limit) + " (now " +
                         quantity(Resource::disk_io, r.value) + ")",
                     r.limit - r.value, "bytes/s"}};
        case ReasonCode::resource_fit: return {more_room()};
        case ReasonCode::planned_load: return {less_planned()};
        case ReasonCode::affinity:
            return {{"without " + rule(), 0, {}}, {"if " + other_vm() + " were on " + host(), 0, {}}};
        case ReasonCode::anti_affinity: return {{"without " + rule(), 0, {}}, fewer_there()};
        case ReasonCode::pinned: return {{"without " + rule() + ", or if it named " + host(), 0, {}}};
        case ReasonCode::forbidden: return {{"without " + rule() + ", or if it did not name " + host(), 0, {}}};
        case ReasonCode::vm_ignored: return {{"without " + rule(), 0, {}}};
        case ReasonCode::not_provided: return {{"if " + host() + " provided it (host key provides)", 0, {}}};
        case ReasonCode::soft_rule: return {{"without " + rule() + ", which is kept while it can be", 0, {}}};
        case ReasonCode::vcpu_limit: {
            const double fewer = std::max(1.0, r.value - r.limit);
            return {
                {"if " + host() + " had " + number_text(fewer, 0) + " virtual CPUs fewer, or a larger cpu_overcommit",
                 fewer, "vCPUs"}};
        }
        case ReasonCode::frozen:
        case ReasonCode::power_frozen: return {{"when " + rule() + " is not in force", 0, {}}};
        case ReasonCode::host_ignored: return {{"without " + rule() + ", or if it did not name " + host(), 0, {}}};
        case ReasonCode::host_unreachable: return {{"when " + host() + " answers", 0, {}}};
        case ReasonCode::host_maintenance: return {{"if " + host() + " were taken out of maintenance", 0, {}}};
        case ReasonCode::host_not_on: return {when_on()};
        case ReasonCode::cpu_arch: return {{"with a host of the guest's architecture that has room", 0, {}}};
        case ReasonCode::cpu_vendor: return {compatible()};
        case ReasonCode::cpu_model:
            return {{"if the guest were defined with a named CPU model instead of its host's, and restarted", 0, {}}};
        case ReasonCode::hypervisor_older:
            return {{"if the hypervisor of " + host() + " were updated to that of " + own_host(), 0, {}}};
        case ReasonCode::immovable: {
            const std::string why = subject_.vm.valid() ? cluster().spec(subject_.vm).immovable_because : "";
            return {{"if what binds it to " + own_host() + " were removed" + (why.empty() ? "" : ": " + why), 0, {}}};
        }
        case ReasonCode::not_sampled: return {{"when there is a fresh sample of its load", 0, {}}};
        case ReasonCode::cooldown: return {passed()};
        case ReasonCode::host_content: return other_load();
        case ReasonCode::not_sustained: return {sustained()};
        case ReasonCode::spared:
            return {{"with a lower priority", 0, {}},
                    crossing("without them stayed above", r.value, r.limit, "planned")};
        case ReasonCode::not_needed: return {crossing("without it stayed above", r.value, r.limit, "planned")};
        case ReasonCode::no_destination: return {{"if another host were on, reachable and open to it", 0, {}}};
        case ReasonCode::host_not_emptied: return blocker_gone();
        case ReasonCode::too_little_saving: {
            const double missing = r.limit - r.value;
            return {{"if emptying " + host() + " saved " + number_text(missing, 1) + " W more", missing, "W"}};
        }
        case ReasonCode::not_tried:
            return {
                {"in a decision that finds room for one of the " + number_text(r.value, 0) + " hosts before " + host(),
                 0,
                 {}}};
        case ReasonCode::move_limit: return {higher_limit()};
        case ReasonCode::move_cycle:
            return {{"if a third host had room for one of the VMs that wait for each other", 0, {}}};
        case ReasonCode::sleep_empty: return {{"if " + host() + " carried a VM or were needed as headroom", 0, {}}};
        case ReasonCode::stays_headroom: {
            const double fewer = std::max(1.0, r.limit - r.value);
            return {{"if " + number_text(fewer, 0) + " host" + (fewer > 1.0 ? "s" : "") +
                         " fewer were needed: with less load, or a smaller headroom= of the policy",
                     fewer, "hosts"}};
        }
        case ReasonCode::no_power_control: return {{"if power control for " + host() + " were configured", 0, {}}};
        case ReasonCode::wake_for_overload:
            return {{"if no host were above " + percent_text(r.limit) + " CPU (the busiest is at " +
                         percent_text(r.value) + ")",
                     0,
                     {}}};
    }
    return {};
}

}  // namespace

std::vector<Condition> what_would_change(const Reason& reason, const Subject& subject,
                                         const Circumstances& circumstances) {
    return Answer(reason, subject, circumstances).all();
}

std::optional<Stay> stay_in(const Decision& decision, VmId vm) {
    const auto& left_out = decision.plan.left_out;
    const auto found = std::lower_bound(left_out.begin(), left_out.end(), vm,
                                        [](const Stay& stay, VmId wanted) { return stay.vm < wanted; });
    if (found != left_out.end() && found->vm == vm) return *found;
    return decision.proposal.stays.find(vm);
}

}  // namespace ballast
