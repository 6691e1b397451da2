// SPDX-License-Identifier: Apache-2.0
#include "simulator/workload.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "simulator/first_fit.hpp"
#include "simulator/recorded_cluster.hpp"
#include "simulator/rule_clock.hpp"

namespace ballast {

namespace {

constexpr std::size_t hosts_max = 1'000'000;
constexpr std::size_t history_samples_max = 10'000;
constexpr double mtbf_s_min = 3600.0;

bool positive(double value) { return std::isfinite(value) && value > 0.0; }
bool not_negative(double value) { return std::isfinite(value) && value >= 0.0; }
bool fraction(double value) { return value >= 0.0 && value <= 1.0; }

HostGroup ml110(std::string prefix, double mhz_per_core, std::string_view power_table) {
    const Result<PowerCurve> curve = find_power_curve(power_table);
    BALLAST_CHECK(curve.has_value(), "a built-in power table");
    HostGroup group;
    group.count = 400;
    group.name_prefix = std::move(prefix);
    group.cores = 2;
    group.mhz_per_core = mhz_per_core;
    group.memory_bytes = 4096.0 * bytes_per_mib;
    group.power = HostPower{.curve = *curve};
    group.power->controllable = true;
    return group;
}

std::vector<HostGroup> host_groups(const SimulationOptions& options) {
    return options.hosts.empty() ? default_hosts() : options.hosts;
}

std::vector<VmType> vm_types(const SimulationOptions& options) {
    return options.vm_types.empty() ? default_vm_types() : options.vm_types;
}

std::size_t type_of(std::size_t vm, std::size_t vm_count, std::size_t types, VmTypeAssignment assignment) {
    if (assignment == VmTypeAssignment::round_robin) return vm % types;
    return vm / ((vm_count + types - 1) / types);
}

Status check_groups(const std::vector<HostGroup>& groups) {
    std::size_t total = 0;
    for (const HostGroup& group : groups) {
        const std::string who = "host group \"" + group.name_prefix + "\": ";
        if (group.count == 0 || group.count > hosts_max - total) {
            return fail(ErrorKind::usage, who + "a simulation has at least one host per group and at most " +
                                              std::to_string(hosts_max) + " in all");
        }
        total += group.count;
        if (group.cores == 0 || !positive(group.mhz_per_core)) {
            return fail(ErrorKind::usage, who + "its CPU capacity is zero; set cores and MHz per core");
        }
        if (!positive(group.memory_bytes)) return fail(ErrorKind::usage, who + "its memory capacity is zero");
        const bool reserves = not_negative(group.reserve_mhz) && group.reserve_mhz < group.cores * group.mhz_per_core &&
                              not_negative(group.reserve_memory_bytes) &&
                              group.reserve_memory_bytes < group.memory_bytes;
        if (!reserves) {
            return fail(ErrorKind::usage, who + "reserves must be finite, not negative and below the capacity");
        }
        if (!not_negative(group.network_bytes_per_s) || !not_negative(group.disk_bytes_per_s)) {
            return fail(ErrorKind::usage, who + "network and disk capacities must be finite and not negative");
        }
        if (!not_negative(group.migration_bytes_per_s)) {
            return fail(ErrorKind::usage, who + "its link must be finite and not negative");
        }
        if (!not_negative(group.failures.mtbf_s) || !not_negative(group.failures.mttr_s)) {
            return fail(ErrorKind::usage, who + "times between failures and to repair must be finite and not negative");
        }
        if (group.failures.mtbf_s > 0.0 && group.failures.mtbf_s < mtbf_s_min) {
            return fail(ErrorKind::usage, who + "a mean time between failures is at least an hour");
        }
        if (!group.power) continue;
        const HostPower& power = *group.power;
        for (const double figure : {power.sleep_watts, power.boot_s, power.boot_watts, power.suspend_s}) {
            if (!not_negative(figure)) {
                return fail(ErrorKind::usage, who + "sleep and boot figures must be finite and not negative");
            }
        }
    }
    return {};
}

Status check_types(const std::vector<VmType>& types) {
    for (const VmType& type : types) {
        if (!positive(type.mhz_per_vcpu) || !positive(type.memory_bytes) || type.vcpus == 0) {
            return fail(ErrorKind::usage,
                        "VM type \"" + type.name + "\": MHz, memory and virtual CPUs must be positive");
        }
    }
    return {};
}

Status check_model(std::string_view which, const MigrationModel& model) {
    const bool ok = positive(model.bandwidth_bytes_per_s) && not_negative(model.dirty_bytes_per_s) &&
                    fraction(model.working_set_fraction) && not_negative(model.downtime_limit_s) &&
                    not_negative(model.fixed_overhead_s) && not_negative(model.resume_s) && model.rounds_max >= 0 &&
                    model.rounds_max <= 1000;
    if (ok) return {};
    return fail(ErrorKind::usage, std::string(which) +
                                      " migration model: bandwidth must be positive, the working set " +
                                      "0 to 1, rounds 0 to 1000, and the rest finite and not negative");
}

Status check_limits(const SimulationOptions& options) {
    if (!positive(options.cpu_overcommit)) return fail(ErrorKind::usage, "cpu_overcommit must be positive");
    if (!fraction(options.migration_cpu_fraction)) {
        return fail(ErrorKind::usage, "migration_cpu_fraction must be between 0 and 1");
    }
    if (!not_negative(options.migration_joules_per_byte)) {
        return fail(ErrorKind::usage, "the energy of migrations must be finite and not negative");
    }
    if (!not_negative(options.restart_delay_s)) {
        return fail(ErrorKind::usage, "restart_delay_s must be finite and not negative");
    }
    if (options.migrations_per_host_max == 0) return fail(ErrorKind::usage, "migrations_per_host_max must be positive");
    if (options.history_samples == 0 || options.history_samples > history_samples_max) {
        return fail(ErrorKind::usage, "history_samples must be between 1 and " + std::to_string(history_samples_max));
    }
    return {};
}

Status check_trace(const TraceInfo& trace) {
    const std::string which = "trace \"" + trace.name + "\"";
    if (trace.interval_count == 0 || trace.vms.empty()) return fail(ErrorKind::usage, which + " is empty");
    if (!positive(trace.interval_s)) return fail(ErrorKind::usage, which + ": needs a positive interval");
    for (const TraceVm& vm : trace.vms) {
        if (not_negative(vm.cpu_mhz) && not_negative(vm.memory_bytes)) continue;
        return fail(ErrorKind::usage,
                    which + ": VM \"" + vm.name + "\": its CPU and memory must be finite and not negative");
    }
    return {};
}

// `groups` by host, in host order.
std::vector<std::size_t> host_slots(const std::vector<HostGroup>& groups, HostOrder order) {
    std::vector<std::size_t> slots;
    if (order == HostOrder::grouped) {
        for (std::size_t g = 0; g < groups.size(); ++g) slots.insert(slots.end(), groups[g].count, g);
        return slots;
    }
    std::vector<std::size_t> open(groups.size());  // the groups that have a host left, in order
    std::iota(open.begin(), open.end(), std::size_t{0});
    for (std::size_t number = 1; !open.empty(); ++number) {
        slots.insert(slots.end(), open.begin(), open.end());
        std::erase_if(open, [&](std::size_t g) { return groups[g].count == number; });
    }
    return slots;
}

struct Hosts {
    std::vector<HostSpec> specs;
    std::vector<double> link_bytes_per_s;
    std::vector<FailureRate> failures;
};

HostSpec make_host(const HostGroup& group, std::size_t number) {
    HostSpec host;
    host.name = group.name_prefix + std::to_string(number);
    host.capacity = ResourceVector(group.cores * group.mhz_per_core, group.memory_bytes, group.network_bytes_per_s,
                                   group.disk_bytes_per_s);
    host.reserve = ResourceVector(group.reserve_mhz, group.reserve_memory_bytes);
    host.power = group.power;
    return host;
}

Hosts make_hosts(const SimulationOptions& options) {
    const std::vector<HostGroup> groups = host_groups(options);
    std::vector<std::size_t> number(groups.size());
    Hosts hosts;
    for (const std::size_t g : host_slots(groups, options.host_order)) {
        hosts.specs.push_back(make_host(groups[g], ++number[g]));
        const double link = groups[g].migration_bytes_per_s;
        hosts.link_bytes_per_s.push_back(link > 0.0 ? link : options.truth.bandwidth_bytes_per_s);
        hosts.failures.push_back(groups[g].failures);
    }
    return hosts;
}

Hosts hosts_of(const Snapshot& snapshot, const SimulationOptions& options) {
    const auto specs = snapshot.cluster.inventory().hosts();
    Hosts hosts;
    hosts.specs.assign(specs.begin(), specs.end());
    hosts.link_bytes_per_s.assign(specs.size(), options.truth.bandwidth_bytes_per_s);
    hosts.failures.resize(specs.size());
    return hosts;
}

struct Vms {
    std::vector<VmSpec> specs;
    std::vector<double> configured_mhz;
};

// What the recording says of a VM, and the VM type for what it does not say.
Vms make_vms(const TraceInfo& trace, const SimulationOptions& options) {
    const std::vector<VmType> types = vm_types(options);
    const std::size_t count = trace.vms.size();
    Vms vms{std::vector<VmSpec>(count), std::vector<double>(count)};
    for (std::size_t v = 0; v < count; ++v) {
        const TraceVm& recorded = trace.vms[v];
        const VmType& type = types[type_of(v, count, types.size(), options.vm_type_assignment)];
        VmSpec& spec = vms.specs[v];
        spec.name = recorded.name;
        spec.vcpus = recorded.vcpus > 0 ? recorded.vcpus : type.vcpus;
        spec.memory_bytes = recorded.memory_bytes > 0.0 ? recorded.memory_bytes : type.memory_bytes;
        vms.configured_mhz[v] = recorded.cpu_mhz > 0.0 ? recorded.cpu_mhz : spec.vcpus * type.mhz_per_vcpu;
    }
    return vms;
}

std::string size_text(const Vms& vms, std::size_t v) {
    return "VM \"" + vms.specs[v].name + "\" (" + std::to_string(std::lround(vms.configured_mhz[v])) + " MHz, " +
           std::to_string(std::lround(vms.specs[v].memory_bytes / bytes_per_mib)) + " MiB)";
}

// `states`: by host, or none. Hosts in maintenance or asleep have no room.
FirstFit empty_hosts(const std::vector<HostSpec>& hosts, const std::vector<HostState>& states, double cpu_overcommit) {
    std::vector<FirstFit::Room> rooms;
    rooms.reserve(hosts.size());
    for (std::size_t h = 0; h < hosts.size(); ++h) {
        const HostState state = states.empty() ? HostState() : states[h];
        const ResourceVector usable = hosts[h].capacity - hosts[h].reserve;
        const double memory_bytes = std::max(0.0, usable.memory_bytes() - state.overhead.memory_bytes());
        const bool open = !state.maintenance && state.power == PowerState::on;
        rooms.push_back({0.0, usable.cpu_mhz() * cpu_overcommit, 0.0, memory_bytes, open});
    }
    return FirstFit(std::move(rooms));
}

// First-fit decreasing of the VMs that live in the first interval and have no host in `host_of` yet. A VM of the same
// size as the one before finds no room before that one's host.
Status place(const TraceInfo& trace, FirstFit rooms, const Vms& vms, std::vector<HostId>& host_of) {
    std::vector<std::size_t> order;
    for (std::size_t v = 0; v < trace.vms.size(); ++v) {
        if (host_of[v].valid()) {
            rooms.take(host_of[v], vms.configured_mhz[v], vms.specs[v].memory_bytes);
        } else if (trace.vms[v].first_interval == 0 && trace.vms[v].end_interval > 0) {
            order.push_back(v);
        }
    }
    const auto size = [&](std::size_t v) { return std::pair(vms.specs[v].memory_bytes, vms.configured_mhz[v]); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
    HostId from(0);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::size_t v = order[i];
        if (i == 0 || size(v) != size(order[i - 1])) from = HostId(0);
        const auto [memory_bytes, mhz] = size(v);
        from = rooms.find(mhz, memory_bytes, from);
        if (!from.valid()) {
            return fail(ErrorKind::usage,
                        size_text(vms, v) + " fits on no host at the start; add hosts or raise cpu_overcommit");
        }
        rooms.take(from, mhz, memory_bytes);
        host_of[v] = from;
    }
    return {};
}

// A VM that comes later waits until there is room; this is about those that would wait for ever.
Status check_arrivals(const TraceInfo& trace, const std::vector<HostSpec>& hosts, const Vms& vms,
                      double cpu_overcommit) {
    const FirstFit rooms = empty_hosts(hosts, {}, cpu_overcommit);
    for (std::size_t v = 0; v < trace.vms.size(); ++v) {
        if (trace.vms[v].first_interval == 0) continue;
        if (rooms.find(vms.configured_mhz[v], vms.specs[v].memory_bytes).valid()) continue;
        return fail(ErrorKind::usage,
                    size_text(vms, v) + " is larger than every host; add hosts or raise cpu_overcommit");
    }
    return {};
}

// The inventory of everything. A Cluster wants a host for every VM, so it gets one; only the inventory is kept.
Result<std::shared_ptr<const Inventory>> make_inventory(std::vector<HostSpec> hosts, std::vector<VmSpec> vms,
                                                        const RuleClock& rules) {
    ClusterBuilder builder;
    if (rules.has_rules()) {
        std::set<std::string> names;
        for (const VmSpec& vm : vms) names.insert(vm.name);
        Result<std::vector<RuleSpec>> scoped = rules.rules_for(names, 0.0);
        if (!scoped) return tl::unexpected(scoped.error());
        for (RuleSpec& rule : *scoped) builder.add_rule(std::move(rule));
        builder.set_time(rules.unix_time_s(0.0));
    }
    for (HostSpec& host : hosts) builder.add_host(std::move(host));
    VmState state;
    state.host = HostId(0);
    for (VmSpec& vm : vms) builder.add_vm(std::move(vm), state);
    const Result<Cluster> cluster = std::move(builder).build();
    if (!cluster) return tl::unexpected(cluster.error());
    return cluster->shared_inventory();
}

Result<std::vector<HostFailure>> planned_failures(const SimulationOptions& options, const Inventory& inventory) {
    std::vector<HostFailure> failures;
    for (const PlannedFailure& failure : options.failures) {
        const auto host = inventory.find_host(failure.host);
        const std::string who = "failure of host \"" + failure.host + "\": ";
        if (!host) return fail(ErrorKind::usage, who + "there is no such host");
        if (!not_negative(failure.at_s) || !not_negative(failure.repair_s)) {
            return fail(ErrorKind::usage, who + "its times must be finite and not negative");
        }
        failures.push_back({*host, failure.at_s, failure.repair_s});
    }
    return failures;
}

Status check_options(const TraceInfo& trace, const SimulationOptions& options) {
    if (Status ok = check_trace(trace); !ok) return ok;
    if (options.cluster) {
        if (Status ok = check_replayable(*options.cluster); !ok) return ok;
    } else if (Status ok = check_groups(host_groups(options)); !ok) {
        return ok;
    }
    if (Status ok = check_types(vm_types(options)); !ok) return ok;
    if (Status ok = check_model("the simulation's", options.truth); !ok) return ok;
    if (Status ok = check_model("the policy's", options.belief); !ok) return ok;
    if (!not_negative(options.clock_offset_s) || 2.0 * options.clock_offset_s > trace.interval_s) {
        return fail(ErrorKind::usage, "clock_offset_s must be between 0 and half of the trace's interval: " +
                                          std::to_string(trace.interval_s / 2.0) + " s");
    }
    return check_limits(options);
}

}  // namespace

std::vector<HostGroup> default_hosts() {
    return {ml110("g4-", 1860.0, "hp-ml110-g4"), ml110("g5-", 2660.0, "hp-ml110-g5")};
}

std::vector<VmType> default_vm_types() {
    return {{"2500", 2500.0, 870.0 * bytes_per_mib},
            {"2000", 2000.0, 1740.0 * bytes_per_mib},
            {"1000", 1000.0, 1740.0 * bytes_per_mib},
            {"500", 500.0, 613.0 * bytes_per_mib}};
}

Result<Workload> make_workload(const TraceInfo& trace, const SimulationOptions& options) {
    if (Status ok = check_options(trace, options); !ok) return tl::unexpected(ok.error());
    Workload workload;
    Hosts hosts = options.cluster ? hosts_of(*options.cluster, options) : make_hosts(options);
    Vms vms = make_vms(trace, options);
    workload.host_of.resize(trace.vms.size());
    if (options.cluster) {
        take_from_snapshot(*options.cluster, trace, vms.specs, workload.host_of);
        workload.host_states = options.cluster->cluster.state().hosts;
        const auto rules = options.cluster->cluster.inventory().rules_as_written();
        workload.rules.assign(rules.begin(), rules.end());
        workload.known_vms = known_vms(*options.cluster, trace);
        workload.start_unix_s = options.cluster->unix_time_s;
    }
    const double overcommit = placement_overcommit(options);
    FirstFit rooms = empty_hosts(hosts.specs, workload.host_states, overcommit);
    Status placed = place(trace, std::move(rooms), vms, workload.host_of);
    if (!placed) return tl::unexpected(placed.error());
    Status fit = check_arrivals(trace, hosts.specs, vms, overcommit);
    if (!fit) return tl::unexpected(fit.error());
    const RuleClock rules(workload.rules, workload.start_unix_s, workload.known_vms);
    Result<std::shared_ptr<const Inventory>> inventory =
        make_inventory(std::move(hosts.specs), std::move(vms.specs), rules);
    if (!inventory) return tl::unexpected(inventory.error());
    workload.inventory = std::move(*inventory);
    workload.configured_mhz = std::move(vms.configured_mhz);
    workload.link_bytes_per_s = std::move(hosts.link_bytes_per_s);
    const Result<std::vector<HostFailure>> planned = planned_failures(options, *workload.inventory);
    if (!planned) return tl::unexpected(planned.error());
    const double length_s = static_cast<double>(trace.interval_count) * trace.interval_s;
    workload.failures = merge_failures(draw_failures(hosts.failures, length_s, options.failure_seed), *planned);
    return workload;
}

}  // namespace ballast
