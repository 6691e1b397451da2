// SPDX-License-Identifier: Apache-2.0
// What the operator tells a collector: the hosts, their capacity where it should not be taken from them, the rules, and
// how often and how patiently to look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/host.hpp"
#include "core/result.hpp"
#include "core/rules.hpp"
#include "core/vm.hpp"

namespace ballast {

enum class HostCpuSource : std::uint8_t {
    guests,  // a host's load is the sum of its guests'; for hosts that share one kernel, as in the test cluster
    node,    // the node's own counters: what is not the guests' is the host's overhead
};

struct HostOptions {
    std::string name;
    std::string uri;
    std::string migration_address;
    // Capacity; a component of 0 is taken from the host (cpu, memory) or not measured (network, disk I/O).
    ResourceVector capacity;
    double mhz_per_cpu = 0.0;  // 0 = what the host says, or else capacity.cpu over its CPUs
    ResourceVector reserve;
    std::optional<HostPower> power;
    bool maintenance = false;  // the operator took it out: its VMs leave and none comes
    std::vector<std::string> labels;
    std::string rack;
    std::string zone;
    std::vector<std::string> provides;
    double cpu_overcommit = 0.0;  // virtual CPUs per physical CPU thread at most; 0 = no limit
};

// What the operator says of a VM, which need not be there.
struct VmOptions {
    std::string name;  // distinct
    std::vector<std::string> labels;
    std::vector<std::string> needs;
};

// Which VMs have another priority than normal.
struct PriorityOptions {
    Priority priority = Priority::normal;
    std::vector<std::string> vms;        // by name; need not be there
    std::vector<std::string> vm_labels;  // or who has one of these
};

struct CollectorOptions {
    std::vector<HostOptions> hosts;  // in the order of their HostIds
    std::vector<VmOptions> vms;
    std::vector<PriorityOptions> priorities;  // the first that selects a VM counts
    std::vector<RuleSpec> rules;
    std::size_t samples_max = 100;  // kept per VM; goal auto looks back over 900 s
    double interval_s = 10.0;       // between two observations, roughly
    double deadline_s = 5.0;        // a host that takes longer counts as not reachable this time
    HostCpuSource host_cpu = HostCpuSource::node;
};

// Usage error for options that cannot work: no host, a name twice, no URI, a quantity or period that is none.
[[nodiscard]] Status check_options(const CollectorOptions& options);

// As the first that selects the VM by its name or one of its labels says, or else normal.
[[nodiscard]] Priority priority_of(const VmSpec& vm, const std::vector<PriorityOptions>& priorities);

}  // namespace ballast
