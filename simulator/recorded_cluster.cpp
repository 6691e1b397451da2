// SPDX-License-Identifier: Apache-2.0
#include "simulator/recorded_cluster.hpp"

#include <optional>

namespace ballast {

Status check_replayable(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        if (cluster.state(HostId(h)).reachable) continue;
        return fail(ErrorKind::usage, "host \"" + cluster.spec(HostId(h)).name +
                                          "\" did not answer when the snapshot was taken, so what runs there is not "
                                          "known; take one when all hosts answer, or take the host out of it");
    }
    return {};
}

void take_from_snapshot(const Snapshot& snapshot, const TraceInfo& trace, std::vector<VmSpec>& vms,
                        std::vector<HostId>& host_of) {
    const Cluster& cluster = snapshot.cluster;
    for (std::size_t v = 0; v < trace.vms.size(); ++v) {
        const std::optional<VmId> known = cluster.inventory().find_vm(trace.vms[v].name);
        if (!known) continue;
        vms[v] = cluster.spec(*known);
        const bool lives = trace.vms[v].first_interval == 0 && trace.vms[v].end_interval > 0;
        if (lives) host_of[v] = cluster.state(*known).host;
    }
}

std::set<std::string> known_vms(const Snapshot& snapshot, const TraceInfo& trace) {
    std::set<std::string> names;
    for (const VmSpec& vm : snapshot.cluster.inventory().vms()) names.insert(vm.name);
    for (const TraceVm& vm : trace.vms) names.insert(vm.name);
    return names;
}

}  // namespace ballast
