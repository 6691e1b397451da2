// SPDX-License-Identifier: Apache-2.0
#include "executor/spare_check.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace ballast {

namespace {

class Failure {
  public:
    Failure(const Cluster& cluster, const Occupancy& occupancy, HostId asleep)
        : cluster_(cluster), occupancy_(occupancy), up_(occupancy.on), free_(cluster.host_count()) {
        up_[asleep.index()] = false;
        for (std::size_t h = 0; h < cluster.host_count(); ++h) {
            free_[h] = cluster.usable(HostId(h)) - cluster.state(HostId(h)).overhead;
        }
        for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
            free_[occupancy.host_of[v].index()] -= cluster.footprint(VmId(v));
        }
    }

    void fail(HostId host) { up_[host.index()] = false; }
    [[nodiscard]] bool is_up(HostId host) const { return up_[host.index()]; }

    // Of those that are up; invalid if there is none.
    [[nodiscard]] HostId with_most_memory() const {
        HostId most;
        for (std::size_t h = 0; h < up_.size(); ++h) {
            const bool larger =
                !most.valid() || cluster_.usable(HostId(h)).memory_bytes() > cluster_.usable(most).memory_bytes();
            if (up_[h] && larger) most = HostId(h);
        }
        return most;
    }

    // The first VM of a host that failed which finds no room; invalid if all do.
    [[nodiscard]] VmId homeless() {
        std::vector<VmId> fallen;
        for (std::size_t v = 0; v < cluster_.vm_count(); ++v) {
            const HostId host = occupancy_.host_of[v];
            // What is on hosts that were off or silent before is no consequence of this one.
            if (occupancy_.on[host.index()] && !is_up(host)) fallen.emplace_back(v);
        }
        std::stable_sort(fallen.begin(), fallen.end(), [&](VmId a, VmId b) {
            return cluster_.footprint(a).memory_bytes() > cluster_.footprint(b).memory_bytes();
        });
        for (const VmId vm : fallen) {
            const HostId taker = roomiest_for(vm);
            if (!taker.valid()) return vm;
            free_[taker.index()] -= cluster_.footprint(vm);
        }
        return {};
    }

  private:
    [[nodiscard]] HostId roomiest_for(VmId vm) const {
        const ResourceVector needs = cluster_.footprint(vm);
        HostId best;
        for (std::size_t h = 0; h < up_.size(); ++h) {
            const bool fits_here = up_[h] && fits(Resource::memory, needs.memory_bytes(), free_[h].memory_bytes()) &&
                                   fits(Resource::cpu, needs.cpu_mhz(), free_[h].cpu_mhz());
            const bool roomier = !best.valid() || free_[h].memory_bytes() > free_[best.index()].memory_bytes();
            if (fits_here && roomier) best = HostId(h);
        }
        return best;
    }

    const Cluster& cluster_;
    const Occupancy& occupancy_;
    std::vector<bool> up_;
    std::vector<ResourceVector> free_;
};

}  // namespace

Occupancy occupancy_of(const Cluster& cluster) {
    Occupancy occupancy;
    for (const VmState& vm : cluster.state().vms) occupancy.host_of.push_back(vm.host);
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostState& state = cluster.state(HostId(h));
        occupancy.on.push_back(state.reachable && !state.maintenance && state.power == PowerState::on);
    }
    return occupancy;
}

std::optional<std::string> objection_to_sleep(const Cluster& cluster, const Occupancy& occupancy, HostId host,
                                              int spare) {
    BALLAST_CHECK(occupancy.host_of.size() == cluster.vm_count() && occupancy.on.size() == cluster.host_count(),
                  "the occupancy is of this cluster");
    if (spare <= 0) return std::nullopt;
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        Failure failure(cluster, occupancy, host);
        if (!failure.is_up(HostId(h))) continue;
        failure.fail(HostId(h));
        std::string others;
        for (int more = 1; more < spare; ++more) {
            const HostId next = failure.with_most_memory();
            if (!next.valid()) break;
            failure.fail(next);
            others += " and " + cluster.spec(next).name;
        }
        if (const VmId vm = failure.homeless(); vm.valid()) {
            return "with " + cluster.spec(host).name + " asleep, no host would have room for " + cluster.spec(vm).name +
                   " if " + cluster.spec(HostId(h)).name + others + " failed";
        }
    }
    return std::nullopt;
}

}  // namespace ballast
