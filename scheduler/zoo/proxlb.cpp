// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/proxlb.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { balanciness, cpu, vm_period };

constexpr std::array<PolicyOptionHelp, 3> option_table = {{
    {"balanciness", "fraction", 0.10, 0.0, 1.0, "the fullest node may be so much fuller than the emptiest one"},
    {"cpu", "count", 0.0, 0.0, 1.0, "method: 0 = memory, 1 = CPU"},
    {"vm_period", "s", 3600.0, 0.0, 604800.0, "guests' CPU loads are means over it; nodes' are those of the moment"},
}};

constexpr PolicyHelp help{
    "proxlb", "ProxLB 2.2.0, greedy engine, mode used: guests leave the fullest node for the emptiest", option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> values) {
    return mean_mhz(input.cluster, input.history, values[vm_period]);
}

class Greedy {
  public:
    Greedy(const PolicyInput& input, Peer& peer, std::span<const double> values)
        : peer_(peer), values_(values), used_(input.cluster.host_count(), 0.0) {
        for (const HostId host : peer.hosts()) {
            used_[host.index()] =
                by_cpu() ? peer.placement().utilisation(host, Resource::cpu) : peer.loads().memory(host);
        }
    }

    void run() {
        if (peer_.hosts().empty()) return;
        Reason reason;
        reason.code = ReasonCode::balanced;
        reason.value = distance();
        reason.limit = values_[balanciness];
        if (reason.value > reason.limit) {
            for (const UnitId unit : groups()) relocate(unit);
            reason.value = distance();
            if (reason.value > reason.limit) reason.code = ReasonCode::no_gain;
        }
        peer_.explain_hosts(reason);
    }

  private:
    [[nodiscard]] bool by_cpu() const { return values_[cpu] > 0.0; }
    [[nodiscard]] HostId extreme(bool fullest) const {
        const auto less = [&](HostId a, HostId b) { return used_[a.index()] < used_[b.index()]; };
        const auto hosts = peer_.hosts();
        return fullest ? *std::max_element(hosts.begin(), hosts.end(), less)
                       : *std::min_element(hosts.begin(), hosts.end(), less);
    }
    [[nodiscard]] double distance() const { return used_[extreme(true).index()] - used_[extreme(false).index()]; }

    // By number of members, then by memory in use, small first.
    std::vector<UnitId> groups() {
        std::vector<UnitId> result;
        for (const HostId host : peer_.hosts()) {
            const std::vector<UnitId> units = peer_.movable_units(host);
            result.insert(result.end(), units.begin(), units.end());
        }
        std::sort(result.begin(), result.end());
        const auto size = [&](UnitId unit) { return peer_.draft().units().members(unit).size(); };
        std::stable_sort(result.begin(), result.end(), [&](UnitId a, UnitId b) {
            return size(a) != size(b) ? size(a) < size(b) : peer_.memory_bytes(a) < peer_.memory_bytes(b);
        });
        return result;
    }

    // Only while its node is the fullest; only memory is looked at. What the platform refuses does not happen.
    void relocate(UnitId unit) {
        const HostId from = peer_.placement().host_of(VmId(unit.index()));
        const HostId to = extreme(false);
        if (extreme(true) != from || to == from) return;
        Reason reason;
        reason.code = ReasonCode::lower_imbalance;
        reason.value = distance();
        const double need = by_cpu() ? peer_.cpu_mhz(unit) : peer_.memory_bytes(unit);
        const double free_bytes = peer_.cluster().usable(to).memory_bytes() - peer_.loads().memory_bytes(to);
        if (peer_.memory_bytes(unit) >= free_bytes) {
            reason.code = ReasonCode::no_destination;
            return peer_.draft().stay(unit, reason);
        }
        const Resource resource = by_cpu() ? Resource::cpu : Resource::memory;
        const double before_from = used_[from.index()];
        const double before_to = used_[to.index()];
        used_[from.index()] -= need / peer_.cluster().usable(from)[resource];
        used_[to.index()] += need / peer_.cluster().usable(to)[resource];
        reason.limit = distance();
        if (peer_.move(unit, to, reason)) return;
        used_[from.index()] = before_from;
        used_[to.index()] = before_to;
    }

    Peer& peer_;
    std::span<const double> values_;
    std::vector<double> used_;  // by host: ProxLB's used_percent of the method, as a fraction
};

void decide(const PolicyInput& input, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    Greedy(input, peer, values).run();
}

}  // namespace

const PolicyHelp& proxlb_help() { return help; }

Result<std::unique_ptr<Policy>> make_proxlb(std::string_view options) {
    return make_table_policy({help, load_of, decide, balanciness}, options);
}

}  // namespace ballast::zoo
