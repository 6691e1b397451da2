// SPDX-License-Identifier: Apache-2.0
#include "simulator/workload.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <tuple>

#include "core/check.hpp"

namespace ballast {

namespace {

constexpr std::size_t hosts_max = 1'000'000;
constexpr std::size_t history_samples_max = 10'000;

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
    if (options.migrations_per_host_max == 0) return fail(ErrorKind::usage, "migrations_per_host_max must be positive");
    if (options.history_samples == 0 || options.history_samples > history_samples_max) {
        return fail(ErrorKind::usage, "history_samples must be between 1 and " + std::to_string(history_samples_max));
    }
    return {};
}

Status check_trace(const Trace& trace) {
    if (trace.interval_count() == 0) return fail(ErrorKind::usage, "trace \"" + trace.name + "\" is empty");
    if (!positive(trace.interval_s) || trace.cpu_percent.size() % trace.vm_count() != 0) {
        return fail(ErrorKind::usage, "trace \"" + trace.name + "\": needs a positive interval and whole intervals");
    }
    for (std::size_t i = 0; i < trace.cpu_percent.size(); ++i) {
        const float percent = trace.cpu_percent[i];
        if (percent >= 0.0F && percent <= 100.0F) continue;
        return fail(ErrorKind::usage, "trace \"" + trace.name + "\": VM \"" + trace.vm_names[i % trace.vm_count()] +
                                          "\" has a sample outside of 0 to 100 % in interval " +
                                          std::to_string(i / trace.vm_count()));
    }
    return {};
}

std::vector<HostSpec> make_hosts(const std::vector<HostGroup>& groups, HostOrder order) {
    std::vector<std::tuple<std::size_t, std::size_t>> slots;  // (group, number in it), in host order
    for (std::size_t g = 0; g < groups.size(); ++g) {
        for (std::size_t n = 0; n < groups[g].count; ++n) slots.emplace_back(g, n);
    }
    if (order == HostOrder::interleaved) {
        std::stable_sort(slots.begin(), slots.end(),
                         [](const auto& a, const auto& b) { return std::get<1>(a) < std::get<1>(b); });
    }
    std::vector<HostSpec> hosts;
    hosts.reserve(slots.size());
    for (const auto& [g, n] : slots) {
        const HostGroup& group = groups[g];
        HostSpec host;
        host.name = group.name_prefix + std::to_string(n + 1);
        host.capacity = ResourceVector(group.cores * group.mhz_per_core, group.memory_bytes);
        host.reserve = ResourceVector(group.reserve_mhz, group.reserve_memory_bytes);
        host.power = group.power;
        hosts.push_back(std::move(host));
    }
    return hosts;
}

// First-fit decreasing. Returns the host of every VM; a VM that fits nowhere is a usage error.
Result<std::vector<HostId>> place(const std::vector<HostSpec>& hosts, const std::vector<VmSpec>& vms,
                                  const std::vector<double>& mhz, double cpu_overcommit) {
    std::vector<std::size_t> order(vms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (vms[a].memory_bytes != vms[b].memory_bytes) return vms[a].memory_bytes > vms[b].memory_bytes;
        return mhz[a] > mhz[b];
    });
    std::vector<ResourceVector> used(hosts.size());
    std::vector<HostId> host_of(vms.size());
    for (const std::size_t v : order) {
        for (std::size_t h = 0; h < hosts.size() && !host_of[v].valid(); ++h) {
            const ResourceVector usable = hosts[h].capacity - hosts[h].reserve;
            const ResourceVector after = used[h] + ResourceVector(mhz[v], vms[v].memory_bytes);
            if (!fits(Resource::cpu, after.cpu_mhz(), usable.cpu_mhz() * cpu_overcommit)) continue;
            if (!fits(Resource::memory, after.memory_bytes(), usable.memory_bytes())) continue;
            used[h] = after;
            host_of[v] = HostId(h);
        }
        if (host_of[v].valid()) continue;
        return fail(ErrorKind::usage, "VM \"" + vms[v].name + "\" (" + std::to_string(std::lround(mhz[v])) + " MHz, " +
                                          std::to_string(std::lround(vms[v].memory_bytes / bytes_per_mib)) +
                                          " MiB) fits on no host at the start; add hosts or raise cpu_overcommit");
    }
    return host_of;
}

Status check_options(const Trace& trace, const SimulationOptions& options) {
    if (Status ok = check_trace(trace); !ok) return ok;
    if (Status ok = check_groups(host_groups(options)); !ok) return ok;
    if (Status ok = check_types(vm_types(options)); !ok) return ok;
    if (Status ok = check_model("the simulation's", options.truth); !ok) return ok;
    if (Status ok = check_model("the policy's", options.belief); !ok) return ok;
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

std::vector<double> configured_mhz(const Trace& trace, const SimulationOptions& options) {
    const std::vector<VmType> types = vm_types(options);
    std::vector<double> mhz(trace.vm_count());
    for (std::size_t v = 0; v < mhz.size(); ++v) {
        const VmType& type = types[type_of(v, mhz.size(), types.size(), options.vm_type_assignment)];
        mhz[v] = type.vcpus * type.mhz_per_vcpu;
    }
    return mhz;
}

Result<Cluster> make_initial_cluster(const Trace& trace, const SimulationOptions& options) {
    if (Status ok = check_options(trace, options); !ok) return tl::unexpected(ok.error());
    const std::vector<VmType> types = vm_types(options);
    const std::vector<double> mhz = configured_mhz(trace, options);
    std::vector<VmSpec> vms(trace.vm_count());
    for (std::size_t v = 0; v < vms.size(); ++v) {
        const VmType& type = types[type_of(v, vms.size(), types.size(), options.vm_type_assignment)];
        vms[v].name = trace.vm_names[v];
        vms[v].vcpus = type.vcpus;
        vms[v].memory_bytes = type.memory_bytes;
    }
    std::vector<HostSpec> hosts = make_hosts(host_groups(options), options.host_order);
    const Result<std::vector<HostId>> host_of = place(hosts, vms, mhz, options.cpu_overcommit);
    if (!host_of) return tl::unexpected(host_of.error());

    ClusterBuilder builder;
    for (HostSpec& host : hosts) builder.add_host(std::move(host));
    const std::span<const float> first = trace.interval(0);
    for (std::size_t v = 0; v < vms.size(); ++v) {
        VmState state;
        state.host = (*host_of)[v];
        state.demand = ResourceVector(static_cast<double>(first[v]) / 100.0 * mhz[v], vms[v].memory_bytes);
        builder.add_vm(std::move(vms[v]), state);
    }
    return std::move(builder).build();
}

}  // namespace ballast
