// SPDX-License-Identifier: Apache-2.0
#include "metrics/exporter_gauges.hpp"

#include <functional>
#include <optional>

namespace ballast {

namespace {

constexpr double hertz_per_mhz = 1e6;

using HostValue = std::function<std::optional<double>(const Cluster&, HostId)>;

// A figure of a host that answers; hosts that do not have none.
GaugeFamily per_answering_host(const Cluster& cluster, const char* name, const char* help, const HostValue& value) {
    GaugeFamily family{name, help, {}};
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        if (!cluster.state(host).reachable) continue;
        if (const auto number = value(cluster, host)) family.samples.push_back({cluster.spec(host).name, {}, *number});
    }
    return family;
}

std::optional<double> watts(const Cluster& cluster, HostId host) {
    const std::optional<HostPower>& power = cluster.spec(host).power;
    if (!power) return std::nullopt;
    switch (cluster.state(host).power) {
        case PowerState::on: return power->curve.watts(cluster.cpu_utilisation(host));
        case PowerState::asleep: return power->sleep_watts;
        case PowerState::waking:
        case PowerState::going_to_sleep: return power->boot_watts > 0.0 ? power->boot_watts : power->curve.peak_watts();
    }
    return std::nullopt;
}

}  // namespace

std::vector<GaugeFamily> snapshot_gauges(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    std::vector<GaugeFamily> families;

    GaugeFamily reachable{"ballast_host_reachable",
                          "1 if the host's hypervisor answered, or the host sleeps as it should; 0 if not.",
                          {}};
    GaugeFamily asleep{"ballast_host_asleep", "Whether the host was put to sleep by Ballast (1) or not (0).", {}};
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        reachable.samples.push_back({cluster.spec(host).name, {}, cluster.state(host).reachable ? 1.0 : 0.0});
        const bool sleeps = cluster.state(host).power == PowerState::asleep;
        asleep.samples.push_back({cluster.spec(host).name, {}, sleeps ? 1.0 : 0.0});
    }
    families.push_back(std::move(reachable));
    families.push_back(std::move(asleep));

    const auto add = [&](const char* name, const char* help, const HostValue& value) {
        families.push_back(per_answering_host(cluster, name, help, value));
    };
    add("ballast_host_cpu_usage_ratio", "CPU in use over usable CPU, by guests and the host itself; above 1 = short.",
        [](const Cluster& c, HostId h) { return c.cpu_utilisation(h); });
    add("ballast_host_cpu_usable_hertz", "CPU capacity after the host's reserve: CPUs times nominal frequency.",
        [](const Cluster& c, HostId h) { return c.usable(h).cpu_mhz() * hertz_per_mhz; });
    add("ballast_host_cpu_capacity_hertz", "CPU capacity: CPUs times nominal frequency.",
        [](const Cluster& c, HostId h) { return c.spec(h).capacity.cpu_mhz() * hertz_per_mhz; });
    add("ballast_host_memory_used_bytes", "Configured memory of the guests, and of what is paused or arriving.",
        [](const Cluster& c, HostId h) { return c.used(h).memory_bytes(); });
    add("ballast_host_memory_usable_bytes", "Memory after the host's reserve.",
        [](const Cluster& c, HostId h) { return c.usable(h).memory_bytes(); });
    add("ballast_host_vms", "Running VMs.",
        [](const Cluster& c, HostId h) { return static_cast<double>(c.vms_on(h).size()); });
    add("ballast_host_power_watts", "Power drawn by the host; source=\"model\": from its power curve and CPU usage.",
        watts);
    for (GaugeSample& sample : families.back().samples) sample.source = "model";

    double unsampled = 0.0;
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) unsampled += cluster.state(VmId(v)).sampled ? 0.0 : 1.0;
    families.push_back({"ballast_vms", "VMs in the cluster.", {{{}, {}, static_cast<double>(cluster.vm_count())}}});
    families.push_back({"ballast_vms_unsampled", "VMs without a fresh CPU sample.", {{{}, {}, unsampled}}});
    families.push_back({"ballast_cycle_timestamp_seconds",
                        "When the newest snapshot was taken; time() minus this is the age of every figure here.",
                        {{{}, {}, snapshot.unix_time_s}}});
    return families;
}

}  // namespace ballast
