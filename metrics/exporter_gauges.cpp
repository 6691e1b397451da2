// SPDX-License-Identifier: Apache-2.0
#include "metrics/exporter_gauges.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace ballast {

namespace {

constexpr double hertz_per_mhz = 1e6;

using HostValue = std::function<double(const Cluster&, HostId)>;

SampleFamily gauge(const char* name, const char* help) { return {name, help, SampleKind::gauge, {}}; }

// A figure of the hosts that answer; the others have none.
SampleFamily per_answering_host(const Cluster& cluster, const char* name, const char* help, const HostValue& value) {
    SampleFamily family = gauge(name, help);
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId host(h);
        if (!cluster.state(host).reachable) continue;
        family.samples.push_back({{{"host", cluster.spec(host).name}}, value(cluster, host)});
    }
    return family;
}

// One figure of each host, whether it answers or not.
SampleFamily per_host(const Cluster& cluster, const char* name, const char* help, const HostValue& value) {
    SampleFamily family = gauge(name, help);
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        family.samples.push_back({{{"host", cluster.spec(HostId(h)).name}}, value(cluster, HostId(h))});
    }
    return family;
}

std::string as_label(PowerState state) {
    std::string text(name(state));
    std::replace(text.begin(), text.end(), ' ', '-');
    return text;
}

SampleFamily power_states(const Cluster& cluster) {
    SampleFamily family = gauge("ballast_host_power_state", "1 for the power state that the host is in, 0 for others.");
    constexpr std::array states = {PowerState::on, PowerState::going_to_sleep, PowerState::asleep, PowerState::waking};
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        for (const PowerState state : states) {
            const bool is = cluster.state(HostId(h)).power == state;
            family.samples.push_back(
                {{{"host", cluster.spec(HostId(h)).name}, {"state", as_label(state)}}, is ? 1.0 : 0.0});
        }
    }
    return family;
}

void add_cluster_gauges(std::vector<SampleFamily>& families, const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    double unsampled = 0.0;
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) unsampled += cluster.state(VmId(v)).sampled ? 0.0 : 1.0;
    const auto add = [&](const char* name, const char* help, double value) {
        families.push_back(gauge(name, help));
        families.back().samples.push_back({{}, value});
    };
    add("ballast_vms", "VMs in the cluster.", static_cast<double>(cluster.vm_count()));
    add("ballast_vms_unsampled", "VMs without a fresh CPU sample.", unsampled);
    add("ballast_rule_warnings", "Rules that the operator should look at, as `ballast status` says.",
        static_cast<double>(cluster.inventory().rule_warnings().size()));
    add("ballast_cycle_timestamp_seconds",
        "When the newest snapshot was taken; time() minus this is the age of every figure here.", snapshot.unix_time_s);
}

}  // namespace

std::vector<SampleFamily> snapshot_gauges(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    std::vector<SampleFamily> families;
    const auto all = [&](const char* name, const char* help, const HostValue& value) {
        families.push_back(per_host(cluster, name, help, value));
    };
    const auto answering = [&](const char* name, const char* help, const HostValue& value) {
        families.push_back(per_answering_host(cluster, name, help, value));
    };
    all("ballast_host_reachable", "1 if the host's hypervisor answered, or the host sleeps as it should; 0 if not.",
        [](const Cluster& c, HostId h) { return c.state(h).reachable ? 1.0 : 0.0; });
    all("ballast_host_asleep", "Whether the host was put to sleep by Ballast (1) or not (0).",
        [](const Cluster& c, HostId h) { return c.state(h).power == PowerState::asleep ? 1.0 : 0.0; });
    all("ballast_host_maintenance", "Whether the host is drained or in maintenance (1) or not (0).",
        [](const Cluster& c, HostId h) { return c.state(h).maintenance ? 1.0 : 0.0; });
    families.push_back(power_states(cluster));
    answering("ballast_host_cpu_usage_ratio",
              "CPU in use over usable CPU, by guests and the host itself; above 1 = short.",
              [](const Cluster& c, HostId h) { return c.cpu_utilisation(h); });
    answering("ballast_host_cpu_usable_hertz", "CPU capacity after the host's reserve: CPUs times nominal frequency.",
              [](const Cluster& c, HostId h) { return c.usable(h).cpu_mhz() * hertz_per_mhz; });
    answering("ballast_host_cpu_capacity_hertz", "CPU capacity: CPUs times nominal frequency.",
              [](const Cluster& c, HostId h) { return c.spec(h).capacity.cpu_mhz() * hertz_per_mhz; });
    answering("ballast_host_memory_used_bytes", "Configured memory of the guests, and of what is paused or arriving.",
              [](const Cluster& c, HostId h) { return c.used(h).memory_bytes(); });
    answering("ballast_host_memory_usable_bytes", "Memory after the host's reserve.",
              [](const Cluster& c, HostId h) { return c.usable(h).memory_bytes(); });
    answering("ballast_host_vms", "Running VMs.",
              [](const Cluster& c, HostId h) { return static_cast<double>(c.vms_on(h).size()); });
    add_cluster_gauges(families, snapshot);
    return families;
}

std::vector<SampleFamily> vm_gauges(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    std::vector<SampleFamily> families = {
        gauge("ballast_vm_cpu_demand_hertz", "CPU that the VM needs now."),
        gauge("ballast_vm_memory_bytes", "Configured memory of the VM."),
        gauge("ballast_vm_sampled", "1 if the VM's CPU sample is fresh, 0 if the last known one is shown."),
    };
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        const VmId vm(v);
        const std::vector<SampleLabel> labels = {{"vm", cluster.spec(vm).name},
                                                 {"host", cluster.spec(cluster.state(vm).host).name}};
        families[0].samples.push_back({labels, cluster.cpu_mhz(vm) * hertz_per_mhz});
        families[1].samples.push_back({labels, cluster.spec(vm).memory_bytes});
        families[2].samples.push_back({labels, cluster.state(vm).sampled ? 1.0 : 0.0});
    }
    return families;
}

}  // namespace ballast
