// SPDX-License-Identifier: Apache-2.0
#include "metrics/cluster_assembler.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "core/check.hpp"
#include "metrics/collected_provisions.hpp"

namespace ballast {

ClusterAssembler::ClusterAssembler(CollectorOptions options)
    : options_(std::move(options)),
      windows_(options_.samples_max, options_.interval_s),
      overheads_(options_.hosts.size()),
      overhead_mhz_(options_.hosts.size(), 0.0),
      last_(options_.hosts.size()) {}

Result<ClusterAssembler> ClusterAssembler::make(CollectorOptions options) {
    if (Status ok = check_options(options); !ok) return tl::unexpected(ok.error());
    return ClusterAssembler(std::move(options));
}

Result<bool> ClusterAssembler::exchange(CollectorOptions options) {
    if (Status ok = check_options(options); !ok) return tl::unexpected(ok.error());
    const bool same_hosts =
        std::equal(options.hosts.begin(), options.hosts.end(), options_.hosts.begin(), options_.hosts.end(),
                   [](const HostOptions& a, const HostOptions& b) { return a.name == b.name && a.uri == b.uri; });
    const bool same_looks = options.samples_max == options_.samples_max && options.interval_s == options_.interval_s &&
                            options.deadline_s == options_.deadline_s && options.host_cpu == options_.host_cpu;
    if (!same_hosts || !same_looks) return false;
    options_ = std::move(options);
    return true;
}

Status ClusterAssembler::check_identities(std::span<const Result<HostReading>> answers) const {
    std::map<std::string, std::size_t> machine;
    std::map<std::string, PlacedGuest> by_name;
    std::map<std::string, PlacedGuest> by_uuid;
    const auto host_name = [&](std::size_t host) { return options_.hosts[host].name; };
    for (std::size_t h = 0; h < answers.size(); ++h) {
        if (!answers[h]) continue;
        const std::string& uuid = answers[h]->facts.uuid;
        if (const auto [it, is_new] = machine.emplace(uuid, h); !is_new && !uuid.empty()) {
            return fail(ErrorKind::usage, "hosts \"" + host_name(it->second) + "\" and \"" + host_name(h) +
                                              "\" are one machine (host UUID " + uuid +
                                              "); remove one, or give each libvirtd.conf its own host_uuid");
        }
        for (const GuestReading& guest : answers[h]->guests) {
            if (guest.state != GuestState::running) continue;
            if (const auto [it, is_new] = by_uuid.emplace(guest.uuid, PlacedGuest{&guest, h}); !is_new) {
                return fail(ErrorKind::refused, "VM \"" + guest.name + "\" (" + guest.uuid + ") runs on " +
                                                    host_name(it->second.host) + " and on " + host_name(h) +
                                                    " at once; look at both and destroy the wrong copy");
            }
            if (const auto [it, is_new] = by_name.emplace(guest.name, PlacedGuest{&guest, h}); !is_new) {
                return fail(ErrorKind::usage, "VM \"" + guest.name + "\": two running guests have this name, " +
                                                  it->second.guest->uuid + " on " + host_name(it->second.host) +
                                                  " and " + guest.uuid + " on " + host_name(h) + "; rename one");
            }
        }
    }
    return {};
}

// The VMs of the snapshot, in name order: those running on hosts that answered, and those last seen on the others.
std::vector<ClusterAssembler::PlacedGuest> ClusterAssembler::placed_guests(
    std::span<const Result<HostReading>> answers) const {
    std::vector<PlacedGuest> guests;
    std::set<std::string> taken;  // names and UUIDs
    const auto place = [&](const HostReading& reading, std::size_t host) {
        for (const GuestReading& guest : reading.guests) {
            if (guest.state != GuestState::running || taken.contains(guest.name) || taken.contains(guest.uuid))
                continue;
            taken.insert({guest.name, guest.uuid});
            guests.push_back({&guest, host});
        }
    };
    for (std::size_t h = 0; h < answers.size(); ++h) {
        if (answers[h]) place(*answers[h], h);
    }
    for (std::size_t h = 0; h < answers.size(); ++h) {
        if (!answers[h] && last_[h]) place(*last_[h], h);
    }
    std::sort(guests.begin(), guests.end(),
              [](const PlacedGuest& a, const PlacedGuest& b) { return a.guest->name < b.guest->name; });
    return guests;
}

VmSightings ClusterAssembler::sightings(std::span<const Result<HostReading>> answers) const {
    VmSightings seen;
    for (const PlacedGuest& placed : placed_guests(answers)) seen.in_cluster.insert(placed.guest->name);
    for (std::size_t h = 0; h < answers.size(); ++h) {
        if (!answers[h]) {
            seen.silent_hosts.push_back(options_.hosts[h].name);
            continue;
        }
        for (const ShutOffGuest& guest : answers[h]->shut_off) seen.shut_off.insert(guest.name);
        for (const GuestReading& guest : answers[h]->guests) {
            if (guest.state == GuestState::held) seen.held.emplace(guest.name, options_.hosts[h].name);
        }
    }
    return seen;
}

Status ClusterAssembler::check(double unix_time_s, std::span<const Result<HostReading>> answers) const {
    BALLAST_CHECK(answers.size() == options_.hosts.size(), "one answer per host");
    if (Status ok = check_identities(answers); !ok) return ok;
    if (Result<ScopedRules> scoped = scope_rules(options_.rules, options_.vms, sightings(answers), unix_time_s);
        !scoped) {
        return tl::unexpected(scoped.error());
    }
    return {};
}

double ClusterAssembler::mhz_per_cpu(std::size_t host, const HostFacts& facts) const {
    const HostOptions& options = options_.hosts[host];
    if (options.mhz_per_cpu > 0.0) return options.mhz_per_cpu;
    if (facts.mhz_per_cpu > 0.0) return facts.mhz_per_cpu;
    return facts.cpus == 0 ? 0.0 : options.capacity.cpu_mhz() / static_cast<double>(facts.cpus);
}

HostSpec ClusterAssembler::host_spec(std::size_t host) const {
    const HostOptions& options = options_.hosts[host];
    HostSpec spec;
    spec.name = options.name;
    spec.uri = options.uri;
    spec.migration_address = options.migration_address;
    spec.capacity = options.capacity;
    spec.reserve = options.reserve;
    spec.power = options.power;
    if (spec.power && power_.barred.contains(options.name)) spec.power->controllable = false;
    spec.labels = options.labels;
    spec.rack = options.rack;
    spec.zone = options.zone;
    spec.provides = options.provides;
    spec.cpu_overcommit = options.cpu_overcommit;
    if (const std::optional<HostReading>& last = last_[host]) {
        const HostFacts& facts = last->facts;
        if (options.capacity.cpu_mhz() <= 0.0) {
            spec.capacity[Resource::cpu] = static_cast<double>(facts.cpus) * mhz_per_cpu(host, facts);
        }
        if (options.capacity.memory_bytes() <= 0.0) spec.capacity[Resource::memory] = facts.memory_bytes;
        spec.cpu = facts.cpu;
        spec.cpus = facts.cpus;
        spec.hypervisor_version = facts.hypervisor_version;
    } else {
        if (const PowerPast* past = power_past(host); past != nullptr && past->facts.memory_bytes > 0.0) {
            // Not seen, but it is known what went to sleep.
            const SleeperFacts& facts = past->facts;
            if (spec.capacity.cpu_mhz() <= 0.0) spec.capacity[Resource::cpu] = facts.cpu_mhz;
            if (spec.capacity.memory_bytes() <= 0.0) spec.capacity[Resource::memory] = facts.memory_bytes;
            spec.cpu = facts.cpu;
            spec.cpus = facts.cpus;
            spec.hypervisor_version = facts.hypervisor_version;
        }
        // Never seen: room for nothing, so that no figure of it can be believed.
        for (const Resource r : {Resource::cpu, Resource::memory}) {
            if (spec.capacity[r] > 0.0) continue;
            spec.capacity[r] = 1.0;
            spec.reserve[r] = 0.0;
        }
    }
    return spec;
}

const PowerPast* ClusterAssembler::power_past(std::size_t host) const {
    const auto found = std::find_if(power_.pasts.begin(), power_.pasts.end(),
                                    [&](const PowerPast& past) { return past.host == options_.hosts[host].name; });
    return found == power_.pasts.end() ? nullptr : &*found;
}

// As the journal says, unless it has answered since: then somebody else woke it, and what ran on it since is not known.
bool ClusterAssembler::sleeps(const PowerPast& past) const {
    if (!past.asleep) return false;
    const auto found = woken_by_others_.find(past.host);
    return found == woken_by_others_.end() || found->second != past.slept_by;
}

// A host that answers is on, whatever the journal says; one that is silent sleeps only if Ballast has sent it to sleep:
// what a person has switched off is theirs, and not to be woken.
PowerState ClusterAssembler::power_state(std::size_t host, bool answers) const {
    const PowerPast* past = power_past(host);
    if (past == nullptr) return PowerState::on;
    if (past->switching && past->kind == SwitchKind::sleep) return PowerState::going_to_sleep;
    if (answers) return PowerState::on;
    if (past->switching) return PowerState::waking;
    return sleeps(*past) ? PowerState::asleep : PowerState::on;
}

HostState ClusterAssembler::host_state(std::size_t host, bool answers) const {
    HostState state;
    state.power = power_state(host, answers);
    // Silence is what is expected of a sleeper, unless it would not wake.
    const bool expected = state.power != PowerState::on && power_past(host)->quarantined_because.empty();
    state.reachable = answers || expected;
    state.maintenance =
        options_.hosts[host].maintenance || drained_.contains(options_.hosts[host].name) || may_fall_asleep(host);
    state.overhead[Resource::cpu] = overhead_mhz_[host];
    const auto pressure = pressure_.find(options_.hosts[host].name);
    if (answers && pressure != pressure_.end()) state.pressure = pressure->second;
    if (last_[host]) {
        for (const GuestReading& guest : last_[host]->guests) {
            if (guest.state == GuestState::held) state.overhead[Resource::memory] += guest.facts.memory_bytes;
        }
    }
    return state;
}

// Nothing is put on a host that may be about to go down, and what is there is brought away.
bool ClusterAssembler::may_fall_asleep(std::size_t host) const {
    const PowerPast* past = power_past(host);
    return past != nullptr && past->may_fall_asleep;
}

HostProblem ClusterAssembler::problem(std::size_t host, const Error& error) const {
    const HostOptions& options = options_.hosts[host];
    const PowerPast* past = power_past(host);
    if (past != nullptr && sleeps(*past) && !past->quarantined_because.empty()) {
        return {options.name, "host \"" + options.name + "\" was put to sleep: " + past->quarantined_because};
    }
    return {options.name, "host \"" + options.name + "\" (" + options.uri + "): " + error.message +
                              "; check that its libvirtd runs and that \"virsh -c " + options.uri +
                              " list\" works from here"};
}

// Windows, overheads and memory of what was last seen. After check().
void ClusterAssembler::take_in(double monotonic_s, std::span<const Result<HostReading>> answers) {
    std::vector<CounterReading> counters;
    std::set<std::string> running_now;  // names and UUIDs
    for (std::size_t h = 0; h < answers.size(); ++h) {
        if (!answers[h]) continue;
        const HostReading& reading = *answers[h];
        for (const GuestReading& guest : reading.guests) {
            if (guest.state != GuestState::running) continue;
            running_now.insert({guest.name, guest.uuid});
            counters.push_back({guest.uuid, options_.hosts[h].name, guest.incarnation, reading.at_s,
                                mhz_per_cpu(h, reading.facts), reading.facts.cpus, guest.counters});
        }
    }
    const bool is_new_interval = windows_.advance(monotonic_s, counters);
    for (std::size_t h = 0; h < answers.size(); ++h) {
        if (answers[h]) {
            last_[h] = *answers[h];
            if (const PowerPast* past = power_past(h); past != nullptr && past->asleep) {
                woken_by_others_[past->host] = past->slept_by;
            }
            if (is_new_interval && options_.host_cpu == HostCpuSource::node) {
                overhead_mhz_[h] = overheads_[h].update(*answers[h], mhz_per_cpu(h, answers[h]->facts), windows_);
            }
        } else if (last_[h]) {
            // Nothing ran on it when it went to sleep.
            const bool asleep = power_state(h, false) == PowerState::asleep;
            std::erase_if(last_[h]->guests, [&](const GuestReading& guest) {
                return asleep || running_now.contains(guest.name) || running_now.contains(guest.uuid);
            });
        }
    }
}

Result<std::vector<HostProblem>> ClusterAssembler::add_hosts(ClusterBuilder& builder,
                                                             std::span<const Result<HostReading>> answers,
                                                             const CollectedProvisions& provisions) const {
    std::vector<HostProblem> problems;
    for (std::size_t h = 0; h < answers.size(); ++h) {
        const HostState state = host_state(h, answers[h].has_value());
        if (!state.reachable) problems.push_back(problem(h, answers[h].error()));
        if (may_fall_asleep(h)) {
            const std::string& name = options_.hosts[h].name;
            problems.push_back({name, "host \"" + name + "\" is treated as drained, because it may yet fall asleep: " +
                                          power_past(h)->quarantined_because});
        }
        HostSpec spec = host_spec(h);
        const std::vector<std::string>& collected = provisions.provides(h);
        spec.provides.insert(spec.provides.end(), collected.begin(), collected.end());
        if (spec.capacity.cpu_mhz() <= 0.0) {
            return fail(ErrorKind::usage, "host \"" + spec.name +
                                              "\": libvirt does not know its CPU frequency; configure its MHz per CPU");
        }
        builder.add_host(std::move(spec), state);
    }
    return problems;
}

History ClusterAssembler::add_vms(ClusterBuilder& builder, double monotonic_s,
                                  std::span<const Result<HostReading>> answers,
                                  const std::map<std::string, std::string>& frozen,
                                  const std::vector<PlacedGuest>& guests, const CollectedProvisions& provisions) {
    std::map<std::string_view, const VmOptions*> said_of;
    for (const VmOptions& vm : options_.vms) said_of.emplace(vm.name, &vm);
    std::vector<std::string> uuids;
    for (std::size_t g = 0; g < guests.size(); ++g) {
        const auto& [guest, host] = guests[g];
        VmSpec spec;
        spec.name = guest->name;
        spec.uuid = guest->uuid;
        spec.vcpus = guest->facts.vcpus;
        spec.memory_bytes = guest->facts.memory_bytes;
        spec.cpu = guest->facts.cpu;
        spec.immovable_because = guest->facts.immovable_because;
        if (const auto it = frozen.find(guest->name); it != frozen.end() && spec.immovable_because.empty()) {
            spec.immovable_because = it->second;
        }
        if (const auto it = said_of.find(guest->name); it != said_of.end()) {
            spec.labels = it->second->labels;
            spec.needs = it->second->needs;
        }
        spec.priority = priority_of(spec, options_.priorities);
        const std::vector<std::string>& collected = provisions.needs(g);
        spec.needs.insert(spec.needs.end(), collected.begin(), collected.end());
        const GuestDemand demand = windows_.demand(guest->uuid);
        VmState state;
        state.host = HostId(host);
        state.demand = ResourceVector(demand.cpu_mhz, std::min(guest->resident_bytes, spec.memory_bytes),
                                      demand.network_bytes_per_s, demand.disk_bytes_per_s);
        state.sampled = demand.fresh && answers[host].has_value();
        state.pressure = windows_.pressure(guest->uuid);
        state.pressure.ballooned_bytes = std::min(guest->ballooned_bytes, spec.memory_bytes);
        builder.add_vm(std::move(spec), state);
        uuids.push_back(guest->uuid);
    }
    History history = windows_.history(uuids);
    history.set_now(monotonic_s);
    std::map<std::string, VmId> ids;
    for (std::size_t v = 0; v < guests.size(); ++v) {
        ids.emplace(guests[v].guest->name, v);
        if (answers[guests[v].host]) watch_.seen(guests[v].guest->uuid, guests[v].host, monotonic_s);
    }
    watch_.forget_before(monotonic_s - History::day_s);
    if (!past_moves_read_s_) past_moves_read_s_ = monotonic_s;
    add_past_moves(history, ids);
    for (std::size_t v = 0; v < guests.size(); ++v) {
        const std::optional<MoveWatch::Moved> moved = watch_.last_move(guests[v].guest->uuid);
        if (!moved || brought_here(history, VmId(v), HostId(guests[v].host), moved->left_s)) continue;
        history.add(PastMove{VmId(v), moved->noticed_s, HostId(moved->from), HostId(guests[v].host), false, true});
    }
    if (!power_read_s_) power_read_s_ = monotonic_s;
    add_past_switches(history);
    return history;
}

// Whether the last migration of Ballast's that succeeded did it.
bool ClusterAssembler::brought_here(const History& history, VmId vm, HostId host, double since_s) {
    const PastMove* last = nullptr;
    for (const PastMove& move : history.moves()) {
        if (move.vm == vm && !move.failed && !move.by_others) last = &move;
    }
    return last != nullptr && last->to == host && last->time_s >= since_s;
}

void ClusterAssembler::add_past_moves(History& history, const std::map<std::string, VmId>& vms) const {
    std::map<std::string, HostId> hosts;
    for (std::size_t h = 0; h < options_.hosts.size(); ++h) hosts.emplace(options_.hosts[h].name, h);
    const auto host = [&](const std::string& name) {
        const auto found = hosts.find(name);
        return found == hosts.end() ? HostId() : found->second;
    };
    for (const JournalMove& move : past_moves_) {
        const auto vm = vms.find(move.vm);
        if (vm == vms.end()) continue;
        const double time_s = *past_moves_read_s_ - move.age_s;
        history.add(PastMove{vm->second, time_s, host(move.source), host(move.destination), move.failed, false});
    }
}

void ClusterAssembler::add_past_switches(History& history) const {
    for (const JournalSwitch& change : power_.switches) {
        const auto host = std::find_if(options_.hosts.begin(), options_.hosts.end(),
                                       [&](const HostOptions& options) { return options.name == change.host; });
        if (host == options_.hosts.end()) continue;
        const HostId id(static_cast<std::size_t>(host - options_.hosts.begin()));
        history.add(PastSwitch{id, *power_read_s_ - change.age_s, change.slept});
    }
}

Result<Snapshot> ClusterAssembler::assemble(double unix_time_s, double monotonic_s,
                                            std::span<const Result<HostReading>> answers) {
    if (Status ok = check(unix_time_s, answers); !ok) return tl::unexpected(ok.error());
    take_in(monotonic_s, answers);
    Result<ScopedRules> scoped = scope_rules(options_.rules, options_.vms, sightings(answers), unix_time_s);
    if (!scoped) return tl::unexpected(scoped.error());

    ClusterBuilder builder;
    builder.set_time(unix_time_s);
    const std::vector<PlacedGuest> guests = placed_guests(answers);
    const CollectedProvisions provisions(options_, last_, guests);
    Result<std::vector<HostProblem>> problems = add_hosts(builder, answers, provisions);
    if (!problems) return tl::unexpected(problems.error());
    if (std::none_of(last_.begin(), last_.end(), [](const auto& last) { return last.has_value(); })) {
        return fail(ErrorKind::unreachable,
                    "none of " + std::to_string(answers.size()) + " hosts answers; " + problems->front().message);
    }
    History history = add_vms(builder, monotonic_s, answers, scoped->frozen, guests, provisions);
    for (RuleSpec& rule : scoped->rules) builder.add_rule(std::move(rule));
    Result<Cluster> cluster = std::move(builder).build();
    if (!cluster) return tl::unexpected(cluster.error());
    calendar_.learn(*cluster, unix_time_s);
    if (auto outlook = calendar_.outlook(*cluster, unix_time_s)) history.set_outlook(std::move(*outlook));
    return Snapshot{unix_time_s, std::move(*cluster), std::move(history), std::move(*problems)};
}

}  // namespace ballast
