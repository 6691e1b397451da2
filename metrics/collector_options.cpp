// SPDX-License-Identifier: Apache-2.0
#include "metrics/collector_options.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace ballast {

Status check_options(const CollectorOptions& options) {
    if (options.hosts.empty()) return fail(ErrorKind::usage, "no host is configured; name at least one with its URI");
    std::set<std::string> names;
    for (const HostOptions& host : options.hosts) {
        if (host.name.empty()) return fail(ErrorKind::usage, "a host has no name");
        const std::string who = "host \"" + host.name + "\": ";
        if (!names.insert(host.name).second) return fail(ErrorKind::usage, who + "the name is used twice");
        if (host.uri.empty()) return fail(ErrorKind::usage, who + "has no URI, such as qemu+tcp://192.0.2.1/system");
        if (!host.capacity.is_quantity() || !host.reserve.is_quantity() || !(host.mhz_per_cpu >= 0.0) ||
            !std::isfinite(host.mhz_per_cpu)) {
            return fail(ErrorKind::usage, who + "capacity and reserve must be finite and not negative");
        }
    }
    std::set<std::string> vm_names;
    for (const VmOptions& vm : options.vms) {
        if (!vm_names.insert(vm.name).second) {
            return fail(ErrorKind::usage, "VM \"" + vm.name + "\": two [[vm]] have this name");
        }
    }
    const auto positive = [](double value) { return std::isfinite(value) && value > 0.0; };
    if (!positive(options.interval_s)) return fail(ErrorKind::usage, "the sampling interval must be positive");
    if (!positive(options.deadline_s))
        return fail(ErrorKind::usage, "the deadline for a host's answer must be positive");
    if (options.samples_max == 0) return fail(ErrorKind::usage, "the window must hold at least one sample");
    return {};
}

Priority priority_of(const VmSpec& vm, const std::vector<PriorityOptions>& priorities) {
    const auto has = [](const std::vector<std::string>& words, const std::string& word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    const auto found = std::find_if(priorities.begin(), priorities.end(), [&](const PriorityOptions& options) {
        return has(options.vms, vm.name) || std::any_of(vm.labels.begin(), vm.labels.end(), [&](const auto& label) {
                   return has(options.vm_labels, label);
               });
    });
    return found == priorities.end() ? Priority::normal : found->priority;
}

}  // namespace ballast
